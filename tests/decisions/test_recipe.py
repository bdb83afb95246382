"""`estimand: recipe`: a retrained model is judged by how the runs before it scattered."""

import random
from datetime import date

import pytest

from mlci.baselines.model import Found, Stored
from mlci.config.baselines import Baseline
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.decisions.decide import Against, Candidate, decide
from mlci.results.model import Metric, Receipt

CONFIG = Config(version=1, model={"m": Model(estimand="recipe")}, baseline=Baseline())


def metric(value):
    return Metric(name="model.m.accuracy", value=value, higher_is_better=True, max_drop=0.01, n=500)


def stored(value, **more):
    return Stored(schema=1, mlci="0", created="2026-01-01", metrics=(metric(value),), **more)


def judged(now, past, *, fingerprints=None, config=CONFIG):
    runs = tuple(past if all(isinstance(one, Stored) for one in past) else map(stored, past))
    candidate = Candidate(metrics=(metric(now),), fingerprints=fingerprints or {}, predicted={})
    against = Against(last=Found(stored=runs[0], receipt=Receipt()), runs=runs)
    return decide(candidate, against, config, today=date(2026, 1, 1)).comparison.changes[0]


def test_a_drop_that_is_as_large_as_the_noise_of_seeds_does_not_block():
    past = [0.90, 0.88, 0.915, 0.87, 0.905, 0.89]
    assert judged(0.88, past).status == "inconclusive"  # 0.02 below the last run, and twice the limit
    assert "the 6 runs before scatter by chance" in judged(0.88, past).reason


def test_a_drop_beyond_the_noise_blocks():
    change = judged(0.87, [0.90, 0.901, 0.899, 0.9005, 0.9])
    assert change.status == "failed"
    assert change.baseline == pytest.approx(0.9001)
    assert change.p_value < 0.01


def test_a_run_like_those_before_passes():
    assert judged(0.9003, [0.90, 0.901, 0.899, 0.9005, 0.9]).status == "passed"


def test_with_too_few_runs_it_says_that_it_cannot_tell():
    change = judged(0.8, [0.9, 0.9])
    assert change.status == "inconclusive"
    assert change.reason == ("cannot separate seed noise from a drop: 2 comparable runs are stored, and it takes five")
    assert judged(0.9, [0.9, 0.9]).status == "passed"  # the same number needs no history


def test_runs_of_another_level_or_on_other_data_do_not_count():
    past = [*map(stored, (0.80, 0.801, 0.799)), stored(0.8, new_level=True), *map(stored, (0.9, 0.9, 0.9))]
    assert "4 comparable runs" in judged(0.75, past).reason
    prints = {"model.m.evaluate": "now"}
    past = [*[stored(0.8, fingerprints=prints)] * 3, *[stored(0.9, fingerprints={"model.m.evaluate": "then"})] * 6]
    assert "3 comparable runs" in judged(0.75, past, fingerprints=prints).reason


def test_a_model_of_the_usual_estimand_is_judged_as_it_is():
    usual = Config(version=1, model={"m": Model()}, baseline=Baseline())
    assert judged(0.88, [0.90, 0.88, 0.915, 0.87, 0.905, 0.89], config=usual).status == "failed"


def test_retraining_alone_blocks_no_more_than_the_rate_that_is_asked_for():
    random.seed(5)
    blocked = 0
    for _ in range(400):
        runs = [random.gauss(0.9, 0.02) for _ in range(8)]
        blocked += judged(runs[-1], runs[:-1]).status == "failed"
    assert blocked <= 0.05 * 400 + 3 * (0.05 * 0.95 * 400) ** 0.5
    assert blocked < 40
