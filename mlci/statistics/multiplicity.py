"""Many gates at once: the share of harmless changes that any of them blocks stays at the rate asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlci.statistics.paired import Attainable, Floats

USUAL_RATE = 0.05
"""For which a rate is spread best. Shares are the same for others, so that adjusted p-values are those of the data."""
SMALLEST_SHARE = 0.2
"""Of the false-alarm rate, for each family of gates: many slices leave the overall metrics that much."""
EVEN = 0.2
"""Of a family's share, spread evenly over its gates: none is left without."""
SOUGHT = 2.5
"""Tolerances: the drop that the rest of it is spread to find."""
DRAWS = 10_000
_CHUNK = 4_000_000
_TIE = 1e-12
_EFFECTS = (1e-3, 1e3)


def shares(families: Sequence[str], seen: Sequence[float | None]) -> list[float]:
    """Return each gate's share of the false-alarm rate; they sum to 1.

    Families get as much as they have gates, but each of two has `SMALLEST_SHARE` at least. Within a family those that
    see their tolerance, with a standard error no larger than it, share alike. Those that do not even see a few
    tolerances could hardly use theirs, and leave most of it to the others.

    Args:
        families: each gate's family.
        seen: each gate's tolerance in standard errors of its drop; None where there is no tolerance or no error.
    """
    sizes = Counter(families)
    of_family = {family: size / len(families) for family, size in sizes.items()}
    if len(sizes) == 2:  # noqa: PLR2004 - overall metrics and slices
        smaller, larger = sorted(of_family, key=of_family.__getitem__)
        of_family[smaller] = max(of_family[smaller], SMALLEST_SHARE)
        of_family[larger] = 1 - of_family[smaller]
    found = np.zeros(len(families))
    for family, share in of_family.items():
        members = [at for at, each in enumerate(families) if each == family]
        found[members] = share * _within([seen[at] for at in members], level=USUAL_RATE * share)
    spread: list[float] = found.tolist()
    return spread


def _within(seen: Sequence[float | None], *, level: float) -> Floats:
    """Return how the gates of one family share its level; the shares sum to 1."""
    known = [at for at, one in enumerate(seen) if one]
    even = np.full(len(seen), 1 / len(seen))
    if known:
        part = len(known) / len(seen)
        effects = SOUGHT * np.minimum([seen[at] or 0.0 for at in known], 1.0)
        even[known] = EVEN * even[known] + (1 - EVEN) * part * most_powerful(effects, level=level * part)
    return even


def most_powerful(effects: Floats, *, level: float) -> Floats:
    """Return the weights, which sum to 1, with which tests that share a level find the most of these effects.

    Spjøtvoll (1972); Roeder and Wasserman (2009), "Genome-wide significance levels and weighted hypothesis testing":
    a test of effect e has the level P(Z > e / 2 + c / e), with the c for which the levels sum to `level`.

    Args:
        effects: in standard errors, positive.
        level: of all tests together, one-sided.
    """
    if float(np.ptp(effects)) == 0:
        return np.full(len(effects), 1 / len(effects))
    from scipy.optimize import brentq

    effect = np.clip(effects, *_EFFECTS)

    def levels(c: float) -> Floats:
        each: Floats = ndtr(-(effect / 2 + c / effect))
        return each

    largest = float(effect.max())
    far = 40 * largest
    c = brentq(lambda at: float(levels(at).sum()) - level, -(largest**2) / 2 - far, far)
    spent = levels(c)
    shared: Floats = spent / spent.sum()
    return shared


def holm(p_values: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """Return the adjusted p-values of Holm (1979), in the order given; holds whatever the dependence between tests.

    With `weights`, which sum to 1, a test's share of the rate is its weight among the tests not yet rejected.
    """
    weight = [1.0] * len(p_values) if weights is None else weights
    order = sorted(range(len(p_values)), key=lambda index: p_values[index] / weight[index])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        left = sum(weight[other] for other in order[rank:])
        largest = max(largest, min(1.0, left * p_values[index] / weight[index]))
        adjusted[index] = largest
    return adjusted


def step_down(
    p_values: Sequence[float],
    weights: Sequence[float],
    correlation: Floats,
    attainable: Sequence[Attainable | None],
) -> list[float]:
    """Return p-values adjusted for tests that depend on one another, in the order given: from its own value to Holm's.

    Westfall and Young (1993), the weighted step-down minimum of p-values, with the joint distribution under no
    regression taken to be normal with the correlation of the tests' statistics (Hothorn, Bretz, Westfall 2008):
    metrics of the same examples go wrong together, which Holm has to take for as many chances of a false alarm. A test
    of a few changed examples that cannot come to a small p-value is no chance of one either (Tarone 1990).

    Args:
        p_values: one-sided, one for each test.
        weights: the tests' shares of the false-alarm rate, which sum to 1.
        correlation: of the tests' statistics, an array of (tests, tests).
        attainable: the p-values that each test can have, where they are few.
    """
    by_holm = holm(p_values, weights)
    if len(p_values) < 2:  # noqa: PLR2004 - nothing to depend on
        return by_holm
    ratio = np.asarray(p_values) / np.asarray(weights)
    order = np.argsort(ratio, kind="stable")
    exceeded = _exceeded(
        ratio[order], np.asarray(weights)[order], correlation[np.ix_(order, order)], [attainable[at] for at in order]
    )
    drawn = np.maximum.accumulate((exceeded + 1) / (DRAWS + 1))
    adjusted = np.empty(len(order))
    adjusted[order] = drawn
    drawn_and_exact = zip(p_values, adjusted.tolist(), by_holm, strict=True)
    return [max(own, min(one, other)) for own, one, other in drawn_and_exact]


def _exceeded(ratio: Floats, weights: Floats, correlation: Floats, attainable: Sequence[Attainable | None]) -> Floats:
    """Return, for each test, in how many draws one of the tests from it on has a smaller ratio of p to weight."""
    with threadpool_limits(1, user_api="blas"):  # small: threads would wait for each other on a busy machine
        values, vectors = np.linalg.eigh(correlation)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))).T
    random = np.random.default_rng(0)
    counts = np.zeros(len(ratio))
    left = DRAWS
    while left:
        size = max(1, min(left, _CHUNK // len(ratio)))
        drawn = ndtr(random.standard_normal((size, len(ratio))) @ root)
        for at, few in enumerate(attainable):
            if few is not None:
                drawn[:, at] = few.at(drawn[:, at])
        drawn /= weights
        smallest = np.minimum.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]
        counts += (smallest <= ratio + _TIE).sum(axis=0)
        left -= size
    return counts
