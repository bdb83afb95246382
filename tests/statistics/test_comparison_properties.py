"""What holds for every comparison, however small or odd the examples."""

from __future__ import annotations

import math
import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from mlci.metrics import METRICS
from mlci.statistics import compare_predictions

pytestmark = pytest.mark.slow

LABELLED = [name for name in METRICS if METRICS[name].paired and name not in ("roc_auc_ovr", "roc_auc_ovr_weighted")]
BINARY = [name for name in LABELLED if "log_error" not in name]
SEVERAL = [
    name
    for name in BINARY
    if name not in ("f1", "precision", "recall", "jaccard", "roc_auc", "average_precision", "log_loss", "brier_score")
]


@st.composite
def frames(draw, classes):
    n = draw(st.integers(1, 40))
    label = st.integers(0, classes - 1)
    column = st.lists(label, min_size=n, max_size=n)
    shared = {"id": np.arange(n), "label": np.asarray(draw(column)), "group": np.asarray(draw(column))}
    scores = st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), min_size=n, max_size=n)
    return [{**shared, "prediction": np.asarray(draw(column)), "score": np.asarray(draw(scores))} for _ in range(2)]


def _judge(sides, metrics, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compare_predictions(*sides, metrics=metrics, slices=["group"], min_slice_size=1, **how)


def _check(found):
    for gate in found.gates:
        assert gate.verdict in ("regression", "pass", "inconclusive")
        assert (gate.reason is None) == (gate.verdict == "pass")
        numbers = (
            gate.baseline,
            gate.candidate,
            gate.drop,
            gate.p_value,
            gate.adjusted_p_value,
            gate.upper_bound,
            gate.mde,
        )
        assert all(number is None or math.isfinite(number) for number in numbers)
        if gate.p_value is None:
            assert gate.verdict == "inconclusive"
            continue
        assert 0 <= gate.p_value <= gate.adjusted_p_value <= 1
        if gate.verdict == "regression":
            assert gate.drop > gate.max_drop
            assert gate.adjusted_p_value <= found.false_alarm_rate
        if gate.verdict == "pass":
            assert gate.upper_bound <= gate.max_drop
    shown = {(gate.slice, gate.metric): gate for gate in found.gates}
    assert len(shown) == len(found.gates)


@settings(max_examples=40, deadline=None)
@given(frames(2), st.sampled_from([None, "group"]))
def test_every_binary_gate_is_whole(sides, cluster):
    _check(_judge(sides, BINARY, cluster=cluster, positive=1))


@settings(max_examples=40, deadline=None)
@given(frames(4), st.sampled_from([None, "group"]))
def test_every_gate_of_several_classes_is_whole(sides, cluster):
    _check(_judge(sides, SEVERAL, cluster=cluster))


@settings(max_examples=25, deadline=None)
@given(frames(2))
def test_changing_sides_changes_the_sign_of_the_drop(sides):
    forth, back = (_judge(pair, BINARY, positive=1) for pair in (sides, sides[::-1]))
    for one, other in zip(forth.gates, back.gates, strict=True):
        if one.drop is not None and abs(one.drop) > 1e-9:
            assert one.drop == -other.drop
            assert not one.verdict == other.verdict == "regression"


@settings(max_examples=25, deadline=None)
@given(frames(3), st.randoms())
def test_the_order_of_the_rows_does_not_matter(sides, random):
    order = list(range(len(sides[0]["id"])))
    random.shuffle(order)
    other = [{name: column[order] for name, column in side.items()} for side in sides]
    for one, two in zip(_judge(sides, SEVERAL).gates, _judge(other, SEVERAL).gates, strict=True):
        assert (one.metric, one.slice, one.verdict) == (two.metric, two.slice, two.verdict)
        assert one.p_value is two.p_value is None or math.isclose(one.p_value, two.p_value, rel_tol=1e-6, abs_tol=1e-9)
