"""Rates of groups, and how far the largest and the smallest of them lie apart: pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

from mlci.metrics.proportion import exact_interval

METHOD = {
    "difference": "exact intervals of the groups' rates combined pair by pair (Newcombe 1998; Zou and Donner 2008), "
    "corrected for the number of pairs (Bonferroni)",
    "ratio": "exact intervals of the groups' rates, all at once (Bonferroni)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How many of a group's examples get the favourable prediction."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The rate itself."""
        return self.hits / self.of

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the exact interval of the rate."""
        return exact_interval(self.hits, self.of, confidence=confidence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Between:
    """A measure between groups, with its interval."""

    value: float
    low: float
    high: float


def difference(rates: Mapping[str, Rate], confidence: float) -> Between:
    """Return the largest rate less the smallest; the interval holds whichever groups these truly are."""
    pairs = list(permutations(rates.values(), 2))
    each = 1 - (1 - confidence) / (len(pairs) // 2)
    bounds = [_apart(one, other, each) for one, other in pairs]
    shares = [rate.share for rate in rates.values()]
    return Between(
        value=max(shares) - min(shares),
        low=max(0.0, *(low for low, _ in bounds)),
        high=min(1.0, max(high for _, high in bounds)),
    )


def _apart(one: Rate, other: Rate, confidence: float) -> tuple[float, float]:
    (low, high), (low_other, high_other) = one.interval(confidence), other.interval(confidence)
    gap = one.share - other.share
    down = math.hypot(one.share - low, high_other - other.share)
    up = math.hypot(high - one.share, other.share - low_other)
    return gap - down, gap + up


def ratio(rates: Mapping[str, Rate], confidence: float) -> Between:
    """Return the smallest rate divided by the largest; 1 where no group has any."""
    each = 1 - (1 - confidence) / len(rates)
    bounds = [rate.interval(each) for rate in rates.values()]
    shares = [rate.share for rate in rates.values()]
    lowest, highest = min(low for low, _ in bounds), min(high for _, high in bounds)
    return Between(
        value=_divided(min(shares), max(shares)),
        low=_divided(lowest, max(high for _, high in bounds)),
        high=min(1.0, _divided(highest, max(low for low, _ in bounds))),
    )


def _divided(one: float, other: float) -> float:
    return one / other if other else 1.0


def widest(found: list[Between]) -> Between:
    """Return the worst of several differences."""
    return Between(
        value=max(one.value for one in found), low=max(one.low for one in found), high=max(one.high for one in found)
    )


def narrowest(found: list[Between]) -> Between:
    """Return the worst of several ratios."""
    return Between(
        value=min(one.value for one in found), low=min(one.low for one in found), high=min(one.high for one in found)
    )
