"""All that pytest runs for the code gate: the tests, those that failed again, notebooks and doctests, in one time."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mlci.code.failures import did_not_run, interrupted, only_collection, why_failed_without_failure
from mlci.code.junit import TestRun, merged, read_junit
from mlci.code.options import added_options
from mlci.code.order import seed_options, told_seed
from mlci.code.running import Call, Place, Reports, coverage_options, run_pytest
from mlci.config.code import CodeGate
from mlci.errors import CannotRun
from mlci.locations import is_pattern
from mlci.processes import Ended

INTERRUPTED = 2
_EXITED = re.compile(r"^!+ _pytest\.outcomes\.Exit: ", re.MULTILINE)
_BAD = ("failed", "error")
_AGAIN = ("--last-failed", "--last-failed-no-failures=none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What became of the tests."""

    tests: tuple[TestRun, ...]
    fault: CannotRun | None = None
    """Why they cannot be relied on to have run to their end."""
    also: str | None = None
    """A failure that no test shows."""
    output: str = ""
    """What was printed, for one who looks for a fault."""
    printed: str = ""
    """All of what was printed."""
    is_whole: bool = True
    """Whether every test ran; not where files could not be collected."""
    seed: str | None = None
    """The option by which they run in the same order again, where they were shuffled."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Runs pytest as often as the configuration asks for, within one time limit."""

    code: CodeGate
    place: Place
    reports: Reports
    installed: Mapping[str, str]
    """What there is of pytest and its plugins, by version."""
    with_coverage: bool
    progress: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic

    def run(self) -> Ran:
        """Run the tests, those that failed again, the notebooks and the doctests."""
        ends = self.clock() + self.code.timeout
        options = (*added_options(self.place.root), *self.code.pytest)
        seed = seed_options(self.installed, options, self.place.env, random.SystemRandom().randrange(1 << 32))
        arguments = [*self.code.pytest[: self._end], *seed, *self.code.pytest[self._end :]]
        asked = coverage_options(self.code, self.place.root, self.reports) if self.with_coverage else []
        ended, ran = self._call(arguments, self.reports, asked, ends)
        ran = replace(ran, seed=told_seed([*options, *seed], ended.stdout))
        ran = self._again(ran, arguments, ends)
        for name, extra in self._extras():
            found = self._call(extra, self._beside(name), self._uncovered, ends)[1]
            ran = _joined(ran, found if found.tests or found.fault else replace(found, also=f"there are no {name}"))
        return ran

    @property
    def _uncovered(self) -> list[str]:
        """What keeps coverage out of a further call."""
        return ["--no-cov"] if "pytest-cov" in self.installed else []

    @property
    def _end(self) -> int:
        """Where the options end among the arguments, before a `--`."""
        return self.code.pytest.index("--") if "--" in self.code.pytest else len(self.code.pytest)

    def _call(
        self, arguments: Sequence[str], reports: Reports, coverage: Sequence[str], ends: float
    ) -> tuple[Ended, Ran]:
        left = max(0.1, ends - self.clock())
        call = Call(arguments=arguments, reports=reports, coverage=coverage, timeout_s=left)
        ended = run_pytest(call, self.place, progress=self.progress)
        if ended.kind == "timeout":
            ended = replace(ended, reason=f"did not end within {self.code.timeout:g} s")
        return ended, _read(ended, reports, self.place.root)

    def _again(self, ran: Ran, arguments: Sequence[str], ends: float) -> Ran:
        """Run tests that failed again; those that pass then are flaky."""
        for turn in range(1, self.code.rerun_failed + 1):
            bad = {test.id for test in ran.tests if test.outcome in _BAD}
            if ran.fault or not ran.is_whole or not bad:
                return ran
            self.progress(f"running {len(bad)} that failed again ({turn} of {self.code.rerun_failed})")
            reports = replace(self._beside(f"again-{turn}"), of=self.reports)
            once = self._call([*_AGAIN, *arguments], reports, self._uncovered, ends)[1]
            passed = {test.id for test in once.tests if test.outcome == "passed"} & bad
            tests = (_flaky(test) if test.id in passed else test for test in ran.tests)
            ran = replace(ran, tests=tuple(tests), fault=once.fault)
        return ran

    def _extras(self) -> list[tuple[str, list[str]]]:
        """Return the further calls: notebooks and doctests, each apart so that no other test is collected with them."""
        extras = []
        if self.code.notebooks:
            named = [str(path) for name in self.code.notebooks for path in self._matching(name, "notebooks")]
            extras.append(("notebooks", ["--nbmake", *named]))
        if self.code.doctests:
            named = [str(path) for name in self.code.doctests for path in self._matching(name, "doctests")]
            extras.append(("doctests", ["--doctest-modules", "-o", "python_files=", *named]))
        return extras

    def _matching(self, name: str, key: str) -> list[Path]:
        root = self.place.root
        found = sorted(root.glob(name)) if is_pattern(name) else [root / name] if (root / name).exists() else []
        if not found:
            raise CannotRun(f"`code.{key}`: there is no {name}", fix="Correct the name, or take it out.")
        return [path.relative_to(root) for path in found]

    def _beside(self, name: str) -> Reports:
        folder = self.reports.folder / name
        folder.mkdir()
        return Reports(folder=folder)


def _flaky(test: TestRun) -> TestRun:
    return replace(test, outcome="passed", flaky=True)


def _joined(one: Ran, other: Ran) -> Ran:
    return replace(
        one,
        tests=tuple(merged((*one.tests, *other.tests)).values()),
        fault=one.fault or other.fault,
        also=one.also or other.also,
        output=one.output if one.fault or not other.fault else other.output,
        is_whole=one.is_whole and other.is_whole,
    )


def _read(ended: Ended, reports: Reports, root: Path) -> Ran:
    """Return what one call of pytest left."""
    fault = did_not_run(ended, root, has_report=reports.junit.exists())
    try:
        tests = read_junit(reports.junit) if fault is None else ()
    except CannotRun as error:
        tests, fault = (), error
    if fault is None and ended.returncode == INTERRUPTED and not only_collection(tests):
        fault = interrupted(ended)
    if fault is None and _EXITED.search(ended.stdout):
        fault = CannotRun("pytest.exit ended the tests before all of them ran", fix="Take it out, or fail the test.")
    none_failed = ended.returncode == 1 and not any(test.outcome in _BAD for test in tests)
    return Ran(
        tests=tests,
        fault=fault,
        also=why_failed_without_failure(ended) if none_failed else None,
        output=ended.stderr if ended.stderr.strip() else ended.stdout,
        printed=ended.stdout + ended.stderr,
        is_whole=ended.returncode != INTERRUPTED,
    )
