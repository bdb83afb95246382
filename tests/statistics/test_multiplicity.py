"""Correction for many gates against statsmodels, and the power that is left."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mlci.statistics.multiplicity import holm, holm_in_families
from mlci.statistics.power import examples_needed, minimum_detectable_effect


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_holm_agrees_with_statsmodels():
    oracle = pytest.importorskip("statsmodels.stats.multitest", reason="group oracles").multipletests
    values = np.random.default_rng(0).random(40) ** 3
    assert holm(values.tolist()) == pytest.approx(oracle(values, method="holm")[1].tolist())


def test_families_share_the_rate_only_with_families_that_are_there():
    assert holm_in_families([0.01, 0.02], ["overall", "slices"]) == pytest.approx([0.02, 0.04])
    assert holm_in_families([0.01, 0.02], ["slices", "slices"]) == pytest.approx([0.02, 0.02])


def test_minimum_detectable_effect_is_found_with_the_power_it_says():
    effect = minimum_detectable_effect(2.0, level=0.01)
    assert stats.norm.sf(stats.norm.isf(0.01) - effect / 2.0) == pytest.approx(0.8)


def test_examples_needed_grow_with_the_square():
    assert examples_needed(1_000, effect=0.02, target=0.01) == 4_000
    assert examples_needed(1_000, effect=0.02, target=0.0) is None
    assert examples_needed(1_000, effect=float("inf"), target=0.01) is None
