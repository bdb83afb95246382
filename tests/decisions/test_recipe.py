"""`estimand: recipe`: a retrained model is judged by how the runs before it scattered."""

import random
from datetime import date
from statistics import fmean

import pytest

from mlci.baselines.model import Found, Stored
from mlci.config.baselines import Baseline
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.decisions.decide import Against, Candidate, decide
from mlci.results.model import Metric, Receipt
from mlci.results.training import Training

CONFIG = Config(version=1, model={"m": Model(estimand="recipe")}, baseline=Baseline())


def metric(value):
    return Metric(name="model.m.accuracy", value=value, higher_is_better=True, max_drop=0.01, n=500)


def stored(value, **more):
    return Stored(schema=1, mlci="0", created="2026-01-01", metrics=(metric(value),), **more)


def judged(now, past, *, fingerprints=None, config=CONFIG, trainings=None, anchor=None):
    runs = tuple(past if all(isinstance(one, Stored) for one in past) else map(stored, past))
    candidate = Candidate(
        metrics=(metric(now),), fingerprints=fingerprints or {}, predicted={}, trainings=trainings or {}
    )
    pinned = None if anchor is None else Found(stored=anchor, receipt=Receipt())
    against = Against(last=Found(stored=runs[0], receipt=Receipt()), runs=runs, anchor=pinned)
    decision = decide(candidate, against, config, today=date(2026, 1, 1))
    return (decision.anchor or decision).comparison.changes[0]


def trained(*values, models=None):
    """The trainings of one run, each of a model of its own unless `models` names them."""
    names = models or [f"{value}-{random.random()}" for value in values]
    each = [
        Training(seed=seed, said=name, values=(("model.m.accuracy", None, value),))
        for seed, (value, name) in enumerate(zip(values, names, strict=True), 1)
    ]
    return {"m": tuple(each)}


def run_of(*values, models=None, **more):
    return stored(fmean(values), trainings=trained(*values, models=models), **more)


def with_seeds(values, past, *, models=None, **more):
    return judged(fmean(values), past, trainings=trained(*values, models=models), **more)


def test_a_drop_that_is_as_large_as_the_noise_of_seeds_does_not_block():
    past = [0.90, 0.88, 0.915, 0.87, 0.905, 0.89]
    assert judged(0.88, past).status == "inconclusive"  # 0.02 below the last run, and twice the limit
    assert "6 trainings before and 1 now, which scatter by chance" in judged(0.88, past).reason


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
    assert change.reason == (
        "cannot separate seed noise from a drop: 2 comparable trainings are stored, and beside 1 now it takes 5; "
        "`seeds: 3` on both sides would do"
    )
    assert judged(0.9, [0.9, 0.9]).status == "passed"  # the same number needs no history


def test_runs_of_another_level_or_on_other_data_do_not_count():
    past = [*map(stored, (0.80, 0.801, 0.799)), stored(0.8, new_level=True), *map(stored, (0.9, 0.9, 0.9))]
    assert "4 comparable trainings" in judged(0.75, past).reason
    prints = {"model.m.evaluate": "now"}
    past = [*[stored(0.8, fingerprints=prints)] * 3, *[stored(0.9, fingerprints={"model.m.evaluate": "then"})] * 6]
    assert "3 comparable trainings" in judged(0.75, past, fingerprints=prints).reason


def test_a_model_of_the_usual_estimand_is_judged_as_it_is():
    usual = Config(version=1, model={"m": Model()}, baseline=Baseline())
    assert judged(0.88, [0.90, 0.88, 0.915, 0.87, 0.905, 0.89], config=usual).status == "failed"


@pytest.mark.slow
def test_retraining_alone_blocks_no_more_than_the_rate_that_is_asked_for():
    random.seed(5)
    blocked = 0
    for _ in range(400):
        runs = [random.gauss(0.9, 0.02) for _ in range(8)]
        blocked += judged(runs[-1], runs[:-1]).status == "failed"
    assert blocked <= 0.05 * 400 + 3 * (0.05 * 0.95 * 400) ** 0.5
    assert blocked < 40


def test_three_seeds_on_both_sides_tell_a_drop_from_noise_without_a_history():
    before = run_of(0.90, 0.91, 0.89)
    worse = with_seeds([0.85, 0.86, 0.84], [before])
    assert (worse.status, worse.baseline, worse.drop) == ("failed", pytest.approx(0.9), pytest.approx(0.05))
    assert worse.p_value < 0.01
    assert worse.basis == "3 trainings before and 3 now"
    noise = with_seeds([0.88, 0.89, 0.90], [before])  # as large as the limit, and within the noise
    assert noise.status == "inconclusive"
    assert with_seeds([0.905, 0.915, 0.90], [before]).status in ("passed", "inconclusive")


def test_two_seeds_on_both_sides_are_too_few():
    change = with_seeds([0.5, 0.51], [run_of(0.9, 0.91)])
    assert change.status == "inconclusive"
    assert "2 comparable trainings are stored, and beside 2 now it takes 4" in change.reason


def test_the_same_models_as_at_the_last_run_pass_and_those_of_an_older_run_do_not():
    old = run_of(0.60, 0.61, 0.59, models=["a", "b", "c"])
    new = run_of(0.90, 0.91, 0.89, models=["d", "e", "f"])
    same = with_seeds([0.90, 0.91, 0.89], [new, old], models=["d", "e", "f"])
    assert (same.status, same.drop, same.p_value) == ("passed", 0.0, 1.0)
    back = with_seeds([0.60, 0.61, 0.59], [new, old], models=["a", "b", "c"])
    assert back.status == "inconclusive"  # the level moved by itself: `--new-level` says that it was accepted
    accepted = run_of(0.90, 0.91, 0.89, models=["d", "e", "f"], new_level=True)
    assert with_seeds([0.60, 0.61, 0.59], [accepted, old], models=["a", "b", "c"]).status == "failed"


def test_runs_that_only_repeat_a_model_say_nothing_new_of_the_noise():
    runs = [run_of(0.9, models=["one"]) for _ in range(8)]
    change = with_seeds([0.85], runs, models=["other"])
    assert change.status == "inconclusive"
    assert "1 comparable training is stored" in change.reason


def test_runs_that_scatter_more_than_their_seeds_count_as_runs():
    runs = [run_of(*(level + one for one in (0.0, 0.001, -0.001))) for level in (0.90, 0.86, 0.94, 0.88, 0.92)]
    assert with_seeds([0.879, 0.88, 0.881], runs).status == "inconclusive"
    close = [run_of(*(level + one for one in (0.0, 0.001, -0.001))) for level in (0.900, 0.901, 0.899, 0.9, 0.902)]
    assert with_seeds([0.879, 0.88, 0.881], close).status == "failed"


def test_a_training_without_noise_is_judged_as_a_model():
    before = run_of(0.9, 0.9, 0.9, models=["a"] * 3)
    assert with_seeds([0.8] * 3, [before], models=["b"] * 3).status == "failed"
    assert with_seeds([0.8] * 3, [before], models=["b"] * 3).p_value is None  # numbers alone: the plain rule


def test_trainings_that_are_all_alike_vary_by_what_counting_leaves():
    runs = [run_of(0.9, models=[str(at)]) for at in range(6)]
    assert with_seeds([0.898], runs, models=["x"]).status in ("passed", "inconclusive")
    assert with_seeds([0.5], runs, models=["x"]).status == "failed"


def test_the_anchor_is_compared_by_its_own_trainings():
    config = Config(version=1, model={"m": Model(estimand="recipe")}, baseline=Baseline(anchor="v1"))
    release = run_of(0.95, 0.951, 0.949)
    last = run_of(0.93, 0.931, 0.929)
    change = with_seeds([0.925, 0.926, 0.924], [last], anchor=release, config=config)
    assert (change.status, change.baseline) == ("failed", pytest.approx(0.95))


@pytest.mark.parametrize(("seeds", "past"), [(3, 1), (5, 1), (3, 6)])
def test_other_seeds_of_one_recipe_block_no_more_than_the_rate(seeds, past):
    draw = random.Random(seeds * 10 + past)
    blocked = 0
    for _ in range(300):
        runs = [run_of(*(draw.gauss(0.9, 0.03) for _ in range(seeds))) for _ in range(past)]
        blocked += with_seeds([draw.gauss(0.9, 0.03) for _ in range(seeds)], runs).status == "failed"
    assert blocked <= 0.05 * 300 + 3 * (0.05 * 0.95 * 300) ** 0.5
    assert blocked > 0
