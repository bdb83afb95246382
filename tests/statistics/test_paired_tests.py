"""Paired tests against statsmodels, SciPy, and enumeration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from mlci.statistics import predicted_from_history
from mlci.statistics.history import prediction_limit
from mlci.statistics.paired import (
    bonett_price,
    cluster_evidence,
    corpus_p_value,
    mcnemar,
    mean_evidence,
    share_evidence,
    t_evidence,
)


@pytest.mark.parametrize(("wrong", "right"), list(itertools.product((0, 1, 2, 5, 17, 400), repeat=2)))
def test_mcnemar_is_the_mid_p_of_the_binomial(wrong, right):
    changed = wrong + right
    if changed == 0:
        assert mcnemar(0, 0) == 1
        return
    outcomes = [math.comb(changed, k) for k in range(changed + 1)] if changed < 40 else None
    exact = stats.binomtest(wrong, changed, 0.5, alternative="greater").pvalue
    expected = exact - 0.5 * stats.binom.pmf(wrong, changed, 0.5)
    assert mcnemar(wrong, right) == pytest.approx(expected, rel=1e-10)
    if outcomes:
        enumerated = (sum(outcomes[wrong + 1 :]) + outcomes[wrong] / 2) / 2**changed
        assert mcnemar(wrong, right) == pytest.approx(enumerated, rel=1e-12)


def test_mcnemar_agrees_with_statsmodels():
    exact = pytest.importorskip("statsmodels.stats.contingency_tables", reason="group oracles").mcnemar
    two_sided = exact([[50, 14], [5, 30]], exact=True).pvalue
    assert 2 * (mcnemar(14, 5) + 0.5 * stats.binom.pmf(14, 19, 0.5)) == pytest.approx(two_sided, rel=1e-10)


def test_bonett_price_holds_its_level_where_the_plain_interval_does_not():
    """Coverage by enumeration of every outcome of 100 pairs, 2 % of which change either way."""
    n, share = 100, 0.02
    covered = {"bonett": 0.0, "wald": 0.0}
    for wrong, right in itertools.product(range(20), repeat=2):
        chance = stats.multinomial.pmf([wrong, right, n - wrong - right], n, [share, share, 1 - 2 * share])
        centre, error = bonett_price(wrong, right, n)
        covered["bonett"] += chance * (centre + 1.645 * error >= 0)
        plain = (wrong - right) / n
        covered["wald"] += chance * (plain + 1.645 * math.sqrt((wrong + right) / n - plain**2) / math.sqrt(n) >= 0)
    assert covered["bonett"] > 0.95 > covered["wald"]


def test_a_share_without_a_changed_example_is_no_drop_and_keeps_an_error():
    evidence = share_evidence(0, 0, 100)
    assert (evidence.p_value, evidence.upper_bound) == (1.0, 0.0)
    assert evidence.standard_error > 0


def test_mean_agrees_with_scipy():
    random = np.random.default_rng(0)
    before, after = random.normal(size=50), random.normal(0.2, size=50)
    evidence = mean_evidence(after - before)
    expected = stats.ttest_rel(after, before, alternative="greater")
    assert evidence.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert evidence.upper_bound == pytest.approx(
        stats.ttest_rel(after, before, alternative="less").confidence_interval(0.95).high, rel=1e-10
    )


@pytest.mark.parametrize(
    ("differences", "p_value"),
    [([], 1.0), ([0.0, 0.0], 1.0), ([0.1], 1.0), ([0.1] * 30, 0.5**30), ([-0.1] * 30, 1.0), ([1.0] * 4, 1.0)],
    ids=["none", "unchanged", "one", "all the same worse", "all the same better", "few of the same"],
)
def test_mean_of_degenerate_differences(differences, p_value):
    evidence = mean_evidence(np.asarray(differences, dtype=float))
    assert evidence.p_value == p_value
    assert not math.isnan(evidence.upper_bound)


def test_clusters_of_one_size_are_the_t_test_of_their_means():
    random = np.random.default_rng(1)
    differences = random.normal(0.1, size=120) + np.repeat(random.normal(size=12), 10)
    clusters = np.repeat(np.arange(12), 10)
    drop = differences.mean()
    evidence = cluster_evidence(drop, differences - drop, clusters)
    expected = stats.ttest_1samp(differences.reshape(12, 10).mean(axis=1), 0, alternative="greater")
    assert evidence.p_value == pytest.approx(expected.pvalue, rel=1e-10)


@pytest.mark.slow
def test_clusters_of_one_size_agree_with_statsmodels():
    api = pytest.importorskip("statsmodels.api", reason="group oracles")
    random = np.random.default_rng(2)
    clusters = np.repeat(np.arange(15), 8)
    differences = random.normal(size=15)[clusters] + random.normal(size=120)
    fitted = api.OLS(differences, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    drop = differences.mean()
    ours = cluster_evidence(drop, differences - drop, clusters).standard_error
    correction = math.sqrt(119 / 119)  # (n - 1) / (n - k) with one parameter
    assert ours == pytest.approx(fitted.bse[0] * correction, rel=1e-10)


def test_one_cluster_says_nothing():
    evidence = cluster_evidence(0.5, np.asarray([0.1, -0.1]), np.zeros(2, dtype=int))
    assert (evidence.p_value, evidence.upper_bound) == (1.0, math.inf)


def test_a_large_cluster_lowers_the_degrees_of_freedom():
    random = np.random.default_rng(3)
    even, uneven = np.repeat(np.arange(10), 10), np.r_[np.repeat(0, 46), np.repeat(np.arange(1, 10), 6)]
    differences = random.normal(0.3, size=100)
    centred = differences - differences.mean()
    bounds = [cluster_evidence(0.3, centred, groups) for groups in (even, uneven)]
    quantiles = [(each.upper_bound - 0.3) / each.standard_error for each in bounds]
    assert quantiles[0] == pytest.approx(stats.t.ppf(0.95, 9))
    assert quantiles[1] > 1.1 * quantiles[0]


def test_too_few_degrees_of_freedom_never_convict():
    assert t_evidence(1.0, 0.0, 0).p_value == 1.0


def test_corpus_level_p_value_enumerates_small_samples():
    baseline, candidate = [5, 6, 7, 8, 9], [4, 5, 6, 8, 5]
    observed = np.mean(baseline) - np.mean(candidate)
    differences = np.subtract(baseline, candidate)
    signs = itertools.product((1, -1), repeat=5)
    expected = np.mean([np.mean(differences * sign) >= observed - 1e-12 for sign in signs])
    found = corpus_p_value(lambda outputs: float(np.mean(outputs)), baseline, candidate)
    assert found == pytest.approx(expected)
    assert corpus_p_value(lambda o: -float(np.mean(o)), baseline, candidate, higher_is_better=False) == found


def test_history_predicts_one_more_run():
    history = [0.80, 0.81, 0.79, 0.82, 0.80, 0.78]
    limit = prediction_limit(history)
    at_limit = predicted_from_history(history, limit, higher_is_better=True)
    assert at_limit.p_value == pytest.approx(0.05, abs=1e-9)
    assert predicted_from_history([-v for v in history], -limit, higher_is_better=False).p_value == pytest.approx(0.05)
    assert predicted_from_history(history[:4], 0.5, higher_is_better=True) is None


def test_history_alarms_as_often_as_it_says():
    random = np.random.default_rng(4)
    runs = random.normal(size=(2_000, 6))
    alarms = np.mean(
        [predicted_from_history(r[:5], r[5], higher_is_better=True).p_value <= 0.05 for r in runs.tolist()]
    )
    assert 0.035 < alarms < 0.065
