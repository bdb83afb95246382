"""The swap permutation test of a drop of the area under the ROC curve, for the few examples that a slice has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlci.statistics.paired import Bools, Floats, Ints
from mlci.statistics.ranking import dense

MOST_PAIRS = 30_000
"""Of a positive and a negative example: beyond, DeLong's t is near enough, and draws are slow."""
DRAWS = 20_000
CHUNK = 200
ENOUGH = 100
TIE = 1e-9
_SMALLEST = 1e-300


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """What each pair of a positive and a negative example adds to the drop: arrays of (positives, negatives).

    Whether the two models' outputs are swapped in the one and in the other example, a sign of each, decides what the
    pair adds: the sign of the positive example times `by_positive`, and that of the negative one times `by_negative`.
    """

    by_positive: Floats
    by_negative: Floats


def swap_p_value(
    before: Ints, after: Ints, positive: Bools, *, beyond: float, random: np.random.Generator
) -> float | None:
    """Return how often swapping the two models' outputs within examples gives a drop as large for its standard error.

    Bandos, Rockette, Gur (2005), "A permutation test sensitive to differences in areas for comparing ROC curves from a
    paired design": each model's scores enter as ranks. The statistic is the drop over DeLong's standard error, so that
    the test holds for models whose curves differ in shape, too (Chung and Romano 2013; Pauly, Asendorf, Konietschke
    2016). Draws end early once a hundred reached the statistic (Besag and Clifford 1991) and count the observed order
    (Phipson and Smyth 2010).

    Args:
        before: the scores before as whole numbers in their order, one for each example.
        after: the scores now, likewise.
        positive: whether each example is positive.
        beyond: the p-value of another test, which counts where no draw reached the statistic and it is smaller.
        random: where the draws come from.

    Returns:
        None where there are too many pairs, or fewer than two examples of a class.

    """
    ups = int(positive.sum())
    downs = len(positive) - ups
    if min(ups, downs) < 2 or ups * downs > MOST_PAIRS:  # noqa: PLR2004 - a spread needs two
        return None
    pairs = _pairs(_ranks(before), _ranks(after), positive)
    observed = float(_ratios(pairs, np.ones((1, ups)), np.ones((1, downs)))[0])
    reached = drawn = 0
    while drawn < DRAWS and reached < ENOUGH:
        signs = _signs(random, CHUNK, ups + downs)
        ratios = _ratios(pairs, signs[:, positive], signs[:, ~positive])
        reached += int((ratios >= observed - TIE).sum() + (ratios <= TIE - observed).sum())
        drawn += 2 * CHUNK  # each draw and the one with all signs turned
    estimate = (reached + 1) / (drawn + 1)
    return estimate if reached else min(estimate, beyond)


def _signs(random: np.random.Generator, draws: int, examples: int) -> Floats:
    size = draws * examples
    bits = np.unpackbits(np.frombuffer(random.bytes(size // 8 + 1), dtype=np.uint8), count=size)
    return bits.reshape(draws, examples).astype(np.float64) * 2 - 1


def _ranks(codes: Ints) -> Floats:
    """Return the rank of each example among all, the mean of those that are equal."""
    codes = dense(codes)
    counts = np.bincount(codes)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[codes]
    return ranks


def _pairs(before: Floats, after: Floats, positive: Bools) -> Pairs:
    def won(ups: Floats, downs: Floats) -> Floats:
        halves: Floats = np.sign(ups[positive][:, None] - downs[~positive][None, :]) / 2
        return halves

    both = won(before, before) - won(after, after)
    one = won(before, after) - won(after, before)
    return Pairs(by_positive=(both + one) / 2, by_negative=(both - one) / 2)


def _ratios(pairs: Pairs, positive: Floats, negative: Floats) -> Floats:
    """Return the drop over DeLong's standard error for each row of signs of the positive and negative examples."""
    ups, downs = pairs.by_positive.shape
    placed = positive * pairs.by_positive.mean(axis=1) + negative @ pairs.by_negative.T / downs
    against = positive @ pairs.by_positive / ups + negative * pairs.by_negative.mean(axis=0)
    variance = placed.var(axis=1, ddof=1) / ups + against.var(axis=1, ddof=1) / downs
    ratios: Floats = placed.mean(axis=1) / np.sqrt(np.maximum(variance, _SMALLEST))
    return ratios
