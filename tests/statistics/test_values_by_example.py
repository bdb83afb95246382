"""Metrics that are the mean of a column of both sides, compared beside the built-in ones."""

import numpy as np
import pytest

from mlci.errors import UsageError
from mlci.statistics import ByExample, compare_predictions

N = 400


def sides(worse=0.0, *, seed=0):
    rng = np.random.default_rng(seed)
    label = rng.random(N)
    before, after = label + rng.normal(0, 0.1, N), label + rng.normal(0, 0.1 + worse, N)
    common = {"id": np.arange(N), "label": label, "part": np.arange(N) % 2 == 0, "patient": np.arange(N) // 4}
    return [
        {**common, "prediction": said, "cost": np.abs(said - label), "gain": -np.abs(said - label)}
        for said in (before, after)
    ]


COST = {"mine": ByExample(column="cost", higher_is_better=False)}


@pytest.mark.parametrize("cluster", [None, "patient"])
def test_it_is_judged_as_a_built_in_mean_is(cluster):
    found = compare_predictions(
        *sides(0.05), metrics=["mean_absolute_error"], values=COST, slices=["part"], max_drop=0.001, cluster=cluster
    )
    pairs = zip(
        *[[gate for gate in found.gates if gate.metric == name] for name in ("mine", "mean_absolute_error")],
        strict=True,
    )
    for mine, built_in in pairs:
        for name in ("slice", "n", "verdict"):
            assert getattr(mine, name) == getattr(built_in, name)
        for name in ("baseline", "candidate", "drop", "p_value", "upper_bound"):
            assert getattr(mine, name) == pytest.approx(getattr(built_in, name))
    assert found.verdict == "regression"


def test_it_alone_may_be_compared_and_the_direction_counts():
    gain = {"gain": ByExample(column="gain", higher_is_better=True)}
    lost = compare_predictions(*sides(0.05), metrics=[], values=gain, max_drop=0.001).gates[0]
    found = compare_predictions(*reversed(sides(0.05)), metrics=[], values=gain, max_drop=0.001).gates[0]
    assert (lost.verdict, found.verdict) == ("regression", "pass")
    assert lost.drop == pytest.approx(-found.drop)


def test_two_that_are_one_cost_no_more_than_one():
    """What metrics of the same examples have in common is taken into account for one's own too."""
    both = {**COST, "again": ByExample(column="cost", higher_is_better=False)}
    one = compare_predictions(*sides(0.01), metrics=[], values=COST, max_drop=0.0).gates[0]
    two = compare_predictions(*sides(0.01), metrics=[], values=both, max_drop=0.0).gates[0]
    assert one.adjusted_p_value == pytest.approx(one.p_value)
    assert two.adjusted_p_value == pytest.approx(one.adjusted_p_value, rel=0.1)


@pytest.mark.slow
def test_harmless_changes_are_blocked_no_more_often_than_stated():
    verdicts = [
        compare_predictions(*sides(seed=seed), metrics=[], values=COST, max_drop=0.0).verdict for seed in range(400)
    ]
    assert verdicts.count("regression") <= 32  # 5 % of 400 and three standard deviations


def test_a_column_that_is_not_there_is_an_error():
    with pytest.raises(UsageError, match='no column "costs"'):
        compare_predictions(*sides(), metrics=[], values={"x": ByExample(column="costs", higher_is_better=False)})
