"""Areas under curves and their tests against scikit-learn, MLstatkit, and pairs counted one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from mlci.statistics.ranking import auc_influence, average_precision, codes_of, delong, placements


def _draw(seed, n=300, *, decimals=None, share=0.3):
    random = np.random.default_rng(seed)
    positive = random.random(n) < share
    positive[:2] = True, False
    before = positive + random.normal(size=n)
    after = before + random.normal(0, 0.4, size=n)
    if decimals is not None:
        before, after = before.round(decimals), after.round(decimals)
    return positive, before, after


@pytest.mark.parametrize("decimals", [None, 1, 0])
@pytest.mark.parametrize("seed", range(5))
def test_areas_agree_with_scikit_learn(seed, decimals):
    positive, score, _ = _draw(seed, decimals=decimals)
    codes = codes_of(score)
    assert placements(codes, positive).auc == pytest.approx(roc_auc_score(positive, score), abs=1e-12)
    assert average_precision(codes, positive)[0] == pytest.approx(average_precision_score(positive, score), abs=1e-12)


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("seed", range(5))
def test_delong_agrees_with_mlstatkit(seed, decimals):
    oracle = pytest.importorskip("MLstatkit", reason="group oracles").Delong_test
    positive, before, after = _draw(seed, decimals=decimals)
    sides = [placements(codes_of(score), positive) for score in (before, after)]
    evidence = delong(*sides)
    z = oracle(positive.astype(int), before, after, return_ci=False, return_auc=False)[0]
    assert (sides[1].auc - sides[0].auc) / evidence.standard_error == pytest.approx(z, rel=1e-9)


def test_delong_agrees_with_pairs_counted_one_by_one():
    positive, before, after = _draw(7, n=60, decimals=1)
    difference = []
    for score in (before, after):
        ups, downs = score[positive], score[~positive]
        difference.append((ups[:, None] > downs) + 0.5 * (ups[:, None] == downs))
    won = difference[0] - difference[1]
    m, n = won.shape
    parts = won.mean(axis=1).var(ddof=1) / m, won.mean(axis=0).var(ddof=1) / n
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / (m - 1) + parts[1] ** 2 / (n - 1))
    evidence = delong(*(placements(codes_of(score), positive) for score in (before, after)))
    assert evidence.standard_error == pytest.approx(math.sqrt(sum(parts)), rel=1e-10)
    assert evidence.p_value == pytest.approx(stats.t.sf(won.mean() / math.sqrt(sum(parts)), degrees), rel=1e-9)


def test_the_same_order_is_unchanged():
    positive, before, _ = _draw(8)
    evidence = delong(*(placements(codes_of(score), positive) for score in (before, before**3 + before)))
    assert (evidence.p_value, evidence.upper_bound) == (1.0, 0.0)


@pytest.mark.parametrize("decimals", [None, 0])
@pytest.mark.parametrize("metric", [roc_auc_score, average_precision_score])
def test_influence_is_the_derivative_by_the_weight_of_an_example(metric, decimals):
    positive, score, _ = _draw(9, n=80, decimals=decimals)
    codes, n, step = codes_of(score), 80, 1e-5
    if metric is roc_auc_score:
        influence = auc_influence(placements(codes, positive), positive)
    else:
        influence = average_precision(codes, positive)[1]
    for example in range(0, n, 7):
        up, down = np.ones(n), np.ones(n)
        up[example], down[example] = 1 + step, 1 - step
        slope = metric(positive, score, sample_weight=up) - metric(positive, score, sample_weight=down)
        assert influence[example] == pytest.approx(slope / (2 * step) * n, abs=1e-4)
    assert influence.mean() == pytest.approx(0, abs=1e-12)


def test_bins_of_many_examples_lose_next_to_nothing():
    random = np.random.default_rng(10)
    positive = random.random(250_000) < 0.1
    score = positive * 1.0 + random.normal(size=250_000)
    codes = codes_of(score)
    assert int(codes.max()) == 16_383
    assert placements(codes, positive).auc == pytest.approx(roc_auc_score(positive, score), abs=1e-7)
    assert average_precision(codes, positive)[0] == pytest.approx(average_precision_score(positive, score), abs=2e-4)


def test_bins_of_scores_that_are_mostly_one_value():
    score = np.zeros(250_000)
    score[:1000] = np.arange(1000)
    positive = np.arange(250_000) % 3 == 0
    assert placements(codes_of(score), positive).auc == pytest.approx(roc_auc_score(positive, score), abs=1e-5)


def test_a_part_of_many_codes_is_renumbered():
    positive, score, _ = _draw(11, n=50)
    sparse = codes_of(score) * 1_000_003
    assert placements(sparse, positive).auc == pytest.approx(roc_auc_score(positive, score), abs=1e-12)
