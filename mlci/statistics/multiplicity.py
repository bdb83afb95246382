"""Many gates at once: the share of harmless changes that any of them blocks stays at the rate asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlci.statistics.paired import Attainable, Floats

SMALLEST_SHARE = 0.2
"""Of the false-alarm rate, for each family of gates: many slices leave the overall metrics that much."""
DRAWS = 10_000
_CHUNK = 4_000_000
_TIE = 1e-12


def shares(families: Sequence[str]) -> list[float]:
    """Return each gate's share of the false-alarm rate; they sum to 1.

    All gates get the same, unless that leaves one of two families less than `SMALLEST_SHARE` together.
    """
    sizes = Counter(families)
    of_family = {family: size / len(families) for family, size in sizes.items()}
    if len(sizes) == 2:  # noqa: PLR2004 - overall metrics and slices
        smaller, larger = sorted(of_family, key=of_family.__getitem__)
        of_family[smaller] = max(of_family[smaller], SMALLEST_SHARE)
        of_family[larger] = 1 - of_family[smaller]
    return [of_family[family] / sizes[family] for family in families]


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
