"""Metrics of scores, probabilities and numbers against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from mlci.errors import UsageError
from mlci.metrics import METRICS
from mlci.statistics import compare_predictions
from mlci.statistics.medians import Medians


def _binary(seed, n=120):
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, n)
    scores = [np.clip(label * 0.3 + random.random(n) * 0.7, 0, 1) for _ in range(2)]
    return label, scores


def _gate(metric, label, before, after, **how):
    frames = [{"label": label, **side} for side in (before, after)]
    return compare_predictions(*frames, metrics=[metric], id=None, **how).gates[0]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("roc_auc", sklearn_metrics.roc_auc_score),
        ("average_precision", sklearn_metrics.average_precision_score),
        ("log_loss", sklearn_metrics.log_loss),
        ("brier_score", sklearn_metrics.brier_score_loss),
    ],
)
def test_binary_scores_agree_with_scikit_learn(name, function):
    label, (before, after) = _binary(0)
    before[:2], after[:2] = (0, 1), (1, 0)
    gate = _gate(name, label, {"score": before}, {"score": after})
    assert gate.baseline == pytest.approx(function(label, before), abs=1e-12)
    assert gate.candidate == pytest.approx(function(label, after), abs=1e-12)
    words = np.asarray(["cat", "dog"], dtype=object)[label]
    assert _gate(name, words, {"score": before}, {"score": after}).candidate == gate.candidate
    assert (
        _gate(name, words, {"score": 1 - before}, {"score": 1 - after}, positive="cat").p_value
        == pytest.approx(gate.p_value, rel=1e-6, abs=1e-12)
        or name == "average_precision"
    )


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("mean_absolute_error", sklearn_metrics.mean_absolute_error),
        ("mean_squared_error", sklearn_metrics.mean_squared_error),
        ("root_mean_squared_error", sklearn_metrics.root_mean_squared_error),
        ("mean_absolute_percentage_error", sklearn_metrics.mean_absolute_percentage_error),
        ("mean_squared_log_error", sklearn_metrics.mean_squared_log_error),
        ("root_mean_squared_log_error", sklearn_metrics.root_mean_squared_log_error),
        ("r2", sklearn_metrics.r2_score),
    ],
)
def test_numbers_agree_with_scikit_learn(name, function):
    random = np.random.default_rng(1)
    label = random.gamma(3, size=80)
    before, after = (label * random.lognormal(0, 0.2, 80) for _ in range(2))
    gate = _gate(name, label, {"prediction": before}, {"prediction": after})
    assert gate.baseline == pytest.approx(function(label, before), abs=1e-12)
    assert gate.candidate == pytest.approx(function(label, after), abs=1e-12)
    assert gate.higher_is_better is (name == "r2")


def test_root_mean_squared_error_is_judged_on_squared_errors():
    random = np.random.default_rng(2)
    label = random.normal(size=60)
    before, after = label + random.normal(size=60), label + random.normal(0, 1.2, size=60)
    gate = _gate("root_mean_squared_error", label, {"prediction": before}, {"prediction": after})
    squares = [(label - side) ** 2 for side in (after, before)]
    assert gate.p_value == pytest.approx(stats.ttest_rel(*squares, alternative="greater").pvalue, rel=1e-9)


def test_bound_of_the_root_covers_as_its_test_does():
    """Where the p-value is exactly 5 %, the bound of improvement is near 0, up to the curve of the root."""
    random = np.random.default_rng(3)
    label, n = np.zeros(2_000), 2_000
    before = random.normal(size=n)
    after = before * (1 + 0.02 * random.normal(size=n))
    gate = _gate("root_mean_squared_error", label, {"prediction": before}, {"prediction": after})
    error = (gate.upper_bound - gate.drop) / 1.6456
    assert gate.drop / error == pytest.approx(stats.norm.isf(gate.p_value), abs=0.02)


def _median_gate(before, after):
    sides = ({"prediction": side} for side in (before, after))
    return _gate("median_absolute_error", np.zeros(len(before)), *sides, max_drop="2%")


def _errors(n, seed=8):
    return np.random.default_rng(seed).normal(size=n)


@pytest.mark.parametrize(
    "grown",
    [
        lambda error: error * 1.5,
        lambda error: error * 1e6,
        lambda error: error + np.sign(error) * 0.5,
        lambda error: -1.5 * error,
    ],
    ids=["times 1.5", "times 1e6", "plus 0.5", "to the other side"],
)
def test_errors_that_all_grow_together_block(grown):
    error = _errors(200)
    gate = _median_gate(error, grown(error))
    assert (gate.verdict, gate.p_value < 1e-6) == ("regression", True)
    assert gate.drop / 100 < gate.mde < gate.drop
    assert gate.upper_bound >= gate.drop


def test_each_median_is_as_uncertain_as_its_own_errors_are_spread():
    """Half the error of the median of normal errors' sizes, where all of them are one and a half times as large."""
    error, middle = _errors(4_000), stats.norm.ppf(0.75)
    expected = 0.5 / (2 * 2 * stats.norm.pdf(middle) * np.sqrt(4_000))
    gate = _median_gate(error, error * 1.5)
    assert gate.mde / (stats.norm.ppf(0.95) + stats.norm.ppf(0.8)) == pytest.approx(expected, rel=0.15)


def test_one_error_for_all_examples_that_doubles_blocks():
    gate = _median_gate(np.ones(200), np.full(200, 2.0))
    assert (gate.verdict, gate.drop) == ("regression", 1)
    for few in (np.full(4, 2.0), np.full(4, 0.5)):
        assert _median_gate(np.ones(4), few).verdict == "inconclusive"


def test_errors_that_shrink_together_or_stay_pass():
    error = _errors(200)
    for after in (error * 0.7, error - np.sign(error) * np.minimum(np.abs(error), 0.2), error):
        assert _median_gate(error, after).verdict == "pass"
    assert _median_gate(np.full(200, 2.0), np.ones(200)).verdict == "pass"
    assert _median_gate(error, error).p_value == 1


def test_errors_of_clusters_that_grow_together_block():
    error, patient = _errors(200), np.arange(200) // 4
    frames = [{"label": np.zeros(200), "prediction": side, "patient": patient} for side in (error, error * 1.5)]
    for candidate, verdict in ((frames[1], "regression"), (frames[0], "pass")):
        gate = compare_predictions(
            frames[0], candidate, metrics=["median_absolute_error"], id=None, cluster="patient", max_drop="2%"
        ).gates[0]
        assert gate.verdict == verdict
    assert gate.p_value == 1


def test_growth_by_a_rounding_is_not_significant():
    error = _errors(201)
    assert _median_gate(error, error * (1 + 1e-15)).p_value > 0.2


_DRAWS = {
    "normal": lambda random, n: random.normal(size=n),
    "heavy-tailed": lambda random, n: random.standard_t(2, n),
}


def _told_apart(draw, *, n, clustered):
    """Return how many of a thousand drops of 0 were significant at 5 %, and how many were above their 95 % bound."""
    judged = []
    for seed in range(1_000):
        before, after = draw(np.random.default_rng(seed), n)
        medians = Medians(before=np.abs(before), after=np.abs(after))
        judged.append(medians.clustered(np.arange(n)) if clustered else medians.evidence())
    return sum(each.p_value <= 0.05 for each in judged), sum(each.upper_bound < 0 for each in judged)


_MOST = 50 + 3 * (1_000 * 0.05 * 0.95) ** 0.5  # three standard errors of the simulation beyond nominal


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("n", [30, 200])
@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("draw", _DRAWS.values(), ids=_DRAWS)
def test_equal_medians_are_rarely_told_apart(draw, share, n, clustered):
    def errors(random, n):
        common = draw(random, n) * (1 - share)
        return [common + draw(random, n) * share for _ in range(2)]

    assert max(_told_apart(errors, n=n, clustered=clustered)) <= _MOST


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_medians_that_jump_from_one_rounded_error_to_the_next_are_rarely_told_apart(clustered):
    def errors(random, n):
        return np.round(random.normal(size=(2, n)) * 4) / 4

    assert max(_told_apart(errors, n=200, clustered=clustered)) <= _MOST


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 1_000])
def test_medians_of_losses_of_another_shape_are_rarely_told_apart(n):
    """Squares have the median 1 where losses have, but are spread twice as far there: swaps would not tell."""

    def losses(random, n):
        before = np.abs(random.normal(size=n)) / stats.norm.ppf(0.75)
        return before, before**2

    assert max(_told_apart(losses, n=n, clustered=False)) <= _MOST


def _multiclass(n=150):
    random = np.random.default_rng(4)
    label = np.asarray(["a", "b", "c"], dtype=object)[np.r_[0, 1, 2, random.integers(0, 3, n - 3)]]
    sides = []
    for _ in range(2):
        raw = random.random((n, 3)) + (label[:, None] == np.asarray(["a", "b", "c"], dtype=object)) * 0.5
        rows = raw / raw.sum(axis=1, keepdims=True)
        sides.append({f"score_{name}": rows[:, place] for place, name in enumerate("abc")})
    return label, sides


@pytest.mark.parametrize("name", ["log_loss", "roc_auc_ovr", "roc_auc_ovr_weighted"])
def test_probabilities_of_each_class_agree_with_scikit_learn(name):
    label, (before, after) = _multiclass()
    gate = _gate(name, label, before, after)
    rows = np.stack(list(after.values()), axis=1)
    expected = {
        "log_loss": lambda: sklearn_metrics.log_loss(label, rows),
        "roc_auc_ovr": lambda: sklearn_metrics.roc_auc_score(label, rows, multi_class="ovr"),
        "roc_auc_ovr_weighted": lambda: sklearn_metrics.roc_auc_score(
            label, rows, multi_class="ovr", average="weighted"
        ),
    }[name]()
    assert gate.candidate == pytest.approx(expected, abs=1e-12)
    assert 0 < gate.p_value < 1


@pytest.mark.slow
@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_one_against_rest_error_is_near_the_bootstrap(average):
    label, (before, after) = _multiclass(400)
    rows = [np.stack(list(side.values()), axis=1) for side in (before, after)]
    random = np.random.default_rng(5)

    def drop(index):
        area = sklearn_metrics.roc_auc_score
        return np.subtract(*(area(label[index], side[index], multi_class="ovr", average=average) for side in rows))

    spread = np.std([drop(random.integers(0, 400, 400)) for _ in range(150)])
    gate = _gate("roc_auc_ovr" if average == "macro" else "roc_auc_ovr_weighted", label, before, after)
    assert (gate.upper_bound - gate.drop) / 1.65 == pytest.approx(spread, rel=0.2)


def test_scores_that_are_no_probabilities_are_refused_where_it_matters():
    label, (before, after) = _binary(6)
    assert _gate("roc_auc", label, {"score": before * 9}, {"score": after * 9}).baseline is not None
    for name in ("log_loss", "brier_score"):
        with pytest.raises(UsageError, match="0 to 1"):
            _gate(name, label, {"score": before * 9}, {"score": after})


def test_probabilities_that_do_not_sum_to_one_are_refused():
    label, (before, after) = _multiclass()
    with pytest.raises(UsageError, match="sum to 1"):
        _gate("log_loss", label, before, {**after, "score_a": after["score_a"] / 2})


def test_a_label_without_a_column_of_probabilities_is_named():
    label, (before, after) = _multiclass()
    for side in (before, after):
        del side["score_c"]
    with pytest.raises(UsageError, match='"c"'):
        _gate("log_loss", label, before, after)


def test_one_class_has_no_area():
    gate = _gate("roc_auc", np.ones(30, int), {"score": np.linspace(0, 1, 30)}, {"score": np.linspace(0, 1, 30)})
    assert (gate.verdict, gate.baseline, gate.p_value) == ("inconclusive", None, None)
    assert "all of the 30" in gate.reason


def test_every_metric_says_what_it_is_and_how_it_is_judged():
    assert len(list(METRICS)) >= 30
    for name in METRICS:
        assert METRICS.summary(name).endswith(".")
