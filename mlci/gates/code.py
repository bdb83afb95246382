"""The code gate: the project's tests and their coverage, run by pytest in the project's own environment."""

from __future__ import annotations

import os
import re
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from mlci.code.checks import COVERAGE, TESTS, errored, of_coverage, of_tests
from mlci.code.coverage import Measured, read_coverage
from mlci.code.failures import did_not_run, interrupted, why_failed_without_failure
from mlci.code.junit import TestRun, read_junit
from mlci.code.options import NAMES
from mlci.code.record import CodeRecord, record_of
from mlci.code.running import Place, Reports, require_pytest, run_pytest
from mlci.config.code import CodeGate
from mlci.errors import CannotRun
from mlci.gates import Context, Outcome, gate_of
from mlci.pipeline.check import checks_of
from mlci.processes import Ended, worker_environment
from mlci.results.model import Check, Gate, Metric

_SUMMARY = "the project's tests"
_COVERAGE_SUMMARY = "coverage of the project's code"
_INTERRUPTED = 2
_EXITED = re.compile(r"^!+ _pytest\.outcomes\.Exit: ", re.MULTILINE)
_NEVER_IMPORTED = re.compile(r"Module (\S+) was never imported")


def run(context: Context) -> Outcome:
    """Run the tests and the pipelines of the project in `context` and return their checks, with coverage.

    A test that fails or errors is a failed check; a pytest that did not run to its end is an errored one. The gate
    is skipped where none of the files that the run is limited to could change what the tests say.
    """
    tests = _run_tests(context)
    if not context.config.pipeline or context.files is not None or context.at_base:
        return tests
    started = time.monotonic()
    checks = (*tests.gate.checks, *checks_of(context))
    seconds = tests.gate.duration_s + time.monotonic() - started
    return replace(tests, gate=gate_of("code", checks, duration_s=seconds))


def _run_tests(context: Context) -> Outcome:
    started = time.monotonic()
    code = context.config.code
    if code is None:
        return _skipped("mlci.yaml has no tests under `code`")
    left_out = context.left_out(code.when, "code", "the tests", "code", "when")
    if left_out is not None:
        return Outcome(gate=Gate(name="code", status="skipped", reason=left_out.reason, checks=(left_out,)))
    if not _is_fed(context, code):
        return _skipped("none of the files given is Python code, configures pytest, or lies below `code.source`")
    try:
        seen = _look(context, code)
    except CannotRun as error:
        checks: tuple[Check, ...] = (errored(TESTS, _SUMMARY, error),)
        return Outcome(gate=gate_of("code", checks, duration_s=time.monotonic() - started))
    gate = gate_of("code", seen.checks, duration_s=time.monotonic() - started)
    return Outcome(gate=gate, metrics=seen.metrics, code=seen.record)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    checks: tuple[Check, ...]
    metrics: tuple[Metric, ...] = ()
    record: CodeRecord | None = None
    """How each test ended, where all of them ran."""


def _skipped(reason: str) -> Outcome:
    return Outcome(gate=Gate(name="code", status="skipped", reason=reason))


def _is_fed(context: Context, code: CodeGate) -> bool:
    if context.files is None:
        return True
    if any(file.suffix == ".py" or file.name in NAMES for file in context.files):
        return True
    named = [context.root / name for name in (*code.source, *code.pytest)]
    config = context.root / context.where("code").path
    return context.feeds(config, *(path for path in named if path.exists()))


def _look(context: Context, code: CodeGate) -> _Seen:
    """Run pytest and read what it left; raises `CannotRun` where there is nothing to read."""
    python = context.python
    env = worker_environment(os.environ, passed=context.config.worker_env, python=python.path)
    source = context.root / "src"
    if context.at_base and source.is_dir():
        env["PYTHONPATH"] = str(source)
    place = Place(root=context.root, python=python, env=env)
    with_coverage = code.coverage is not None or "--no-cov" not in code.pytest
    require_pytest(place, coverage=with_coverage)
    with tempfile.TemporaryDirectory(prefix="mlci-code-") as folder:
        reports = Reports(folder=Path(folder))
        context.progress(f"running the tests with {python.path} ({python.why})")
        ended = run_pytest(code, place, reports, coverage=with_coverage, progress=context.progress)
        tests = _tests(context, code, ended, reports)
        return _with_coverage(context, code, ended, tests, reports) if with_coverage else tests


def _tests(context: Context, code: CodeGate, ended: Ended, reports: Reports) -> _Seen:
    fault = did_not_run(ended, context.root, has_report=reports.junit.exists())
    try:
        tests = read_junit(reports.junit) if fault is None else ()
    except CannotRun as error:
        tests, fault = (), error
    if fault is None and ended.returncode == _INTERRUPTED and not _only_collection(tests):
        fault = interrupted(ended)
    if fault is None and _EXITED.search(ended.stdout):
        fault = CannotRun("pytest.exit ended the tests before all of them ran", fix="Take it out, or fail the test.")
    also = why_failed_without_failure(ended) if ended.returncode == 1 else None
    checks = of_tests(tests, context.root, allow_empty=code.allow_empty, also=also)
    if fault is not None:
        output = ended.stderr if ended.stderr.strip() else ended.stdout
        return _Seen(checks=(errored(TESTS, _SUMMARY, fault, output=output), *checks[1:]))
    counted = Metric(name=TESTS, value=float(len(tests)), n=len(tests), higher_is_better=True)
    if ended.returncode == _INTERRUPTED:
        return _Seen(checks=checks)
    return _Seen(checks=checks, metrics=(counted,), record=record_of(tests, {}))


def _only_collection(tests: tuple[TestRun, ...]) -> bool:
    """Return whether pytest stopped because of files that it could not collect, and for nothing else."""
    return bool(tests) and all(test.of_collection or test.outcome == "skipped" for test in tests)


def _with_coverage(context: Context, code: CodeGate, ended: Ended, tests: _Seen, reports: Reports) -> _Seen:
    reason = _why_no_coverage(ended, tests, reports)
    if reason is not None:
        check = Check(id=COVERAGE, status="skipped", summary=_COVERAGE_SUMMARY, reason=reason)
        return replace(tests, checks=(*tests.checks, check))
    try:
        measured = read_coverage(reports.coverage)
    except CannotRun as error:
        check = errored(COVERAGE, _COVERAGE_SUMMARY, error, output=ended.stdout)
        return replace(tests, checks=(*tests.checks, check))
    unseen = [name for name in _NEVER_IMPORTED.findall(ended.stdout + ended.stderr) if name in code.source]
    if unseen:
        fault = CannotRun(f'nothing of "{unseen[0]}" in `code.source` was measured', fix="Correct the name.")
        check = errored(COVERAGE, _COVERAGE_SUMMARY, fault, output=ended.stdout)
        return replace(tests, checks=(*tests.checks, check))
    limited = code.coverage is not None and code.coverage.total is not None
    where = context.where("code", "coverage", "total") if limited else None
    check = of_coverage(measured, code.coverage, where)
    metrics = (*tests.metrics, _metric(measured, code))
    record = None if tests.record is None else replace(tests.record, files=measured.files)
    return _Seen(checks=(*tests.checks, check), metrics=metrics, record=record)


def _why_no_coverage(ended: Ended, tests: _Seen, reports: Reports) -> str | None:
    """Return why coverage says nothing after this run: its tests did not all run, or they failed."""
    if tests.checks[0].status == "errored" or ended.returncode == _INTERRUPTED:
        return "the tests did not run to their end"
    if not _any_ran(tests):
        return "no test ran"
    if tests.checks[0].status == "failed" and not reports.coverage.exists():
        return "pytest-cov left no report, since tests failed"
    return None


def _any_ran(tests: _Seen) -> bool:
    counts = tests.checks[0].details
    return bool(counts["passed"] + counts["failures"] + counts["errors"])


def _metric(measured: Measured, code: CodeGate) -> Metric:
    limits = code.coverage
    return Metric(
        name=COVERAGE,
        value=measured.total.percent,
        n=measured.total.statements,
        higher_is_better=True,
        max_drop=limits.max_drop if limits else None,
        severity=limits.severity if limits else "error",
    )
