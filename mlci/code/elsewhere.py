"""Reports of tests and of coverage that were made elsewhere, taken in place of running pytest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mlci.code.coverage import Measured
from mlci.code.junit import TestRun, merged, read_junit
from mlci.config.code import CodeGate
from mlci.errors import CannotRun
from mlci.git import Repository
from mlci.locations import is_pattern

_SLACK_S = 2.0
"""Clocks and file systems that count in whole seconds."""
_NAMED = 3


def read_tests(code: CodeGate, root: Path) -> tuple[TestRun, ...]:
    """Return the tests in the reports that `code.junit` names, each once: one that several have counts as its worst.

    Raises:
        CannotRun: there is no such report, or one cannot be read.
    """
    tests = (test for path in _reports(code, root) for test in read_junit(path, path.relative_to(root).as_posix()))
    return tuple(merged(tests).values())


def _reports(code: CodeGate, root: Path) -> Iterator[Path]:
    for name in code.reports:
        found = sorted(root.glob(name)) if is_pattern(name) else [root / name]
        if not found:
            raise CannotRun(f"`code.junit`: no file matches {name}", fix="Run what writes it before mlci.")
        yield from found


def outdated(made: datetime, root: Path, files: list[str], repository: Repository | None) -> str | None:
    """Return why a report made then is not of the `files` as they are now; None where nothing says so.

    A report is older than what it should be about where it is older than the commit that is checked out, or than a file
    with changes that are not committed. Times of other files tell when they were checked out, and nothing else.
    """
    if repository is None:
        return None
    told = repository.ask("show", "-s", "--format=%ct", "HEAD")
    if told and told.isdigit() and made.timestamp() + _SLACK_S < int(told):
        when = datetime.fromtimestamp(int(told), UTC)
        return f"it was made {_since(made)}, before the commit that is checked out ({_since(when)})"
    dirty = (repository.run("diff", "--name-only", "-z", "HEAD").stdout or b"").decode("utf-8", "replace").split("\0")
    top = repository.top.resolve()
    changed = {top / name for name in dirty if name}
    newer = [name for name in files if _is_newer(root.resolve() / name, made, changed)]
    return f"it is older than {_listed(newer)}" if newer else None


def _is_newer(path: Path, made: datetime, changed: set[Path]) -> bool:
    return path in changed and path.is_file() and path.stat().st_mtime > made.timestamp() + _SLACK_S


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _since(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def of_another_state(measured: Measured, root: Path) -> str | None:
    """Return a file of which lines were measured that it does not have: a report of another state of it."""
    for name, lines in sorted(measured.lines.items()):
        path = root / name
        highest = max(lines.executed | lines.missing, default=0)
        if highest and path.is_file() and highest > path.read_bytes().count(b"\n") + 1:
            return f"it tells of line {highest} of {name}, which has fewer: it is of another state of the code"
    return None


def made_at(path: Path, measured: Measured) -> datetime:
    """Return when a report was made: by what it says, else by the time of its file."""
    return measured.made or datetime.fromtimestamp(path.stat().st_mtime, UTC)
