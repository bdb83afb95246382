"""What to tell about a test that failed, and about a pytest that did not run to its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mlci.code.junit import TestRun
from mlci.errors import CannotRun, Where
from mlci.processes import Ended
from mlci.processes.failures import place_in_dump

_LINE = 300
_LOCATIONS = (
    re.compile(r"^(?P<file>\S[^\n:]*):(?P<line>\d+): ?", re.MULTILINE),
    re.compile(r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)'),
)
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def where_failed(test: TestRun, root: Path) -> Where | None:
    """Return the last place in the project's own code that the traceback of `test` names, else where it begins.

    `root` is the folder that pytest ran in; the place is relative to it. None where the file cannot be found.
    """
    found = _last_place(test.text, root)
    if found is not None:
        return found
    path = own_path(test.file, root) if test.file else None
    return None if path is None else Where(path=path, line=test.line)


def _last_place(text: str, root: Path) -> Where | None:
    found = [match for pattern in _LOCATIONS for match in pattern.finditer(text)]
    for match in sorted(found, key=lambda match: match.start(), reverse=True):
        path = own_path(match["file"], root)
        if path is not None:
            return Where(path=path, line=int(match["line"]))
    return None


def own_path(name: str, root: Path) -> str | None:
    """Return the path of the project's file `name` relative to `root`; None for one that is not there or installed.

    pytest writes names relative to the folder it ran in, or to its root folder, which may lie above that.
    """
    home = root.resolve()
    for base in (home, *home.parents):
        path = (base / name).resolve()
        if path.is_file():
            inside = path.is_relative_to(home) and not _INSTALLED & set(path.parts)
            return path.relative_to(home).as_posix() if inside else None
    return None


def first_line(test: TestRun) -> str:
    """Return in one line why `test` did not pass."""
    if test.of_collection:
        said = [line[1:].strip() for line in test.text.splitlines() if line.startswith("E ")]
        return f"cannot be collected: {said[-1][:_LINE]}" if said else "cannot be collected"
    lines = test.message.strip().splitlines()
    return lines[0][:_LINE] if lines else "failed without a message"


def did_not_run(ended: Ended, root: Path, *, has_report: bool) -> CannotRun | None:
    """Return why what pytest left cannot be relied on, None where it ran to its end.

    pytest's own exit codes are 0 (passed), 1 (failed), 2 (interrupted, by errors of collection too), 3 (internal
    error), 4 (usage) and 5 (no test).
    """
    if ended.kind != "exit":
        return _stopped(ended, root)
    if ended.returncode not in range(6):
        last = _last_line(ended.stderr) or _last_line(ended.stdout)
        return CannotRun(f"pytest {ended.reason}, which is none of its own: {last or 'it printed nothing'}")
    if ended.returncode == 3:  # noqa: PLR2004 - listed above
        said = _marked(ended, "INTERNALERROR>")
        return CannotRun(f"pytest had an internal error: {_last_line(said)}", where=_last_place(said, root))
    if ended.returncode == 4:  # noqa: PLR2004
        return _misused(ended, root)
    if not has_report:
        return CannotRun(
            f"pytest {ended.reason} and left no report: a test, or what it calls, ended the process (os._exit)."
        )
    return None


def interrupted(ended: Ended) -> CannotRun:
    """Return the failure of a run that ended by exit code 2 though every file could be collected."""
    banner = next((line.strip("! ") for line in reversed(ended.stdout.splitlines()) if line.startswith("!!!")), "")
    return CannotRun(f"pytest was interrupted before its end{f': {banner[:_LINE]}' if banner else ''}")


def only_collection(tests: Sequence[TestRun]) -> bool:
    """Return whether pytest stopped because of files that it could not collect, and for nothing else."""
    return bool(tests) and all(test.of_collection or test.outcome == "skipped" for test in tests)


def why_failed_without_failure(ended: Ended) -> str:
    """Return why pytest failed though every test passed: a limit of pytest-cov's own, or another plugin."""
    lines = [line.strip() for text in (ended.stderr, ended.stdout) for line in text.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("FAIL ", "ERROR: "))), lines[-1] if lines else "")
    return f"no test failed, but pytest did: {said.removeprefix('ERROR: ')[:_LINE] or 'it does not say why'}"


def _stopped(ended: Ended, root: Path) -> CannotRun:
    place = place_in_dump(ended.stderr, root)
    where = Where(path=place[0], line=place[1]) if place else None
    fix = "Raise `code.timeout` in mlci.yaml if it needs longer." if ended.kind == "timeout" else ""
    return CannotRun(f"pytest {ended.reason}{'.' if fix else ''}", where=where, fix=fix)


def _misused(ended: Ended, root: Path) -> CannotRun:
    lines = [line for line in f"{ended.stderr}\n{ended.stdout}".splitlines() if line.strip()]
    loading = next((line for line in lines if line.startswith("ImportError while loading conftest")), None)
    if loading is None:
        return CannotRun(f"pytest cannot start: {_complaint(lines)[:_LINE]}")
    path = own_path(loading.partition("'")[2].rpartition("'")[0], root)
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    what = errors[-1][:_LINE] if errors else loading
    return CannotRun(f"pytest cannot load this file: {what}", where=Where(path=path) if path else None)


def _complaint(lines: list[str]) -> str:
    """Return the line that says what is wrong: that of the option parser, else the first error, else the last line."""
    for mark in (": error: ", "ERROR: "):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2]
    return lines[-1] if lines else "it printed nothing"


def _marked(ended: Ended, mark: str) -> str:
    lines = f"{ended.stderr}\n{ended.stdout}".splitlines()
    return "\n".join(line.removeprefix(mark).strip() for line in lines if line.startswith(mark))


def _last_line(text: str) -> str:
    return next((line.strip()[:_LINE] for line in reversed(text.splitlines()) if line.strip()), "")
