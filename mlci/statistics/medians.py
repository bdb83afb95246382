"""The paired test of a difference of medians; above 0 is worse."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from mlci.statistics.paired import (
    CONFIDENCE,
    FEWEST_ALIKE,
    UNCHANGED,
    Evidence,
    Floats,
    Ints,
    cluster_evidence,
    floored,
    mcnemar,
    t_evidence,
)

BANDWIDTH = float(1.96 ** (2 / 3) * (1.5 * 0.3989**2) ** (1 / 3))


@dataclass(frozen=True, kw_only=True)
class Medians:
    """The losses of each example before and now, whose medians are compared."""

    before: Floats
    after: Floats

    @cached_property
    def then(self) -> float:
        """The median before."""
        return float(np.median(self.before))

    @cached_property
    def now(self) -> float:
        """The median now."""
        return float(np.median(self.after))

    @cached_property
    def spacings(self) -> tuple[float, float]:
        """1 / the density at the median, before and now."""
        return spacing(self.before), spacing(self.after)

    def influence(self) -> Floats:
        """Return what each example adds to n times the difference beyond its mean.

        An example above the median moves it up by 1 / (2 n f), one below it down, f being the density there. Each side
        has a density of its own: where all losses grow together, the sides of the medians are the same, not these.
        """
        old, new = self.spacings
        added = (np.sign(self.after - self.now) * new - np.sign(self.before - self.then) * old) / 2
        centred: Floats = added - added.mean()
        return centred

    def crossings(self) -> Floats:
        """Return 1 for each example that rose above the median of both sides together, -1 where it fell below."""
        middle = np.median(np.concatenate([self.before, self.after]))
        crossed: Floats = np.sign(np.sign(self.after - middle) - np.sign(self.before - middle))
        return crossed

    def evidence(self) -> Evidence:
        """Judge the difference, the examples being independent: the larger p-value of two tests.

        Student's t on the influence function holds for losses of another shape, and claims too much where they repeat
        or hardly any example changed sides. Mood's median test (1950), for pairs McNemar's on `crossings`, holds for
        those: it gives the same whichever model is called the first, so that its count is binomial under swaps. The
        standard error counts two changed examples more, as Bonett and Price (2012) do for a share.
        """
        changed, n = int(np.count_nonzero(self.before != self.after)), len(self.before)
        if not changed:
            return UNCHANGED
        squares = float((self.influence() ** 2).sum()) + 2 * (sum(self.spacings) / 2) ** 2
        if squares == 0 and n < FEWEST_ALIKE:
            return t_evidence(self.now - self.then, math.inf, 0)
        tested = floored(t_evidence(self.now - self.then, math.sqrt(squares) / n, n - 1), changed)
        crossed = self.crossings()
        counted = mcnemar(int(np.count_nonzero(crossed > 0)), int(np.count_nonzero(crossed < 0)))
        return self._no_surer(tested, counted, independent=n)

    def clustered(self, clusters: Ints) -> Evidence:
        """Judge the difference likewise by clusters, given as a number for each example, with t for McNemar's test."""
        if not np.any(self.before != self.after):
            return UNCHANGED
        tested = cluster_evidence(self.now - self.then, self.influence(), clusters)
        crossed = self.crossings()
        share = float(crossed.mean())
        counted = cluster_evidence(share, crossed - share, clusters).p_value
        return self._no_surer(tested, counted, independent=len(np.unique(clusters)))

    def _no_surer(self, tested: Evidence, p_value: float, *, independent: int) -> Evidence:
        """Return the evidence with no smaller a p-value, and no smaller a bound than the quantiles around the median.

        Where losses repeat, a median jumps, which no density tells: the bound is no less than the difference of the
        quantiles at either end of what may be the median, as in Woodruff's interval (1952).
        """
        half = 0.5 * min(1.0, float(ndtri(CONFIDENCE)) / math.sqrt(independent))
        ends = (0.5 - half, 0.5 + half)
        apart = float((np.quantile(self.after, ends) - np.quantile(self.before, ends)).max())
        return replace(tested, p_value=max(tested.p_value, p_value), upper_bound=max(tested.upper_bound, apart))


def spacing(values: Floats) -> float:
    """Return 1 / the density of `values` at their median: the slope of their quantiles.

    Siddiqui (1960), with the bandwidth of Hall and Sheather (1988) for a normal distribution at 95 %.
    """
    half = min(0.49, len(values) ** (-1 / 3) * BANDWIDTH)
    low, high = np.quantile(values, (0.5 - half, 0.5 + half))
    slope: float = float(high - low) / (2 * half)
    return slope
