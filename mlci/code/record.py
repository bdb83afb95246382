"""What a baseline keeps of the code gate: how each test ended and how long it took, and the coverage of each file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from mlci.code.coverage import Counts
from mlci.code.junit import TestOutcome, TestRun

_OUTCOMES = frozenset(get_args(TestOutcome))
MOST_TESTS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class TestRecord:
    """How one test ended at the baseline."""

    __test__ = False  # its name must not make pytest take it for a test

    outcome: TestOutcome
    seconds: float
    """How long it took, with its set-up and tear-down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRecord:
    """The tests of one run of the code gate, and what of each file they covered."""

    tests: Mapping[str, TestRecord] = field(default_factory=dict)
    """The tests by id, as pytest names them: `tests/test_a.py::TestB::test_c[d]`."""
    files: Mapping[str, Counts] = field(default_factory=dict)
    """The counts of each file by its path relative to `mlci.yaml`; empty where coverage was not measured."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """The paths that files had at the base, by their paths now; it is not kept in a baseline."""


def record_of(tests: Sequence[TestRun], files: Mapping[str, Counts]) -> CodeRecord:
    """Return the record of tests that ran to their end; a file that could not be collected is no test."""
    known = {one.id: TestRecord(outcome=one.outcome, seconds=one.seconds) for one in tests if not one.of_collection}
    return CodeRecord(tests=known, files=files)


def to_plain(record: CodeRecord) -> dict[str, Any]:
    """Return the record as plain JSON."""
    return {
        "tests": {name: [one.outcome, one.seconds] for name, one in record.tests.items()},
        "files": {
            name: [one.statements, one.covered, one.branches, one.covered_branches, one.excluded]
            for name, one in record.files.items()
        },
    }


def from_plain(plain: Mapping[str, Any]) -> CodeRecord:
    """Return the record that `to_plain` wrote; raise `ValueError` for anything else."""
    tests, files = plain.get("tests"), plain.get("files")
    if not isinstance(tests, dict) or not isinstance(files, dict) or len(tests) > MOST_TESTS:
        raise ValueError("no record of tests and files")
    return CodeRecord(
        tests={name: _test(one) for name, one in tests.items()},
        files={name: _counts(one) for name, one in files.items()},
    )


def _test(value: Any) -> TestRecord:
    match value:
        case [str(outcome), (float() | int()) as seconds] if (
            outcome in _OUTCOMES and not isinstance(seconds, bool) and 0 <= seconds < float("inf")
        ):
            return TestRecord(outcome=cast("TestOutcome", outcome), seconds=float(seconds))
    raise ValueError("no outcome of a test")


def _counts(value: Any) -> Counts:
    if not isinstance(value, list) or len(value) != 5 or not all(type(one) is int and one >= 0 for one in value):  # noqa: PLR2004
        raise ValueError("no counts of a file")
    statements, covered, branches, covered_branches, excluded = value
    if covered > statements or covered_branches > branches:
        raise ValueError("more of a file is covered than there is")
    return Counts(
        statements=statements,
        covered=covered,
        branches=branches,
        covered_branches=covered_branches,
        excluded=excluded,
    )
