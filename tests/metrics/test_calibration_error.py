"""The expected calibration error, quantile loss and the other metrics that have settings or late paired tests."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import metrics as reference

from mlci.metrics import METRICS, Sample, metric
from mlci.statistics import compare_predictions


def _by_hand(confidence, right, bins):
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in itertools.pairwise(edges):
        inside = (confidence >= low) & ((confidence < high) | ((high == 1) & (confidence == 1)))
        if inside.any():
            total += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return total


@pytest.mark.parametrize("bins", [1, 4, 16])
def test_the_expected_calibration_error_is_that_of_its_definition(bins):
    random = np.random.default_rng(bins)
    shares = random.dirichlet([1, 1, 1], 300)
    labels = random.integers(0, 3, 300)
    truth = Sample(
        truth=labels.tolist(),
        predicted=labels.tolist(),
        probabilities=[dict(enumerate(row)) for row in shares.tolist()],
    )
    expected = _by_hand(shares.max(axis=1), shares.argmax(axis=1) == labels, bins)
    assert metric("expected_calibration_error", {"bins": bins})(truth) == pytest.approx(expected, abs=1e-12)
    frame = {"label": labels, **{f"score_{name}": shares[:, name] for name in range(3)}}
    asked = {"expected_calibration_error": {"bins": bins}}
    gate = compare_predictions(frame, frame, id=None, metrics=asked).gates[0]
    assert gate.baseline == pytest.approx(expected, abs=1e-12)


def _binary(scores, labels):
    return {"label": labels, "score": scores}


def test_overconfidence_is_a_regression_and_the_same_scores_are_not():
    random = np.random.default_rng(0)
    z = random.normal(0, 1, 2_000)
    labels = (random.random(2_000) < 1 / (1 + np.exp(-z))).astype(int)
    calm, bold = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-4 * z))
    found = compare_predictions(
        _binary(calm, labels), _binary(bold, labels), id=None, metrics=["expected_calibration_error"]
    ).gates[0]
    assert found.verdict == "regression"
    assert found.drop > 0.1


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_quantile_loss_is_scikit_learns(alpha):
    random = np.random.default_rng(1)
    truth, said = random.normal(size=(2, 200))
    expected = reference.mean_pinball_loss(truth, said, alpha=alpha)
    value = metric("mean_pinball_loss", {"alpha": alpha})(Sample(truth=truth.tolist(), predicted=said.tolist()))
    assert value == pytest.approx(expected, abs=1e-12)
    frames = [{"label": truth, "prediction": side} for side in (said, truth)]
    gate = compare_predictions(*frames, id=None, metrics={"mean_pinball_loss": {"alpha": alpha}}).gates[0]
    assert (gate.baseline, gate.candidate) == (pytest.approx(expected, abs=1e-12), 0)


@pytest.mark.parametrize("name", ["median_absolute_error", "explained_variance"])
def test_numbers_compared_are_scikit_learns(name):
    random = np.random.default_rng(2)
    truth, before, after = random.normal(size=(3, 201))
    frames = [{"label": truth, "prediction": side} for side in (before, after)]
    gate = compare_predictions(*frames, id=None, metrics=[name]).gates[0]
    function = getattr(reference, name, None) or getattr(reference, f"{name}_score")
    assert gate.baseline == pytest.approx(function(truth, before), abs=1e-12)
    assert gate.candidate == pytest.approx(function(truth, after), abs=1e-12)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_areas_of_pairs_of_labels_are_scikit_learns(average):
    random = np.random.default_rng(3)
    labels = random.choice(4, 300, p=[0.1, 0.2, 0.3, 0.4])
    shares = random.dirichlet([1, 1, 1, 1], 300)
    frame = {"label": labels, **{f"score_{name}": shares[:, name] for name in range(4)}}
    name = "roc_auc_ovo" if average == "macro" else "roc_auc_ovo_weighted"
    gate = compare_predictions(frame, frame, id=None, metrics=[name]).gates[0]
    assert gate.baseline == pytest.approx(
        reference.roc_auc_score(labels, shares, multi_class="ovo", average=average), abs=1e-12
    )


def test_all_metrics_but_the_largest_error_have_a_paired_test():
    assert [name for name in METRICS if METRICS[name].paired is None] == ["max_error"]
