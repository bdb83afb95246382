"""The code gate: the project's tests and their coverage, run by pytest in the project's own environment."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from mlci.code.checks import TESTS, errored
from mlci.code.elsewhere import read_tests
from mlci.code.options import NAMES
from mlci.code.running import Place, Reports, require_pytest
from mlci.code.seen import Seen, of_run
from mlci.code.session import Ran, Session
from mlci.config.code import CodeGate
from mlci.errors import CannotRun
from mlci.gates import Context, Outcome, gate_of
from mlci.pipeline.check import checks_of
from mlci.processes import worker_environment
from mlci.results.model import Check, Gate

_SUMMARY = "the project's tests"
PAGES = "coverage"
"""The folder in the report folder that coverage's own pages are written to."""


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
        seen = _run(context, code) if code.runs else _read(context, code)
    except CannotRun as error:
        checks: tuple[Check, ...] = (errored(TESTS, _SUMMARY, error),)
        return Outcome(gate=gate_of("code", checks, duration_s=time.monotonic() - started))
    gate = gate_of("code", seen.checks, duration_s=time.monotonic() - started)
    return Outcome(gate=gate, metrics=seen.metrics, code=seen.record)


def _skipped(reason: str) -> Outcome:
    return Outcome(gate=Gate(name="code", status="skipped", reason=reason))


def _is_fed(context: Context, code: CodeGate) -> bool:
    if context.files is None:
        return True
    if any(file.suffix in (".py", ".ipynb") or file.name in NAMES for file in context.files):
        return True
    reports = (*code.reports, *((code.coverage_file,) if code.coverage_file else ()))
    named = [context.root / name for name in (*code.source, *code.pytest, *code.doctests, *code.notebooks, *reports)]
    config = context.root / context.where("code").path
    return context.feeds(config, *(path for path in named if path.exists()))


def _read(context: Context, code: CodeGate) -> Seen:
    """Read reports that were made elsewhere; raises `CannotRun` where one cannot be read."""
    tests = read_tests(code, context.root) if code.reports else ()
    ran = Ran(tests=tests) if code.reports else None
    report = context.root / code.coverage_file if code.coverage_file else None
    return of_run(context, code, ran, report, pages=False)


def _run(context: Context, code: CodeGate) -> Seen:
    """Run pytest and read what it left; raises `CannotRun` where there is nothing to read."""
    python = context.python
    env = worker_environment(os.environ, passed=context.config.worker_env, python=python.path)
    source = context.root / "src"
    if context.at_base and source.is_dir():
        env["PYTHONPATH"] = str(source)
    place = Place(root=context.root, python=python, env=env)
    with_coverage = code.coverage is not None or "--no-cov" not in code.pytest
    installed = require_pytest(place, coverage=with_coverage, notebooks=bool(code.notebooks))
    with tempfile.TemporaryDirectory(prefix="mlci-code-") as folder:
        in_hook = os.environ.get("PRE_COMMIT") == "1"  # which nobody opens pages of
        pages = None if context.at_base or in_hook else context.out / PAGES
        reports = Reports(folder=Path(folder), html=pages)
        context.progress(f"running the tests with {python.path} ({python.why})")
        session = Session(
            code=code,
            place=place,
            reports=reports,
            installed=installed,
            with_coverage=with_coverage,
            progress=context.progress,
        )
        ran = session.run()
        report = reports.coverage if with_coverage else None
        return of_run(context, code, ran, report, pages=pages is not None and (pages / "index.html").is_file())
