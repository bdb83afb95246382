"""The checks of tests, made from what pytest or another tool has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.code.failures import first_line, where_failed
from mlci.code.junit import TestRun
from mlci.errors import MlciError, Where
from mlci.results.model import Check, Severity, failed_or_warned

TESTS = "code.tests"
_NAMED = 3
_WITH_TRACEBACK = 50
_TRACEBACK = 4000


def errored(identity: str, summary: str, error: MlciError, *, output: str = "") -> Check:
    """Return the check that could not run because of `error`; `output` is the end of what was printed."""
    reason = error.says
    details = {"output": output[-_TRACEBACK:]} if output else {}
    return Check(id=identity, status="errored", summary=summary, reason=reason, where=error.where, details=details)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """How tests are judged."""

    allow_empty: bool = False
    flaky: Severity = "warning"
    """Whether flaky tests block."""
    failing_before: frozenset[str] | None = None
    """The tests that failed at the baseline already; None where that is not known."""
    also: str | None = None
    """A failure that no test shows."""
    seed: str | None = None
    """The option by which the tests run in the same order again."""


def of_tests(tests: Sequence[TestRun], root: Path, rules: Rules) -> tuple[Check, ...]:
    """Return one check for all `tests`, and one for each that failed or is flaky."""
    old = rules.failing_before or frozenset()
    bad = sorted(
        (test for test in tests if test.outcome in ("failed", "error")), key=lambda test: (test.id in old, _order(test))
    )
    flaky = sorted((test for test in tests if test.flaky), key=_order)
    each = tuple(_of_test(test, root, rules, traceback=index < _WITH_TRACEBACK) for index, test in enumerate(bad))
    loose = tuple(_of_flaky(test, root, rules) for test in flaky)
    reason = _names(bad, rules) if bad else rules.also or ("" if rules.allow_empty else _emptiness(tests))
    total = Check(
        id=TESTS,
        status="failed" if reason else failed_or_warned(rules.flaky) if flaky else "passed",
        summary=_summary(tests),
        reason=reason or (_flaky_names(flaky) if flaky else None),
        where=each[0].where if each else None,
        details={
            **_counts(tests),
            "failing": [_brief(check) for check in each],
            "flaky_tests": [test.id for test in flaky],
            **_known(bad, rules),
        },
    )
    return (total, *each, *loose)


def _known(bad: Sequence[TestRun], rules: Rules) -> dict[str, Any]:
    told: dict[str, Any] = {} if rules.seed is None else {"seed": rules.seed}
    if rules.failing_before is not None and bad:
        told["new_failures"] = sum(test.id not in rules.failing_before for test in bad)
    return told


def _of_flaky(test: TestRun, root: Path, rules: Rules) -> Check:
    return Check(
        id=f"{TESTS}.{test.id}",
        status=failed_or_warned(rules.flaky),
        severity=rules.flaky,
        summary=test.id,
        reason=f"flaky: it failed, and passed when it ran again: {first_line(test)}",
        where=where_failed(test, root),
        details={
            "test": test.id,
            "outcome": "flaky",
            "message": first_line(test),
            "traceback": test.text[-_TRACEBACK:],
        },
    )


def _flaky_names(flaky: Sequence[TestRun]) -> str:
    named = ", ".join(test.id for test in flaky[:_NAMED])
    more = f" and {len(flaky) - _NAMED} more" if len(flaky) > _NAMED else ""
    return f"{len(flaky)} flaky {'test' if len(flaky) == 1 else 'tests'}, passed when run again: {named}{more}"


def _order(test: TestRun) -> tuple[str, int, str]:
    return (test.file or "", test.line or 0, test.id)  # plugins run tests in any order


def _of_test(test: TestRun, root: Path, rules: Rules, *, traceback: bool) -> Check:
    message = first_line(test)
    if rules.failing_before and test.id in rules.failing_before:
        message = f"{message} (as at the baseline)"
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
        "passed": outcomes["passed"] - sum(test.flaky for test in tests),
        "flaky": sum(test.flaky for test in tests),
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


_WORDS = {"flaky": "flaky", "failures": "failed", "errors": "with an error", "skipped": "skipped"}


def _names(bad: Sequence[TestRun], rules: Rules) -> str:
    named = ", ".join(test.id for test in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    uncollected = all(test.of_collection for test in bad)
    what, verb = ("test file", "cannot be collected") if uncollected else ("test", "failed")
    old = sum(test.id in (rules.failing_before or ()) for test in bad)
    told = f" ({len(bad) - old} new, {old} as at the baseline)" if old else ""
    return f"{len(bad)} {what}{'' if len(bad) == 1 else 's'} {verb}{told}: {named}{more}"


def _emptiness(tests: Sequence[TestRun]) -> str:
    if not tests:
        return "pytest collected no test; `code.allow-empty: true` lets that pass"
    if all(test.outcome == "skipped" for test in tests):
        return "every test was skipped, so nothing was tested; `code.allow-empty: true` lets that pass"
    return ""
