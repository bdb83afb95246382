"""From what tests and coverage have left to the checks, the numbers and the record of the code gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mlci.code.changed_coverage import changed_coverage, of_changed_lines, without_base
from mlci.code.checks import TESTS, Rules, errored, of_tests
from mlci.code.compared_tests import changes_of, of_changes
from mlci.code.coverage import Measured
from mlci.code.coverage_checks import COVERAGE, of_coverage, of_parts
from mlci.code.exclusions import EXCLUDED, of_exclusions
from mlci.code.measuring import Change, change_of, measured_at
from mlci.code.record import CodeRecord, record_of
from mlci.code.session import Ran
from mlci.config.code import CodeGate
from mlci.errors import CannotRun
from mlci.gates import Context
from mlci.results.model import Check, Metric

_SUMMARY = "the project's tests"
_COVERAGE_SUMMARY = "coverage of the project's code"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the gate has to tell."""

    checks: tuple[Check, ...] = ()
    metrics: tuple[Metric, ...] = ()
    record: CodeRecord | None = None
    """How each test ended, where all of them ran."""


def of_run(context: Context, code: CodeGate, ran: Ran | None, report: Path | None, *, pages: bool) -> Seen:
    """Return what became of the tests (None where only coverage is read), and what the report of coverage says.

    `pages` says whether coverage's own pages were written.
    """
    seen = Seen() if ran is None else _tests(context, code, ran)
    if report is None:
        return seen
    try:
        why_not = None if ran is None else _why_no_coverage(code, ran, seen, report)
        if why_not is not None:
            check = Check(id=COVERAGE, status="skipped", summary=_COVERAGE_SUMMARY, reason=why_not)
            return replace(seen, checks=(*seen.checks, check))
        found = measured_at(context, code, report, printed=ran.printed if ran else "")
    except CannotRun as error:
        output = ran.printed if ran else ""
        return replace(seen, checks=(*seen.checks, errored(COVERAGE, _COVERAGE_SUMMARY, error, output=output)))
    return _with_coverage(context, code, found.measured, seen, pages=pages, also=found.notes)


def _tests(context: Context, code: CodeGate, ran: Ran) -> Seen:
    before = _record_before(context)
    files = {test.file for test in ran.tests if test.file}
    changes = None if before is None else changes_of(ran.tests, before, change_of(context, files).moved)
    rules = Rules(
        allow_empty=code.allow_empty,
        flaky=code.flaky,
        failing_before=changes.failing_before if changes else None,
        also=ran.also,
        seed=ran.seed,
    )
    checks = of_tests(ran.tests, context.root, rules)
    if ran.fault is not None:
        return Seen(checks=(errored(TESTS, _SUMMARY, ran.fault, output=ran.output), *checks[1:]))
    if not ran.is_whole:
        return Seen(checks=checks)
    told = of_changes(changes) if changes else None
    counted = Metric(name=TESTS, value=float(len(ran.tests)), n=len(ran.tests), higher_is_better=True)
    return Seen(checks=(*checks, *((told,) if told else ())), metrics=(counted,), record=record_of(ran.tests, {}))


def _record_before(context: Context) -> CodeRecord | None:
    found = context.find_baseline()
    return found.code if found is not None else None


def _why_no_coverage(code: CodeGate, ran: Ran, seen: Seen, report: Path) -> str | None:
    """Return why coverage says nothing after this run: its tests did not all run, or they failed."""
    if not code.runs:
        return None
    if seen.checks[0].status == "errored" or not ran.is_whole:
        return "the tests did not run to their end"
    if all(test.outcome == "skipped" for test in ran.tests):
        return "no test ran"
    if seen.checks[0].status == "failed" and not report.exists():
        return "pytest-cov left no report, since tests failed"
    return None


def _with_coverage(
    context: Context, code: CodeGate, measured: Measured, seen: Seen, *, pages: bool, also: tuple[Check, ...]
) -> Seen:
    limits = code.coverage
    where = partial(context.where, "code", "coverage")
    limited = limits is not None and limits.total is not None
    total = of_coverage(measured, limits, where("total") if limited else None)
    if pages:
        total = replace(total, details={**total.details, "pages": True})
    change = change_of(context, measured.files)
    parts = tuple(of_parts(measured, limits, where)) if limits else ()
    exclusions = of_exclusions(measured, partial(_text, context.root.resolve()))
    checks = (total, *parts, *_changed(context, code, measured, change), *((exclusions,) if exclusions else ()), *also)
    record = None if seen.record is None else replace(seen.record, files=measured.files, moved=change.moved)
    return Seen(checks=(*seen.checks, *checks), metrics=(*seen.metrics, *_metrics(measured, code)), record=record)


def _changed(context: Context, code: CodeGate, measured: Measured, change: Change) -> tuple[Check, ...]:
    """Return the check of the changed lines; none at the base, or where nobody asks and nothing can be compared."""
    if context.at_base:
        return ()
    where = context.where("code", "coverage", "changed-lines")
    if change.problem is not None:
        check = without_base(code.coverage, where, note=change.problem, broken=change.broken)
        return () if check is None else (check,)
    found = changed_coverage(measured, change.files)
    return (of_changed_lines(found, code.coverage, where, since=change.since, unmeasured=change.unmeasured),)


def _text(root: Path, name: str) -> str | None:
    """Return the text of a file of the project; a report may name others, which are nobody's business."""
    try:
        path = (root / name).resolve()
        return path.read_text("utf-8", errors="replace") if path.is_relative_to(root) else None
    except (OSError, ValueError):
        return None


def _metrics(measured: Measured, code: CodeGate) -> tuple[Metric, ...]:
    limits = code.coverage
    total = Metric(
        name=COVERAGE,
        value=measured.total.percent,
        n=measured.total.statements,
        higher_is_better=True,
        max_drop=limits.max_drop if limits else None,
        severity=limits.severity if limits else "error",
    )
    excluded = Metric(name=EXCLUDED, value=float(measured.total.excluded), higher_is_better=False)
    return (total, *((excluded,) if measured.total.excluded else ()))
