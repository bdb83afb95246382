"""How much numbers move without a reason: noise, suggestions, and rates of false alarms."""

import random
import statistics

import pytest

from mlci.decisions.calibration import Run, calibrate
from mlci.decisions.harmless import harmless_change
from mlci.model.paired import Predicted
from mlci.results.model import Metric


def said(labels, predictions, **more):
    columns = {"id": list(range(len(labels))), "label": labels, "prediction": predictions, **more}
    return Predicted(columns=columns, slices={}, positive=None)


def run(predictions, labels, *, max_drop=0.01):
    value = statistics.fmean(one == other for one, other in zip(labels, predictions, strict=True))
    metric = Metric(name="model.m.accuracy", value=value, higher_is_better=True, max_drop=max_drop, n=len(labels))
    return Run(metrics=(metric,), predicted={"m": said(labels, predictions)})


def noisy(seed, labels, wrong=0.1):
    rng = random.Random(seed)
    return run([one if rng.random() > wrong else 1 - one for one in labels], labels)


LABELS = [at % 2 for at in range(400)]
FIXED = [one if at % 10 else 1 - one for at, one in enumerate(LABELS)]


def test_a_model_that_always_says_the_same_is_calibrated_by_changes_that_are_drawn():
    found = calibrate([run(FIXED, LABELS)] * 3, false_alarm_rate=0.05, changed=0.05)
    (line,) = found.lines
    assert (found.deterministic, line.noise, found.changes) == (True, 0, 100)
    assert found.churn == pytest.approx(0.05, abs=0.01)
    assert 0.01 < line.suggested < 0.03  # 1.645 * sqrt(0.05 / 400) is 0.018
    assert 0.015 < line.mde < 0.06
    assert found.plain > 0.1  # a limit of one point is less than what another test set would move
    assert found.paired <= 0.1


@pytest.mark.slow
def test_a_limit_beyond_what_moves_alarms_nobody():
    found = calibrate([run(FIXED, LABELS, max_drop=0.2)] * 2, false_alarm_rate=0.05, changed=0.05)
    assert (found.plain, found.paired) == (0, 0)


def test_runs_that_differ_are_compared_with_one_another():
    found = calibrate([noisy(seed, LABELS) for seed in range(12)], false_alarm_rate=0.05, changed=0.05)
    (line,) = found.lines
    assert (found.deterministic, found.changes) == (False, 66)
    assert line.noise == pytest.approx(0.015, abs=0.008)
    assert line.suggested > 2 * line.noise
    assert found.plain > 0.1


def test_numbers_without_predictions_are_calibrated_by_their_noise_alone():
    runs = [Run(metrics=(Metric(name="metrics.a.json.f1", value=value),), predicted={}) for value in (0.8, 0.81, 0.79)]
    found = calibrate(runs, false_alarm_rate=0.05, changed=0.05)
    assert found.lines[0].suggested == pytest.approx(0.042)  # t(2) at 95 % is 2.92, times 0.01 times sqrt 2
    assert (found.plain, found.paired, found.lines[0].mde) == (None, None, None)
    same = calibrate(runs[:1] * 3, false_alarm_rate=0.05, changed=0.05)
    assert (same.deterministic, same.changes, same.lines[0].suggested) == (True, 0, None)


def test_a_harmless_change_keeps_the_numbers_of_each_class_before_examples_are_drawn_anew():
    drops = []
    for seed in range(200):
        before, now = harmless_change(said(LABELS, FIXED), changed=0.1, seed=seed)
        rates = [
            statistics.fmean(a == b for a, b in zip(one.columns["label"], one.columns["prediction"], strict=True))
            for one in (before, now)
        ]
        drops.append(rates[0] - rates[1])
    assert abs(statistics.fmean(drops)) < 3 * statistics.stdev(drops) / 200**0.5


def test_scores_go_with_their_predictions_and_slices_stay_with_their_examples():
    one = Predicted(
        columns={
            "id": [0, 1],
            "label": ["a", "a"],
            "prediction": ["a", "b"],
            "score_a": [0.9, 0.2],
            "s": [True, False],
        },
        slices={"first": "s"},
        positive=None,
    )
    _, now = harmless_change(one, changed=1.0, seed=1)
    both = {
        (p, score, part)
        for p, score, part in zip(*(now.columns[k] for k in ("prediction", "score_a", "s")), strict=True)
    }
    assert both <= {("b", 0.2, True), ("a", 0.9, False)}


def test_numbers_on_a_scale_exchange_their_errors():
    labels = [float(at) + 0.5 for at in range(50)]
    before, now = harmless_change(said(labels, [one + at % 7 for at, one in enumerate(labels)]), changed=0.5, seed=3)
    errors = [
        {p - label for p, label in zip(one.columns["prediction"], one.columns["label"], strict=True)}
        for one in (before, now)
    ]
    assert errors[1] <= set(map(float, range(7)))
    assert before.columns["prediction"] != now.columns["prediction"]
