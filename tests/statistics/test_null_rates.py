"""False-alarm rates of the paired tests on models that are equally good, at nominal 5 %."""

from __future__ import annotations

import numpy as np
import pytest

from mlci.metrics import metric
from mlci.statistics.examples import Examples, Part
from mlci.statistics.shapes import Side

pytestmark = pytest.mark.slow

REPETITIONS = 600
MOST = 0.05 + 3 * (0.05 * 0.95 / REPETITIONS) ** 0.5  # three standard errors of the simulation beyond nominal


def _some(random, now, before, share):
    return np.where(random.random(len(now)) < share, now, before)


def _numbers(random, n, share):
    label, common = random.normal(0, 1, n), random.normal(0, 0.4, n)
    before, now = (label + common + random.normal(0, 0.3, n) for _ in range(2))
    return Examples(
        label=label, baseline=Side(prediction=before), candidate=Side(prediction=_some(random, now, before, share))
    )


def _probabilities(random, n, share):
    z = random.normal(0, 1.5, n)
    label = (random.random(n) < 1 / (1 + np.exp(-z))).astype(int)
    before, now = (1 / (1 + np.exp(-z - random.normal(0, 0.5, n))) for _ in range(2))
    sides = (before, _some(random, now, before, share))
    return Examples(
        label=label, baseline=Side(scores={"": sides[0]}), candidate=Side(scores={"": sides[1]}), positive=1
    )


def _rankings(random, n, share):
    group = random.integers(0, max(2, n // 8), n)
    relevance = (random.random(n) < 0.25).astype(int)
    common = relevance + random.normal(0, 1, n)
    before, now = (common + random.normal(0, 0.5, n) for _ in range(2))
    moved = (random.random(n) < share)[group]
    sides = (before, np.where(moved, now, before))
    return Examples(
        label=relevance, baseline=Side(prediction=sides[0]), candidate=Side(prediction=sides[1]), group=group
    )


CASES = {
    "median_absolute_error": (_numbers, {}),
    "mean_pinball_loss": (_numbers, {"alpha": 0.9}),
    "explained_variance": (_numbers, {}),
    "expected_calibration_error": (_probabilities, {}),
    "ndcg": (_rankings, {"k": 5}),
    "mrr": (_rankings, {}),
    "recall_at_k": (_rankings, {"k": 3}),
}


@pytest.mark.parametrize("share", [1.0, 0.05])
@pytest.mark.parametrize("name", CASES)
def test_equal_models_are_rarely_told_apart(name, share):
    draw, settings = CASES[name]
    measure = metric(name, settings).paired
    alarms = 0
    for seed in range(REPETITIONS):
        part = Part(examples=draw(np.random.default_rng(seed), 400, share))
        alarms += measure(part).judged(None).p_value <= 0.05
    assert alarms / REPETITIONS <= MOST
