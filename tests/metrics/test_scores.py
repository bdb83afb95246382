import random

import pytest
from sklearn import metrics as reference

from mlci.errors import CannotRun, UsageError
from mlci.metrics import METRICS, Sample

RNG = random.Random(7)


def binary(n=400):
    truth = [RNG.choice(["no", "yes"]) for _ in range(n)]
    share = [RNG.random() for _ in range(n)]
    predicted = ["yes" if one > 0.4 else "no" for one in share]
    return Sample(truth=truth, predicted=predicted, probabilities=[{"no": 1 - p, "yes": p} for p in share])


def many(n=400):
    classes = ["a", "b", "c"]
    rows = []
    for _ in range(n):
        weights = [RNG.random() for _ in classes]
        rows.append({label: weight / sum(weights) for label, weight in zip(classes, weights, strict=True)})
    predicted = [max(row, key=row.get) for row in rows]
    return Sample(truth=[RNG.choice(classes) for _ in range(n)], predicted=predicted, probabilities=rows)


def numbers(n=400):
    truth = [RNG.gauss(10, 3) for _ in range(n)]
    return Sample(truth=truth, predicted=[one + RNG.gauss(0, 1) for one in truth])


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "jaccard"])
def test_binary_label_metrics_are_scikit_learns(name):
    sample = binary()
    expected = getattr(reference, f"{name}_score")(sample.truth, sample.predicted, pos_label="yes")
    assert METRICS[name](sample) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@pytest.mark.parametrize("name", ["precision", "recall", "f1", "jaccard"])
def test_averaged_label_metrics_are_scikit_learns(name, average):
    sample = many()
    expected = getattr(reference, f"{name}_score")(sample.truth, sample.predicted, average=average)
    assert METRICS[f"{name}_{average}"](sample) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("accuracy", "accuracy_score"),
        ("balanced_accuracy", "balanced_accuracy_score"),
        ("matthews_corrcoef", "matthews_corrcoef"),
        ("cohen_kappa", "cohen_kappa_score"),
    ],
)
def test_label_metrics_are_scikit_learns(name, function):
    sample = many()
    assert METRICS[name](sample) == pytest.approx(
        getattr(reference, function)(sample.truth, sample.predicted), abs=1e-12
    )


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("roc_auc", "roc_auc_score"),
        ("average_precision", "average_precision_score"),
        ("brier_score", "brier_score_loss"),
    ],
)
def test_binary_probability_metrics_are_scikit_learns(name, function):
    sample = binary()
    truth = [label == "yes" for label in sample.truth]
    expected = getattr(reference, function)(truth, [row["yes"] for row in sample.probabilities])
    assert METRICS[name](sample) == pytest.approx(expected, abs=1e-12)


def test_probability_metrics_of_many_labels_are_scikit_learns():
    sample = many()
    rows = [[row[label] for label in "abc"] for row in sample.probabilities]
    assert METRICS["log_loss"](sample) == pytest.approx(reference.log_loss(sample.truth, rows), abs=1e-12)
    for strategy in ("ovr", "ovo"):
        expected = reference.roc_auc_score(sample.truth, rows, multi_class=strategy)
        assert METRICS[f"roc_auc_{strategy}"](sample) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("mean_absolute_error", "mean_absolute_error"),
        ("mean_squared_error", "mean_squared_error"),
        ("root_mean_squared_error", "root_mean_squared_error"),
        ("median_absolute_error", "median_absolute_error"),
        ("mean_absolute_percentage_error", "mean_absolute_percentage_error"),
        ("max_error", "max_error"),
        ("mean_squared_log_error", "mean_squared_log_error"),
        ("root_mean_squared_log_error", "root_mean_squared_log_error"),
        ("r2", "r2_score"),
        ("explained_variance", "explained_variance_score"),
    ],
)
def test_number_metrics_are_scikit_learns(name, function):
    sample = numbers()
    assert METRICS[name](sample) == pytest.approx(
        getattr(reference, function)(sample.truth, sample.predicted), abs=1e-12
    )


def test_every_metric_is_tested_here_and_says_what_it_is():
    assert len(list(METRICS)) == 45
    assert all(METRICS.summary(name).endswith((".", ".)")) for name in METRICS)


def test_errors_are_lower_better_and_scores_higher_better():
    lower = {name for name in METRICS if not METRICS[name].higher_is_better}
    assert lower == {name for name in METRICS if "error" in name} | {"log_loss", "brier_score", "mean_pinball_loss"}


def test_how_far_apart_values_can_be_is_known_of_all_but_errors_without_a_bound():
    unbounded = {name for name in METRICS if METRICS[name].needs == "numbers"} | {"log_loss"}
    assert {name for name in METRICS if METRICS[name].span is None} == unbounded
    assert {name for name in METRICS if METRICS[name].span == 2} == {"matthews_corrcoef", "cohen_kappa"}


@pytest.mark.parametrize(
    ("name", "sample", "reason"),
    [
        ("accuracy", Sample(truth=[], predicted=[]), "no examples"),
        ("roc_auc", Sample(truth=[1, 1], predicted=[1, 1], probabilities=[{0: 0.2, 1: 0.8}] * 2), "all 2 examples"),
        (
            "roc_auc",
            Sample(truth=[0, 0], predicted=[1, 1], probabilities=[{0: 0.2, 1: 0.8}] * 2),
            "none of the 2 examples",
        ),
        ("recall", Sample(truth=["a", "a"], predicted=["b", "a"]), "none of the 2 examples has the positive label 'b'"),
        ("f1", Sample(truth=["a", "b"], predicted=["c", "a"]), "f1_macro, f1_micro or f1_weighted"),
        ("roc_auc", Sample(truth=[0, 1], predicted=[1, 1]), "needs probabilities"),
        ("r2", Sample(truth=[2.0, 2.0], predicted=[1.0, 2.0]), "the same"),
        ("cohen_kappa", Sample(truth=["a", "a"], predicted=["a", "a"]), "not defined"),
        ("f1", Sample(truth=[0, 1], predicted=[0, 1], positive="1"), "no label is the positive one"),
    ],
)
def test_what_is_not_defined_is_an_error_and_never_nan(name, sample, reason):
    with pytest.raises(CannotRun, match=reason):
        METRICS[name](sample)


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(UsageError, match="roc_auc"):
        METRICS["roc_auk"]


def test_the_positive_label_may_be_named():
    sample = Sample(truth=["no", "no", "yes"], predicted=["no", "yes", "yes"], positive="no")
    assert METRICS["recall"](sample) == 0.5
    assert METRICS["recall"].counts(sample) == (1, 2)
    assert METRICS["precision"].counts(sample) == (1, 1)
    assert METRICS["accuracy"].counts(sample) == (2, 3)
