"""Metrics of scores, probabilities and numbers against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from mlci.errors import UsageError
from mlci.metrics import METRICS
from mlci.statistics import compare_predictions


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
