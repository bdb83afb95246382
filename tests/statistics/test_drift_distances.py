"""Distances and tests of drift, against SciPy's own and against what they promise."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from mlci.statistics import drift

RNG = np.random.default_rng(7)
ONE, OTHER = RNG.integers(1, 100, 20), RNG.integers(1, 100, 20)


def test_distances_agree_with_scipy():
    assert drift.js_distance(ONE, OTHER) == pytest.approx(jensenshannon(ONE, OTHER, base=2))
    assert drift.js_distance(ONE, ONE) == 0
    assert drift.js_distance([5, 0], [0, 9]) == 1
    assert drift.total_variation([1, 1, 2], [2, 1, 1]) == pytest.approx(0.25)


def test_psi_of_a_moved_normal_distribution_is_the_square_of_the_move():
    edges = np.linspace(-6, 6, 400)
    before, now = np.diff(stats.norm.cdf(edges)) * 1e9, np.diff(stats.norm.cdf(edges, loc=0.3)) * 1e9
    assert drift.psi(before, now) == pytest.approx(0.09, rel=0.01)
    assert math.isfinite(drift.psi([10, 0], [0, 10]))


def test_distance_of_cells_is_at_most_that_of_values():
    before, now = RNG.normal(size=300), RNG.normal(0.4, 1, size=200)
    edges = [-np.inf, *np.quantile(before, np.linspace(0.02, 0.98, 49)), np.inf]
    counts = [np.histogram(values, edges)[0] for values in (before, now)]
    true = stats.ks_2samp(before, now)
    found = drift.ks_distance(*counts)
    assert 0.8 * true.statistic < found <= true.statistic
    rises, falls = drift.signed_ks(*counts)
    assert rises == found
    assert falls < 0.1


def test_p_values_agree_with_scipy():
    ours = drift.chi_square_p_value(ONE + 20, OTHER + 20)
    assert ours == pytest.approx(stats.chi2_contingency([ONE + 20, OTHER + 20]).pvalue)
    asymptotic = stats.ks_2samp(RNG.normal(size=3000), RNG.normal(0.05, 1, size=3000), method="asymp")
    assert drift.ks_p_value(asymptotic.statistic, 3000, 3000) == pytest.approx(asymptotic.pvalue, rel=0.05)
    assert drift.ks_p_value(drift.ks_least_distance(0.01, 80, 90), 80, 90) == pytest.approx(0.01)


def test_rare_cells_are_merged_before_the_chi_square_test():
    assert drift.chi_square_p_value([100, 1, 1, 1, 1], [100, 0, 0, 0, 0]) > 0.05
    assert drift.chi_square_p_value([50, 9, 3, 3, 0], [50, 0, 0, 0, 30]) < 1e-5
    assert drift.chi_square_p_value([9], [9]) == 1
    assert drift.chi_square_p_value([], []) == 1


def test_category_that_is_new_by_chance_is_no_news():
    assert drift.unseen_p_value(2, [500, 300, 2, 2, 2], 500, 500) == pytest.approx(0.75, abs=0.01)
    assert drift.unseen_p_value(20, [500, 300, 20], 500, 500) < 1e-5
    assert drift.unseen_p_value(20, [500, 300, 20], 500, 500, left_out=9) > 0.4


def test_neighbouring_cells_are_put_together_into_equal_shares():
    groups = drift.coarse([5] * 128, 10)
    assert len(groups) == 10
    assert sum(groups, []) == list(range(128))
    sizes = drift.merged([5] * 128, groups)
    assert max(sizes) - min(sizes) <= 10


def test_standardised_difference():
    assert drift.standardised_difference(0, 1, 0.3, 1) == pytest.approx(0.3)
    assert drift.standardised_difference(1, 0, 2, 0) == math.inf
    assert drift.standardised_difference(1, 0, 1, 0) == 0
