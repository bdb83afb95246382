"""Whether so many failing cases are too many."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from mlci.metrics.proportion import exact_interval

ENOUGH = 20
"""From so many independent cases on an interval decides; below, the plain rate."""

MOST = 10_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """How a test ended, and by what."""

    status: Literal["passed", "failed", "inconclusive"]
    interval: tuple[float, float]
    """95 % interval of the share of cases that fail."""
    rule: str
    """What decided, in words."""
    needed: int | None = None
    """How many independent cases it would take at this rate, when it is inconclusive."""


def decide(failures: Sequence[bool], clusters: Sequence[Hashable], limit: float) -> Decision:
    """Judge the applicable cases, at least one: which of them fail, and to which cluster each belongs.

    With a limit of 0 any failure fails. Above it the exact interval of the rate decides from 20 independent cases
    on, the plain rate below that. Cases of one cluster are not independent: their interval is the exact one at the
    effective number of cases (Korn and Graubard 1998).
    """
    failed, cases = sum(failures), len(failures)
    rate = failed / cases
    independent = len(set(clusters))
    size = float(cases) if independent == cases else effective_size(failures, clusters)
    interval = exact_interval(rate * size, size)
    if limit == 0:
        return Decision(status="failed" if failed else "passed", interval=interval, rule="any failing case fails")
    if independent < ENOUGH:
        rule = f"the plain rate, as there are only {independent} independent cases"
        return Decision(status="failed" if rate > limit else "passed", interval=interval, rule=rule)
    rule = "the 95 % interval of the rate"
    if interval[0] > limit:
        return Decision(status="failed", interval=interval, rule=rule)
    if interval[1] < limit or limit == 1:
        return Decision(status="passed", interval=interval, rule=rule)
    return Decision(status="inconclusive", interval=interval, rule=rule, needed=cases_needed(rate, limit))


def percent(limit: float) -> str:
    """Return a limit as it was meant: 0.1 as 10%, 0.0005 as 0.05%."""
    return f"{100 * limit:.6g}%"


def effective_size(failures: Sequence[bool], clusters: Sequence[Hashable]) -> float:
    """Return how many independent cases say as much about the rate as these do, between 1 and their number."""
    return _effective_size(failures, [1] * len(failures), clusters)


def pair_interval(failed: Sequence[int], judged: Sequence[int], clusters: Sequence[Hashable]) -> tuple[float, float]:
    """Return the 95 % interval of the share of judged inputs that fail.

    `failed` and `judged` are counts by case; the inputs of one case, and cases of one cluster, are not independent.
    """
    total = sum(judged)
    size = float(total)
    if total != len(set(clusters)):
        size = _effective_size(failed, judged, clusters)
    return exact_interval(sum(failed) / total * size, size)


def _effective_size(failed: Sequence[int], judged: Sequence[int], clusters: Sequence[Hashable]) -> float:
    totals: dict[Hashable, int] = defaultdict(int)
    sizes: dict[Hashable, int] = defaultdict(int)
    for some, of, cluster in zip(failed, judged, clusters, strict=True):
        totals[cluster] += some
        sizes[cluster] += of
    count, cases = len(sizes), sum(judged)
    rate = sum(failed) / cases
    if count == 1 or rate in (0, 1):
        return float(count)
    squares = math.fsum((totals[cluster] - rate * sizes[cluster]) ** 2 for cluster in sizes)
    variance = count / (count - 1) * squares / cases**2
    if variance == 0:
        return float(cases)
    return max(1.0, min(float(cases), rate * (1 - rate) / variance))


def cases_needed(rate: float, limit: float) -> int | None:
    """Return from how many independent cases on the interval would decide at this rate; None when none would."""
    low, high = 1, ENOUGH
    while not _decides(rate, limit, high):
        low, high = high, high * 2
        if high > MOST:
            return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _decides(rate, limit, middle) else (middle + 1, high)
    return high


def _decides(rate: float, limit: float, cases: int) -> bool:
    low, high = exact_interval(rate * cases, cases)
    return low > limit or high < limit
