"""Metrics of tables of labels against scikit-learn, and their tests against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from mlci.metrics import METRICS
from mlci.metrics.paired.averages import BALANCED, KAPPA, MATTHEWS, RATIOS, macro, of_class, weighted
from mlci.statistics.examples import Examples, Part
from mlci.statistics.measured import NotMeasurableError
from mlci.statistics.shapes import Side
from mlci.statistics.tables import influence, joint_table, shares, swap_test, table_evidence

PLAIN = {
    "accuracy": sklearn_metrics.accuracy_score,
    "balanced_accuracy": sklearn_metrics.balanced_accuracy_score,
    "cohen_kappa": sklearn_metrics.cohen_kappa_score,
    "matthews_corrcoef": sklearn_metrics.matthews_corrcoef,
}
AVERAGED = [
    f"{name}_{average}"
    for name in ("precision", "recall", "f1", "jaccard")
    for average in ("macro", "micro", "weighted")
]
BINARY = ["precision", "recall", "f1", "jaccard"]


def _part(label, before, after, **more):
    sides = (Side(prediction=np.asarray(side)) for side in (before, after))
    names = dict(zip(("baseline", "candidate"), sides, strict=True))
    return Part(examples=Examples(label=np.asarray(label), **names, **more))


def _draw(seed, n=60, classes=4):
    random = np.random.default_rng(seed)
    return tuple(random.integers(0, classes, n) for _ in range(3))


def _expected(name, label, predicted):
    if name in PLAIN:
        return PLAIN[name](label, predicted)
    base, _, average = name.partition("_")
    function = getattr(sklearn_metrics, f"{base}_score")
    return function(label, predicted, average=average or "binary", zero_division=0)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", [*PLAIN, *AVERAGED])
def test_values_agree_with_scikit_learn(name):
    for seed, n, classes in itertools.product(range(2), (5, 60), (2, 9)):
        label, before, after = _draw(seed, n, classes)
        measured = METRICS[name].paired(_part(label, before, after))
        assert measured.baseline == pytest.approx(_expected(name, label, before), abs=1e-12)
        assert measured.candidate == pytest.approx(_expected(name, label, after), abs=1e-12)


@pytest.mark.parametrize("name", BINARY)
def test_binary_values_agree_with_scikit_learn(name):
    for seed in range(5):
        label, before, after = _draw(seed, 40, 2)
        measured = METRICS[name].paired(_part(label, before, after))
        assert measured.baseline == pytest.approx(_expected(name, label, before), abs=1e-12)
        words = [np.asarray(["no", "yes"], dtype=object)[side] for side in (label, before, after)]
        named = METRICS[name].paired(_part(*words, positive="no"))
        flipped = METRICS[name].paired(_part(1 - label, 1 - before, 1 - after))
        assert named.candidate == flipped.candidate


def test_a_table_of_many_classes_counts_only_what_occurs():
    random = np.random.default_rng(0)
    label = random.integers(0, 500, 300)
    table = joint_table(label, label, np.roll(label, 1), 500)
    assert table.n == 300
    assert len(table.count) <= 300


TABLE_METRICS = {
    "f1 of a class": of_class(RATIOS["f1"], 1),
    "precision of a class": of_class(RATIOS["precision"], 1),
    "jaccard of a class": of_class(RATIOS["jaccard"], 1),
    "f1 macro": macro(RATIOS["f1"]),
    "f1 weighted": weighted(RATIOS["f1"]),
    "precision weighted": weighted(RATIOS["precision"]),
    "balanced accuracy": BALANCED,
    "matthews": MATTHEWS,
    "kappa": KAPPA,
}


@pytest.mark.parametrize("name", TABLE_METRICS)
def test_influence_is_the_derivative_by_the_weight_of_an_example(name):
    metric = TABLE_METRICS[name]
    label, before, after = _draw(3, 200, 3)
    table = joint_table(label, before, after, 3)
    found = influence(table, table.before, metric)
    step = 1e-4
    for cell in range(len(table.count)):
        moved = []
        for sign in (1, -1):
            counts = table.count.astype(float)
            counts[cell] += sign * step
            other = type(table)(classes=3, label=table.label, before=table.before, after=table.after, count=counts)
            moved.append(float(metric.value(_rescaled(shares(other, other.before), counts.sum()))))
        assert found[cell] == pytest.approx((moved[0] - moved[1]) / (2 * step) * 200, rel=1e-3, abs=1e-4)


def _rescaled(of, total):
    """Shares were divided by the whole number of examples; divide them by the sum of the weights instead."""
    factor = int(total) / total
    return type(of)(right=of.right * factor, predicted=of.predicted * factor, true=of.true * factor)


def _brute(table, metric):
    label = np.repeat(table.label, table.count)
    before, after = np.repeat(table.before, table.count), np.repeat(table.after, table.count)
    changed = np.flatnonzero(before != after)

    def drop(swap):
        one, other = before.copy(), after.copy()
        one[swap], other[swap] = after[swap], before[swap]
        mixed = joint_table(label, one, other, table.classes)
        return float(metric.value(shares(mixed, mixed.before)) - metric.value(shares(mixed, mixed.after)))

    observed = drop(np.asarray([], dtype=int))
    subsets = (list(itertools.compress(changed, mask)) for mask in itertools.product((0, 1), repeat=len(changed)))
    return np.mean([drop(np.asarray(subset, dtype=int)) >= observed - 1e-12 for subset in subsets])


@pytest.mark.parametrize("name", ["f1 of a class", "f1 macro", "matthews", "kappa", "balanced accuracy"])
@pytest.mark.parametrize("classes", [2, 3])
def test_swap_permutation_enumerates_every_swap(name, classes):
    random = np.random.default_rng(4)
    label = random.integers(0, classes, 40)
    before = np.where(random.random(40) < 0.7, label, random.integers(0, classes, 40))
    after = before.copy()
    after[:8] = (after[:8] + random.integers(0, classes, 8)) % classes
    table = joint_table(label, before, after, classes)
    metric = TABLE_METRICS[name]
    drop = float(metric.value(shares(table, table.before)) - metric.value(shares(table, table.after)))
    assert swap_test(table, metric, drop, random)[0] == pytest.approx(_brute(table, metric), abs=1e-12)


def test_drawn_swaps_come_near_the_enumerated_ones(monkeypatch):
    label, before, _ = _draw(5, 200, 3)
    after = before.copy()
    after[:9] = (after[:9] + 1) % 3
    table = joint_table(label, before, after, 3)
    metric = TABLE_METRICS["f1 macro"]
    drop = float(metric.value(shares(table, table.before)) - metric.value(shares(table, table.after)))
    exact = swap_test(table, metric, drop, np.random.default_rng(0))[0]
    monkeypatch.setattr("mlci.statistics.tables.ENUMERATED", 0)
    monkeypatch.setattr("mlci.statistics.tables.ENOUGH", 10**9)
    assert swap_test(table, metric, drop, np.random.default_rng(0))[0] == pytest.approx(exact, abs=0.015)


def test_permutation_and_influence_agree_where_many_changed():
    random = np.random.default_rng(6)
    label = random.integers(0, 2, 4_000)
    before = np.where(random.random(4_000) < 0.85, label, 1 - label)
    after = np.where(random.random(4_000) < 0.05, 1 - before, before)
    table = joint_table(label, before, after, 2)
    metric = TABLE_METRICS["f1 of a class"]
    drop = float(metric.value(shares(table, table.before)) - metric.value(shares(table, table.after)))
    by_influence = table_evidence(table, metric)
    assert swap_test(table, metric, drop, random)[0] == pytest.approx(by_influence.p_value, rel=0.3, abs=0.002)


def test_a_binary_metric_of_three_classes_names_what_to_use():
    with pytest.raises(Exception, match="_macro"):
        METRICS["f1"].paired(_part(*_draw(0)))


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_metric_without_a_positive_example_is_not_measurable(name):
    with pytest.raises(NotMeasurableError, match="positive"):
        METRICS[name].paired(_part([0, 0, 0], [0, 1, 0], [1, 1, 0]))


@pytest.mark.parametrize("name", ["cohen_kappa", "matthews_corrcoef"])
def test_agreement_beyond_chance_needs_two_labels(name):
    with pytest.raises(NotMeasurableError, match="all 2 examples have one label"):
        METRICS[name].paired(_part([1, 1], [0, 1], [1, 1]))
