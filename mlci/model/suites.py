"""The behaviour suites of a model: found, read, and made into cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.config.models import Model
from mlci.errors import CannotRun, MlciError, UsageError
from mlci.model.behaviour.cases import Cases, Columns, Sources
from mlci.model.behaviour.images import Images
from mlci.model.behaviour.parse import read_suite
from mlci.model.behaviour.report import IMAGES
from mlci.model.behaviour.run import build, rows_in
from mlci.model.behaviour.suite import Suite
from mlci.model.rows import Row
from mlci.results.model import Check

if TYPE_CHECKING:
    from mlci.model.subject import Subject


def read_suites(subject: Subject) -> tuple[Suite | Check, ...]:
    """Read the behaviour suites, or say why one cannot be read; raise `UsageError` for mistakes in them."""
    found: list[Suite | Check] = []
    seen: set[Path] = set()
    for at, entry in enumerate(subject.model.behaviour):
        root, pattern = subject.context.root, entry if isinstance(entry, str) else entry.suite
        paths = [root / pattern] if (root / pattern).is_file() else _matching(root, pattern)
        if not paths:
            found.append(_no_suite(subject, pattern, at))
        for path in paths:
            if path in seen:
                continue
            seen.add(path)
            name, own = (
                (path.relative_to(root) if path.is_relative_to(root) else path).as_posix(),
                subject.context.vocabulary,
            )
            try:
                suite = read_suite(name, root=root, seed=subject.model.seed, vocabulary=own)
                found.append(_left_out(subject, suite, at) or suite)
            except CannotRun as error:
                found.append(
                    subject.errored(f"behaviour.{path.stem}", error, f"{path.name} cannot be read", "behaviour")
                )
    with subject.at("behaviour"):
        _named_apart([suite for suite in found if isinstance(suite, Suite)])
    return tuple(found)


def _left_out(subject: Subject, suite: Suite, at: int) -> Check | None:
    """Return the skipped check of a suite whose condition is not met."""
    entry = subject.model.behaviour[at]
    when = None if isinstance(entry, str) else entry.when
    identity = f"model.{subject.name}.behaviour.{suite.name}"
    key = ("model", subject.name, "behaviour", at, "when")
    return subject.context.left_out(when, identity, f"the behaviour suite {suite.name}", *key)


def _matching(root: Path, pattern: str) -> list[Path]:
    if Path(pattern).is_absolute():
        return []
    try:
        return sorted(root.glob(pattern))
    except ValueError:  # an empty pattern, or one that is none
        return []


def _named_apart(suites: Sequence[Suite]) -> None:
    """Raise `UsageError` where two suites have one name: checks and files of failing examples are called by it."""
    by_name: dict[str, str | None] = {}
    for suite in suites:
        if suite.name in by_name:
            raise UsageError(
                f'the suites {by_name[suite.name]} and {suite.path} are both called "{suite.name}"',
                fix="Give one of them another `name:`.",
            )
        by_name[suite.name] = suite.path


def _no_suite(subject: Subject, pattern: str, at: int) -> Check:
    glob = any(sign in pattern for sign in "*?[")
    return Check(
        id=f"model.{subject.name}.behaviour.{pattern}",
        status="failed" if glob else "errored",
        summary=f"no behaviour suite is called {pattern}",
        reason=f"behaviour: no file matches {pattern}" if glob else f"behaviour: there is no file {pattern}",
        where=subject.where("behaviour", at),
    )


def attachments(subject: Subject) -> Path:
    """Return the folder for failing examples and changed images."""
    return subject.context.out.absolute() / "behaviour"


def built_for(
    subject: Subject, suite: Suite, known: dict[Path, Sequence[Row]]
) -> tuple[list[Cases | MlciError], Images]:
    """Make the cases of every test of a suite of a model; return them and where changed images are."""
    root = subject.context.root
    images = Images(root=root, folder=attachments(subject) / f"{subject.name}-{suite.name}{IMAGES}")
    sources = Sources(rows=rows_in(root, suite.path, known), images=images, columns=columns_of(subject.model))
    return build(suite, sources), images


def columns_of(model: Model) -> Columns:
    """Return which columns of a data file the model takes: those that it is evaluated on."""
    if model.evaluate is None:
        return Columns()
    named = frozenset(column for column in (model.evaluate.label, model.evaluate.id) if column is not None)
    return Columns(input=model.evaluate.input, leave_out=named)
