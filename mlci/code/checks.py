"""The checks of the code gate, made from what pytest and coverage have left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlci.code.coverage import Counts, Measured, shown
from mlci.code.failures import first_line, where_failed
from mlci.code.junit import TestRun
from mlci.config.code import Coverage
from mlci.errors import MlciError, Where
from mlci.results.model import Check, failed_or_warned

TESTS = "code.tests"
COVERAGE = "code.coverage.total"
_NAMED = 3
_WITH_TRACEBACK = 50
_TRACEBACK = 4000
_LEAST_COVERED = 20


def errored(identity: str, summary: str, error: MlciError, *, output: str = "") -> Check:
    """Return the check that could not run because of `error`; `output` is the end of what was printed."""
    reason = error.says
    details = {"output": output[-_TRACEBACK:]} if output else {}
    return Check(id=identity, status="errored", summary=summary, reason=reason, where=error.where, details=details)


def of_tests(tests: Sequence[TestRun], root: Path, *, allow_empty: bool, also: str | None = None) -> tuple[Check, ...]:
    """Return one check for all `tests`, and one for each that failed; `also` is a failure that no test shows."""
    bad = sorted((test for test in tests if test.outcome in ("failed", "error")), key=_order)
    each = tuple(_of_test(test, root, traceback=index < _WITH_TRACEBACK) for index, test in enumerate(bad))
    reason = _names(bad) if bad else also or ("" if allow_empty else _emptiness(tests))
    total = Check(
        id=TESTS,
        status="failed" if reason else "passed",
        summary=_summary(tests),
        reason=reason or None,
        where=each[0].where if each else None,
        details={**_counts(tests), "failing": [_brief(check) for check in each]},
    )
    return (total, *each)


def _order(test: TestRun) -> tuple[str, int, str]:
    return (test.file or "", test.line or 0, test.id)  # plugins run tests in any order


def _of_test(test: TestRun, root: Path, *, traceback: bool) -> Check:
    message = first_line(test)
    details: dict[str, Any] = {"test": test.id, "outcome": test.outcome, "message": message}
    if traceback and test.text:
        details["traceback"] = test.text[-_TRACEBACK:]
    return Check(
        id=f"{TESTS}.{test.id}",
        status="failed",
        summary=test.id,
        reason=message,
        where=where_failed(test, root),
        details=details,
    )


def _brief(check: Check) -> dict[str, Any]:
    where = check.where or Where(path="")
    return {"test": check.details["test"], "file": where.path, "line": where.line, "message": check.reason}


def _counts(tests: Sequence[TestRun]) -> dict[str, int]:
    outcomes = Counter(test.outcome for test in tests)
    return {
        "tests": len(tests),
        "passed": outcomes["passed"],
        "failures": outcomes["failed"],
        "errors": outcomes["error"],
        "skipped": outcomes["skipped"],
    }


def _summary(tests: Sequence[TestRun]) -> str:
    counts = _counts(tests)
    if tests and all(test.of_collection for test in tests):
        return f"{len(tests)} {'test file' if len(tests) == 1 else 'test files'} with an error, no test ran"
    parts = [f"{counts['passed']} passed"]
    parts += [f"{counts[name]} {word}" for name, word in _WORDS.items() if counts[name]]
    return f"{counts['tests']} {'test' if counts['tests'] == 1 else 'tests'}: {', '.join(parts)}"


_WORDS = {"failures": "failed", "errors": "with an error", "skipped": "skipped"}


def _names(bad: Sequence[TestRun]) -> str:
    named = ", ".join(test.id for test in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    uncollected = all(test.of_collection for test in bad)
    what, verb = ("test file", "cannot be collected") if uncollected else ("test", "failed")
    return f"{len(bad)} {what}{'' if len(bad) == 1 else 's'} {verb}: {named}{more}"


def _emptiness(tests: Sequence[TestRun]) -> str:
    if not tests:
        return "pytest collected no test; `code.allow-empty: true` lets that pass"
    if all(test.outcome == "skipped" for test in tests):
        return "every test was skipped, so nothing was tested; `code.allow-empty: true` lets that pass"
    return ""


def of_coverage(measured: Measured, limits: Coverage | None, where: Where | None) -> Check:
    """Return the check of the total coverage against its limit, compared unrounded; without a limit it passes."""
    counts, percent = measured.total, measured.total.percent
    lowest = limits.total if limits else None
    below = limits is not None and lowest is not None and percent < lowest
    limit = "no limit" if lowest is None else f"at least {lowest:g} %"
    return Check(
        id=COVERAGE,
        status=failed_or_warned(limits.severity) if limits and below else "passed",
        severity=limits.severity if limits else "error",
        summary=f"coverage {shown(percent)} % of {_measured(counts)} ({limit})",
        reason=f"coverage is {shown(percent)} %, below the limit of {lowest:g} %" if below else None,
        where=where if below else None,
        details=_coverage_details(measured, lowest),
    )


def _measured(counts: Counts) -> str:
    return f"{counts.statements} statements" + (f" and {counts.branches} branches" if counts.branches else "")


def _coverage_details(measured: Measured, lowest: float | None) -> dict[str, Any]:
    counts = measured.total
    missing = {name: _missing(counts) for name, counts in measured.files.items() if _missing(counts)}
    worst = sorted(missing, key=lambda name: (-missing[name], name))[:_LEAST_COVERED]
    return {
        "percent": counts.percent,
        "limit": lowest,
        "statements": counts.statements,
        "covered": counts.covered,
        "branches": counts.branches,
        "covered_branches": counts.covered_branches,
        "excluded": counts.excluded,
        "least_covered": [_file(name, measured.files) for name in worst],
    }


def _missing(counts: Counts) -> int:
    return counts.statements - counts.covered + counts.branches - counts.covered_branches


def _file(name: str, files: Mapping[str, Counts]) -> dict[str, Any]:
    return {"file": name, "percent": files[name].percent, "missing": files[name].statements - files[name].covered}
