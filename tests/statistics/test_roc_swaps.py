"""The swap permutation test of the area under the ROC curve against DeLong on data that was swapped by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mlci.statistics.ranking import codes_of, delong, placements
from mlci.statistics.roc_swaps import MOST_PAIRS, swap_p_value


def _draw(seed, positives, negatives, *, worse=0.0):
    random = np.random.default_rng(seed)
    positive = np.arange(positives + negatives) < positives
    before = positive * 2.0 + random.normal(size=len(positive))
    after = before - worse * positive + random.normal(0, 0.5, size=len(positive))
    return positive, codes_of(before), codes_of(after)


def _ratio(before, after, positive):
    sides = [placements(codes_of(side), positive) for side in (before, after)]
    error = delong(*sides).standard_error
    drop = sides[0].auc - sides[1].auc
    return drop / error if error else np.sign(drop) * np.inf if drop else 0.0


def _by_hand(before, after, positive):
    """Swap every subset of the examples and count those whose drop for its standard error is as large."""
    observed = _ratio(before, after, positive)
    swaps = [np.asarray(each) for each in itertools.product([False, True], repeat=len(positive))]
    reached = [
        _ratio(np.where(swap, after, before), np.where(swap, before, after), positive) >= observed - 1e-9
        for swap in swaps
    ]
    return np.mean(reached)


@pytest.mark.parametrize("worse", [0.0, 1.0])
def test_draws_agree_with_every_swap(worse):
    positive, before, after = _draw(3, 3, 5, worse=worse)
    found = swap_p_value(before, after, positive, beyond=1.0, random=np.random.default_rng(0))
    exact = _by_hand(before, after, positive)
    assert found == pytest.approx(exact, abs=4 * np.sqrt(exact / 100))


def test_the_size_of_the_scores_does_not_matter():
    positive, before, after = _draw(4, 20, 40, worse=0.5)
    values = [
        swap_p_value(before, codes, positive, beyond=1.0, random=np.random.default_rng(0))
        for codes in (after, after * 7 + 100)
    ]
    assert values[0] == values[1]


@pytest.mark.slow
def test_where_no_draw_reaches_the_drop_the_other_test_counts():
    positive, before, after = _draw(5, 60, 60, worse=3.0)
    values = [
        swap_p_value(before, after, positive, beyond=beyond, random=np.random.default_rng(0)) for beyond in (1.0, 1e-9)
    ]
    assert values[0] == pytest.approx(1 / 20_001)
    assert values[1] == 1e-9


@pytest.mark.parametrize(("positives", "negatives"), [(1, 30), (30, 1), (200, MOST_PAIRS // 200 + 1)])
def test_too_few_or_too_many_examples_have_no_swap_test(positives, negatives):
    positive, before, after = _draw(6, positives, negatives)
    assert swap_p_value(before, after, positive, beyond=1.0, random=np.random.default_rng(0)) is None


@pytest.mark.slow
@pytest.mark.parametrize("spread", [1.0, 0.6])
def test_equal_areas_are_rarely_told_apart_whatever_the_shape_of_the_curve(spread):
    """Slices of 200 examples, at 5 % and at 1 %, where tests of many gates are decided."""
    random = np.random.default_rng(7)
    values = []
    for _ in range(600):
        positive = random.random(200) < 0.28
        shared, own = random.normal(size=(2, 200))
        before = 1.75 * positive + shared
        now = 0.9 * shared + np.sqrt(1 - 0.9**2) * own
        apart = 1.75 * np.sqrt((1 + spread**2) / 2)
        after = np.where(positive, apart + spread * now, now)
        values.append(swap_p_value(codes_of(before), codes_of(after), positive, beyond=1.0, random=random))
    for level in (0.05, 0.01):
        assert np.mean(np.asarray(values) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 600)
