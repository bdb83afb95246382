"""Correction for many gates against statsmodels, and the power that is left."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mlci.statistics.multiplicity import DRAWS, holm, most_powerful, shares, step_down
from mlci.statistics.paired import mcnemar, mcnemar_attainable
from mlci.statistics.power import examples_needed, minimum_detectable_effect


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@pytest.mark.slow
def test_holm_agrees_with_statsmodels():
    oracle = pytest.importorskip("statsmodels.stats.multitest", reason="group oracles").multipletests
    values = np.random.default_rng(0).random(40) ** 3
    assert holm(values.tolist()) == pytest.approx(oracle(values, method="holm")[1].tolist())


def test_weighted_holm_by_hand():
    assert holm([0.01, 0.03], [0.25, 0.75]) == pytest.approx([0.04, 0.04])
    assert holm([0.02, 0.9], [0.5, 0.5]) == pytest.approx([0.04, 0.9])


def test_gates_of_which_nothing_is_known_share_alike_and_no_family_has_less_than_a_fifth():
    assert _shares(["overall", "overall", "slices", "slices"]) == pytest.approx([0.25] * 4)
    assert _shares(["overall"] + ["slices"] * 99)[0] == pytest.approx(0.2)
    assert sum(_shares(["overall"] * 3 + ["slices"] * 50)) == pytest.approx(1)
    assert _shares(["slices"] * 2) == pytest.approx([0.5, 0.5])


def _shares(families, seen=None):
    return shares(families, seen or [None] * len(families))


def test_gates_that_see_little_leave_their_share_to_the_others():
    blind, keen, keener = _shares(["slices"] * 3, [0.1, 1.0, 20.0])
    assert keen == keener > 0.4
    assert blind >= 0.2 / 3
    assert _shares(["slices"] * 3, [0.8] * 3) == pytest.approx([1 / 3] * 3)


def test_what_is_known_of_one_family_does_not_change_the_share_of_another():
    found = _shares(["overall"] * 2 + ["slices"] * 2, [3.0, 0.3, 0.9, None])
    assert found[0] > found[1]
    assert sum(found[:2]) == pytest.approx(0.5)
    assert sum(found[2:]) == pytest.approx(0.5)
    assert found[3] == pytest.approx(0.25), "without a tolerance: as much as alone"


@pytest.mark.parametrize("effects", [[2.6, 0.75, 1.9], [3.0, 3.0], [0.5, 9.0, 4.0, 4.0], [1e-6, 2.0], [30.0, 3.0, 2.0]])
def test_no_other_weights_find_more(effects):
    level, effects = 0.04, np.asarray(effects)

    def power(weights):
        return stats.norm.sf(stats.norm.isf(level * weights) - effects).sum(axis=-1)

    best = most_powerful(effects, level=level)
    assert best.sum() == pytest.approx(1)
    others = np.random.default_rng(0).dirichlet(np.ones(len(effects)), size=2_000)
    assert power(others).max() <= power(best) + 1e-6


def _step_down(p_values, correlation, attainable=None):
    m = len(p_values)
    return step_down(p_values, [1 / m] * m, np.asarray(correlation), attainable or [None] * m)


def test_tests_that_are_the_same_are_one_test():
    alone = _step_down([0.02] * 10, np.ones((10, 10)))
    assert alone == pytest.approx([0.02] * 10, abs=0.004)


def test_independent_tests_are_corrected_by_sidak():
    adjusted = _step_down([0.01] + [0.9] * 9, np.eye(10))
    assert adjusted[0] == pytest.approx(1 - 0.99**10, abs=0.008)


def test_adjusted_values_are_never_above_those_of_holm_nor_below_the_value_itself():
    random = np.random.default_rng(3)
    for _ in range(20):
        p_values = (random.random(6) ** 3).tolist()
        vectors = random.normal(size=(6, 4))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        adjusted = _step_down(p_values, vectors @ vectors.T)
        assert all(one <= other + 1e-12 for one, other in zip(adjusted, holm(p_values), strict=True))
        assert all(one >= p - 4 * np.sqrt(p / DRAWS) for one, p in zip(adjusted, p_values, strict=True))


def test_a_test_that_cannot_come_to_a_small_value_is_no_chance_of_a_false_alarm():
    few = mcnemar_attainable(3)
    adjusted = _step_down([0.01] + [0.5] * 9, np.eye(10), [None] + [few] * 9)
    assert adjusted[0] == pytest.approx(0.01, abs=0.004)


@pytest.mark.parametrize("changed", [1, 2, 7, 40])
def test_attainable_values_of_mcnemar(changed):
    found = mcnemar_attainable(changed)
    assert found.p_values.tolist() == pytest.approx(
        [mcnemar(wrong, changed - wrong) for wrong in range(changed, -1, -1)]
    )
    expected = stats.binom.sf(np.arange(changed, -1, -1) - 1, changed, 0.5)
    assert found.chances.tolist() == pytest.approx(expected.tolist())
    assert found.at(np.array([0.0, 1.0])).tolist() == pytest.approx([mcnemar(changed, 0), mcnemar(0, changed)])


def test_minimum_detectable_effect_is_found_with_the_power_it_says():
    effect = minimum_detectable_effect(2.0, level=0.01)
    assert stats.norm.sf(stats.norm.isf(0.01) - effect / 2.0) == pytest.approx(0.8)


def test_examples_needed_grow_with_the_square():
    assert examples_needed(1_000, effect=0.02, target=0.01) == 4_000
    assert examples_needed(1_000, effect=0.02, target=0.0) is None
    assert examples_needed(1_000, effect=float("inf"), target=0.01) is None
