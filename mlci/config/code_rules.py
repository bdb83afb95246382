"""What `code:` must keep to beyond the shape of its keys."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.config.code import CodeGate, Coverage
from mlci.places import Key

Problem = tuple[Key, str, str]
_CODE = "code"
_OF_PYTEST = ("pytest", "rerun-failed", "notebooks", "doctests")
_WHOLE = 100


def problems_of_code(code: CodeGate | None) -> Iterator[Problem]:
    """Give what is wrong with the code gate."""
    if code is None:
        return
    if code.timeout <= 0:
        yield (_CODE, "timeout"), "must be above 0", ""
    if code.rerun_failed < 0:
        yield (_CODE, "rerun-failed"), "must not be negative", ""
    for key in _OF_PYTEST:
        if not code.runs and getattr(code, key.replace("-", "_")):
            fix = "Take one of them out: pytest does not run where reports made elsewhere are read."
            yield (_CODE, key), "stands beside `junit` or `coverage-file`", fix
    if not code.runs and code.coverage is not None and code.coverage_file is None:
        yield (_CODE, "coverage"), "needs `coverage-file`", "Only reports of tests are read, and none of coverage."
    if code.coverage is not None:
        yield from _coverage(code.coverage)


def _coverage(coverage: Coverage) -> Iterator[Problem]:
    key: Key = (_CODE, "coverage")
    for name in ("total", "changed-lines", "each-file", "branches"):
        yield from _percent((*key, name), getattr(coverage, name.replace("-", "_")))
    for part in ("files", "folders"):
        for name, lowest in getattr(coverage, part).items():
            yield from _percent((*key, part, name), lowest)
    if coverage.max_drop is not None and coverage.max_drop < 0:
        yield (*key, "max-drop"), "must not be negative", ""


def _percent(key: Key, value: float | None) -> Iterator[Problem]:
    if value is not None and not 0 <= value <= _WHOLE:
        yield key, "must be between 0 and 100", ""
