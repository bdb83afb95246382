"""The behaviour suites of a run: each test with its cases, its failure rate and the interval of that rate."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlci.numbers import count, percent
from mlci.reports.findings import checks_of
from mlci.reports.names import parts
from mlci.reports.page.plot import RatePlot, of_rate
from mlci.results.model import Check, Results, Status

_TEST = re.compile(r"(?P<model>.+?)\.behaviour\.(?P<suite>[^.]+)\.(?P<test>.+)", re.DOTALL)
_LEAST_SCALE = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """One test; a number that the results do not have is None."""

    __test__ = False  # pytest takes the name for its own

    name: str
    about: str
    """Its type and capability."""
    status: Status
    summary: str
    failed: float | None
    judged: float | None
    """Cases that the test says something about."""
    pairs: str
    """How many inputs fail, where a case has several: the share of cases depends on how many."""
    rate: float | None
    interval: tuple[float, float] | None
    limit: float
    plot: RatePlot | None = None

    @property
    def cases(self) -> str:
        """How many cases fail, of how many."""
        known = self.failed is not None and self.judged is not None
        return f"{self.failed:,.0f} of {self.judged:,.0f} cases fail{self.pairs}" if known else self.summary

    @property
    def shown_rate(self) -> str:
        """The failure rate, as text."""
        return "" if self.rate is None else percent(self.rate)

    @property
    def shown_interval(self) -> str:
        """The 95 % interval of the failure rate, as text."""
        return f"{percent(self.interval[0])} to {percent(self.interval[1])}" if self.interval else ""

    @property
    def shown_limit(self) -> str:
        """The largest failure rate that passes, as text."""
        return "" if self.rate is None else f"at most {percent(self.limit)}" if self.limit else "none may fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """The tests of one suite of one model, on one scale."""

    title: str
    tests: tuple[Test, ...]

    @property
    def summary(self) -> str:
        """How many tests there are, and how many did not pass."""
        bad = sum(test.status not in ("passed", "skipped") for test in self.tests)
        return count(len(self.tests), "test") + (f", {bad} not passed" if bad else "")


def suites_of(results: Results) -> tuple[Suite, ...]:
    """Return the behaviour suites of `results`, in order."""
    found: dict[str, list[Test]] = {}
    for check in checks_of(results):
        name = parts(check.id)
        split = _TEST.fullmatch(name.rest) if name.gate == "model" else None
        if split:
            title = " · ".join(part for part in (name.leg, split["model"], split["suite"]) if part)
            found.setdefault(title, []).append(_test(check, split["test"]))
    return tuple(Suite(title=title, tests=_on_one_scale(tests)) for title, tests in found.items())


def _test(check: Check, name: str) -> Test:
    told = check.details
    cases, left = _number(told.get("cases")), _number(told.get("not_applicable")) or 0
    return Test(
        name=str(told.get("test") or name),
        about=" · ".join(str(told[key]) for key in ("type", "capability") if told.get(key)),
        status=check.status,
        summary=check.summary,
        failed=_number(told.get("failed_cases")),
        judged=None if cases is None else cases - left,
        pairs=_pairs(told),
        rate=_number(told.get("failure_rate")),
        interval=_interval(told),
        limit=_number(told.get("limit")) or 0.0,
    )


def _pairs(told: Mapping[str, Any]) -> str:
    pairs, failed = _number(told.get("pairs")), _number(told.get("failed_pairs"))
    cases, left = _number(told.get("cases")) or 0, _number(told.get("not_applicable")) or 0
    if pairs is None or failed is None or pairs <= cases - left:
        return ""
    ends = _interval(told, "pair_interval")
    within = f", {percent(ends[0])} to {percent(ends[1])}" if ends else ""
    return f" ({failed:,.0f} of {pairs:,.0f} inputs: {percent(failed / pairs)}{within})"


def _on_one_scale(tests: list[Test]) -> tuple[Test, ...]:
    ends = [end for test in tests for end in (test.rate or 0, test.limit, *(test.interval or ()))]
    largest = max(_LEAST_SCALE, *ends)
    return tuple(
        replace(test, plot=of_rate(test.rate, limit=test.limit, interval=test.interval, largest=largest))
        for test in tests
    )


def _interval(told: Mapping[str, Any], name: str = "interval") -> tuple[float, float] | None:
    ends = told.get(name)
    if not isinstance(ends, (list, tuple)) or len(ends) != 2:  # noqa: PLR2004 - an interval has two ends
        return None
    low, high = _number(ends[0]), _number(ends[1])
    return None if low is None or high is None else (low, high)


def _number(found: Any) -> float | None:
    """Return a number out of untrusted JSON; None for anything else."""
    usable = isinstance(found, (int, float)) and not isinstance(found, bool)
    try:
        return float(found) if usable and math.isfinite(found) else None
    except OverflowError:
        return None
