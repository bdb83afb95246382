"""The rates that the rule promises, on simulated changes. Limits leave three standard errors over so many repetitions."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from mlci.statistics import compare_predictions

pytestmark = pytest.mark.slow
REPETITIONS = 300
CUT = 1.4147  # where both classes are equally likely


def _limit(rate, repetitions=REPETITIONS):
    return rate + 3 * math.sqrt(rate * (1 - rate) / repetitions)


def _change(random, n, *, everywhere=0.0, in_slice=0.0):
    """Scores of a classifier before and now, whose predictions agree on 95 %, and a slice of a tenth."""
    truth, noise = random.random(n) < 0.28, random.normal(size=n)
    part = random.choice(9, n, p=[0.1] + [0.9 / 8] * 8)
    closer = everywhere + in_slice * (part == 0)
    now = (1.75 - closer) * truth + closer / 4 + 0.962 * noise + math.sqrt(1 - 0.962**2) * random.normal(size=n)
    shared = {"id": np.arange(n), "label": truth * 1, "part": part}
    return [{**shared, "prediction": (score > CUT) * 1, "score": score} for score in (1.75 * truth + noise, now)]


def _suites(random):
    passed = random.random((2, 200)) < 0.9
    flipped = random.random((2, 200)) < np.where(passed, 0.03 / 0.9, 0.3) / 2
    return {name: (one, one ^ other) for name, one, other in zip("ab", passed, flipped, strict=True)}


def _blocked(rate, **drop):
    random = np.random.default_rng(0)
    return np.mean(
        [
            compare_predictions(
                *_change(random, 2_000, **drop),
                metrics=["accuracy", "f1", "roc_auc"],
                slices=["part"],
                suites=_suites(random),
                false_alarm_rate=rate,
            ).verdict
            == "regression"
            for _ in range(REPETITIONS)
        ]
    )


@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_harmless_changes_are_blocked_at_most_as_often_as_promised(rate):
    assert _blocked(rate) <= _limit(rate)


@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_a_global_drop_is_blocked(rate):
    assert _blocked(rate, everywhere=0.12) >= 1 - _limit(0.01)


def test_a_drop_in_a_tenth_of_the_examples_is_blocked():
    assert _blocked(0.05, in_slice=0.29) >= 1 - _limit(0.05)


@pytest.mark.parametrize("n", [200, 1_000])
def test_single_gates_alarm_at_five_percent(n):
    random = np.random.default_rng(1)
    names = [
        "accuracy",
        "f1",
        "f1_macro",
        "precision",
        "recall",
        "matthews_corrcoef",
        "cohen_kappa",
        "roc_auc",
        "average_precision",
    ]
    alarms: Counter[str] = Counter()
    for _ in range(600):
        gates = compare_predictions(*_change(random, n), metrics=names).gates
        alarms.update(gate.metric for gate in gates if gate.p_value <= 0.05)
    assert max(alarms.values()) / 600 <= _limit(0.05, 600)


@pytest.mark.parametrize("n", [30, 200, 1_000])
def test_regression_gates_alarm_at_five_percent(n):
    random = np.random.default_rng(2)
    names = ["mean_absolute_error", "root_mean_squared_error", "r2"]
    alarms: Counter[str] = Counter()
    for _ in range(600):
        label, common = random.normal(size=(2, n))
        sides = (label + common + 0.3 * random.standard_t(5, n) for _ in range(2))
        frames = ({"id": np.arange(n), "label": label, "prediction": side} for side in sides)
        alarms.update(gate.metric for gate in compare_predictions(*frames, metrics=names).gates if gate.p_value <= 0.05)
    assert max(alarms.values()) / 600 <= _limit(0.05, 600)


@pytest.mark.parametrize("uneven", [False, True])
def test_clusters_of_uneven_size_alarm_at_five_percent(uneven):
    random = np.random.default_rng(3)
    known = ignored = 0
    for _ in range(600):
        cluster = np.repeat(np.arange(20), random.geometric(0.1, 20) if uneven else np.full(20, 10))
        n = len(cluster)
        right = [random.normal(size=20)[cluster] + random.normal(size=n) > -1 for _ in range(2)]
        frames = [{"id": np.arange(n), "label": np.ones(n, int), "prediction": r * 1, "c": cluster} for r in right]
        known += compare_predictions(*frames, metrics=["accuracy"], cluster="c").gates[0].p_value <= 0.05
        ignored += compare_predictions(*frames, metrics=["accuracy"]).gates[0].p_value <= 0.05
    assert known / 600 <= _limit(0.05, 600) < 0.1 < ignored / 600


@pytest.mark.parametrize(
    ("n", "drop", "power"),
    [
        (200, 0.0, 0.04),
        (200, 0.02, 0.29),
        (200, 0.05, 0.77),
        (1_000, 0.0, 0.04),
        (1_000, 0.01, 0.40),
        (1_000, 0.02, 0.81),
        (10_000, 0.005, 0.01),
        (10_000, 0.01, 0.48),
        (10_000, 0.02, 1.0),
    ],
)
def test_power_of_one_gate(n, drop, power):
    """2 % flip either way and a few more for the worse, with a tolerance of 1 point; within 3 points of the table."""
    random = np.random.default_rng(4)
    repetitions = 400
    blocked = 0
    for _ in range(repetitions):
        kind = random.choice(3, n, p=[0.02 + drop, 0.02, 0.96 - drop])
        was, now = (kind != 1).astype(int), (kind != 0).astype(int)
        frames = ({"id": np.arange(n), "label": np.ones(n, int), "prediction": side} for side in (was, now))
        blocked += compare_predictions(*frames, metrics=["accuracy"]).verdict == "regression"
    assert abs(blocked / repetitions - power) <= 0.03 + 3 * math.sqrt(power * (1 - power) / repetitions)
