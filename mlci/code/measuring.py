"""The report of coverage under the project's own names of files, and what the change did to these files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path, PurePosixPath

from mlci.changed.lines import ChangedFile, changed_lines
from mlci.code.coverage import Measured
from mlci.code.elsewhere import made_at, of_another_state, outdated
from mlci.code.formats import read_coverage
from mlci.code.locating import located
from mlci.config.code import CodeGate
from mlci.errors import CannotRun, Where
from mlci.gates import Context
from mlci.results.model import Check

REPORT = "code.coverage.report"
_NEVER_IMPORTED = re.compile(r"Module (\S+) was never imported")
_TESTS = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup|noxfile)\.py$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was measured, and what there is to say of the report itself."""

    measured: Measured
    notes: tuple[Check, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What the change did to files, by their paths below the folder of `mlci.yaml`."""

    files: Mapping[str, ChangedFile] = field(default_factory=dict)
    since: str = ""
    """The base in words."""
    unmeasured: tuple[str, ...] = ()
    """Changed files of Python beside those that were measured, which were not."""
    problem: str | None = None
    """Why nothing is known."""
    broken: bool = False
    """Whether it should be known."""

    @property
    def moved(self) -> dict[str, str]:
        """The paths that files had, by their paths now."""
        return {name: file.was for name, file in self.files.items() if file.was is not None}


def measured_at(context: Context, code: CodeGate, report: Path, *, printed: str) -> Found:
    """Return the coverage in `report`; raise `CannotRun` where it cannot be relied on.

    `printed` is what pytest said, which may be that a name in `code.source` was never imported.
    """
    elsewhere = not code.runs
    name = code.coverage_file or ""
    if not elsewhere and not report.exists():
        fix = "Take `--no-cov` and the like out of pytest's options, or leave `code.coverage` out."
        raise CannotRun("pytest-cov left no coverage report", fix=fix)
    measured = read_coverage(report, name) if elsewhere else read_coverage(report)
    unseen = [module for module in _NEVER_IMPORTED.findall(printed) if module in code.source]
    if unseen:
        raise CannotRun(f'nothing of "{unseen[0]}" in `code.source` was measured', fix="Correct the name.")
    names = located(measured, context.root, folders=code.source)
    if elsewhere and not names:
        first = next(iter(measured.files))
        raise CannotRun(f"{name} tells of no file of this project; the first that it names is {first}")
    own = _named(measured, names)
    if not elsewhere:
        return Found(measured=own)
    if fault := of_another_state(replace(own, lines={name: own.lines[name] for name in names.values()}), context.root):
        raise CannotRun(f"{name} cannot be used: {fault}", fix="Make it again.")
    return Found(measured=own, notes=tuple(_notes(context, report, own, len(names))))


def _named(measured: Measured, names: Mapping[str, str]) -> Measured:
    """Return what was measured by the project's own names; what lies outside keeps the report's."""
    return replace(
        measured,
        files={names.get(name, name): counts for name, counts in measured.files.items()},
        lines={names.get(name, name): lines for name, lines in measured.lines.items()},
    )


def _notes(context: Context, report: Path, measured: Measured, known: int) -> Iterable[Check]:
    name = report.relative_to(context.root).as_posix() if report.is_relative_to(context.root) else str(report)
    made = made_at(report, measured)
    old = outdated(made, context.root, list(measured.files), context.repository)
    outside = len(measured.files) - known
    reasons = [f"{name} is not of the code as it is: {old}"] if old else []
    reasons += [f"{outside} of the files in {name} are none of this project's"] if outside else []
    told = made.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    yield Check(
        id=REPORT,
        status="warned" if reasons else "passed",
        severity="warning",
        summary=f"coverage was read from {name}, made {told}",
        reason="; ".join(reasons) or None,
        where=Where(path=name) if reasons else None,
    )


def change_of(context: Context, measured: Iterable[str]) -> Change:
    """Return what the change did to the files `measured`, and to those of Python beside them."""
    repository = context.repository
    if context.at_base:
        return Change(problem="this is the base")
    if repository is None:
        return Change(problem="not a git repository")
    base = context.find_base()
    if base.commit is None:
        return Change(problem=base.note, broken=base.broken)
    folder = repository.folder(context.root)
    known = frozenset(measured)
    beside = {str(PurePosixPath(name).parent) for name in known}
    changed = changed_lines(repository, base.commit, lambda name: _is_near(_own(name, folder), known, beside))
    files = {own: _below(file, folder) for name, file in changed.items() if (own := _own(name, folder)) is not None}
    unmeasured = [
        name
        for name, file in files.items()
        if name not in known and file.lines and str(PurePosixPath(name).parent) in beside and not _TESTS.search(name)
    ]
    return Change(files=files, since=f"since {base.commit[:10]} ({base.note})", unmeasured=tuple(sorted(unmeasured)))


def _is_near(own: str | None, known: frozenset[str], beside: set[str]) -> bool:
    """Whether a file was measured, or is one of Python in a folder with files that were."""
    return own is not None and (own in known or (own.endswith(".py") and str(PurePosixPath(own).parent) in beside))


def _own(name: str, folder: str) -> str | None:
    """Return a path relative to the top of the repository as one below the folder of `mlci.yaml`."""
    return name[len(folder) :] if name.startswith(folder) else None


def _below(file: ChangedFile, folder: str) -> ChangedFile:
    return file if file.was is None else replace(file, was=_own(file.was, folder) or file.was)
