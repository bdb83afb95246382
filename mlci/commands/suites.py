"""Which model and which behaviour suites a command is about."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.commands.run import report_folder, request_of
from mlci.config.load import Loaded, load
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.errors import CannotRun, MlciError, UsageError, did_you_mean

if TYPE_CHECKING:
    from mlci.model.behaviour.cases import Cases
    from mlci.model.behaviour.suite import Suite
    from mlci.model.subject import Subject

    Built = list[tuple[Suite, list[Cases | MlciError]]]


def configuration(arguments: argparse.Namespace) -> Loaded:
    """Return the configuration; suites that are named need none."""
    start = Path.cwd()
    try:
        return load(arguments.config, start=start)
    except UsageError:
        if arguments.config is not None or not getattr(arguments, "suites", ()) or _exists(start):
            raise
    return Loaded(path=start / "mlci.yaml", name="mlci.yaml", config=Config(version=1), lines={})


def _exists(start: Path) -> bool:
    """Whether there is a configuration, which is then wrong and not missing."""
    from mlci.config.load import find

    try:
        find(start)
    except UsageError:
        return False
    return True


def subject_of(arguments: argparse.Namespace, loaded: Loaded, out: Path | None = None) -> Subject:
    """Return the model whose suites are meant, or one that has just the suites that are named."""
    if not arguments.suites:
        names = models_of(arguments, loaded)
        if len(names) != 1:
            raise UsageError("several models have behaviour suites", fix=f"Say which with --model: {', '.join(names)}.")
        return subject_named(arguments, loaded, names[0], loaded.config.model[names[0]], out)
    name = arguments.model or "scored"
    model = loaded.config.model[_known(arguments.model, loaded)] if arguments.model else Model()
    suites = tuple(_below(loaded.root, suite) for suite in arguments.suites)
    return subject_named(arguments, loaded, name, replace(model, behaviour=suites), out)


def models_of(arguments: argparse.Namespace, loaded: Loaded) -> list[str]:
    """Return the models that are looked through: the one named, or all that have behaviour suites."""
    if arguments.model is not None:
        return [_known(arguments.model, loaded)]
    found = [name for name, model in loaded.config.model.items() if model.behaviour]
    if not found:
        raise UsageError("no model of mlci.yaml has behaviour suites")
    return found


def _known(name: str, loaded: Loaded) -> str:
    if name not in loaded.config.model:
        fix = did_you_mean(name, loaded.config.model) or f"There are {', '.join(loaded.config.model) or 'none'}."
        raise UsageError(f'mlci.yaml has no model "{name}"', fix=fix)
    return name


def _below(root: Path, suite: str) -> str:
    path = (Path.cwd() / suite).resolve()
    if not path.is_relative_to(root.resolve()):
        raise UsageError(f"the suite {suite} must lie below {root}")
    return path.relative_to(root.resolve()).as_posix()


def subject_named(
    arguments: argparse.Namespace, loaded: Loaded, name: str, model: Model, out: Path | None = None
) -> Subject:
    """Return the model called `name` as the gate takes it."""
    from mlci.gates.running import context_of
    from mlci.model.subject import Subject

    folder = out or report_folder(arguments, loaded)
    request = request_of(arguments, loaded, gates=("model",), files=None, out=folder)
    return Subject(name=name, model=model, context=context_of(request))


def built_suites(subject: Subject) -> Built:
    """Make the cases of every suite; raise `CannotRun` where one cannot be read or a test cannot be made."""
    from mlci.model.behaviour.suite import Suite
    from mlci.model.suites import built_for, read_suites

    known: dict[Path, Any] = {}
    found: Built = []
    for suite in read_suites(subject):
        if not isinstance(suite, Suite):
            raise CannotRun(suite.reason or suite.summary, where=suite.where)
        built, _ = built_for(subject, suite, known)
        _refuse_broken(built)
        found.append((suite, built))
    if not found:
        raise UsageError(f"the model {subject.name} has no behaviour suite")
    return found


def _refuse_broken(built: Sequence[Cases | MlciError]) -> None:
    broken = next((cases for cases in built if isinstance(cases, MlciError)), None)
    if broken is not None:
        raise broken
