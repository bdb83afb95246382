"""Metrics of rankings and of texts as answers: values against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from mlci.errors import CannotRun, UsageError
from mlci.metrics import METRICS, Sample, metric
from mlci.statistics import compare_predictions

RANDOM = np.random.default_rng(0)
GROUPS = RANDOM.integers(0, 40, 400)
RELEVANCE = RANDOM.integers(0, 4, 400).astype(float)
SCORES = np.round(RELEVANCE * 0.3 + RANDOM.normal(0, 1, 400), 1)


def sample(truth, said, groups, **rest):
    return Sample(truth=list(truth), predicted=list(said), groups=list(groups), **rest)


@pytest.mark.parametrize("k", [None, 1, 3, 10, 1000])
def test_ndcg_is_scikit_learns_with_ties(k):
    ours = metric("ndcg", {"k": k})(sample(RELEVANCE, SCORES, GROUPS))
    inside = [each == GROUPS for each in np.unique(GROUPS)]
    theirs = np.mean([reference.ndcg_score([RELEVANCE[one]], [SCORES[one]], k=k) for one in inside])
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_a_group_without_a_relevant_example_has_no_gain_and_no_recall():
    one = sample([0, 0, 1, 0], [3, 2, 1, 0], "aabb")
    assert METRICS["ndcg"](one) == 0.5
    assert METRICS["mrr"](one) == 0.5
    assert METRICS["recall_at_k"](one) == 1.0
    with pytest.raises(CannotRun, match="no example is relevant"):
        METRICS["recall_at_k"](sample([0, 0], [1, 2], "aa"))


def test_reciprocal_ranks_by_hand():
    one = sample([0, 1, 0, 1, 0, 0], [3.0, 2.0, 1.0, 1.0, 2.0, 3.0], "aaabbb")
    assert METRICS["mrr"](one) == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert metric("mrr", {"k": 2})(one) == pytest.approx(1 / 4)


def test_one_score_for_all_is_worth_no_more_than_chance():
    constant = sample([1, 0, 0, 0], [5, 5, 5, 5], "aaaa")
    assert metric("recall_at_k", {"k": 1})(constant) == 0.25
    assert METRICS["mrr"](constant) == 0.25


def test_the_probability_of_the_positive_label_ranks_where_there_is_one():
    shares = [{"no": 1 - p, "yes": p} for p in (0.9, 0.2, 0.6)]
    one = sample(["no", "yes", "yes"], ["yes", "no", "yes"], "aaa", probabilities=shares)
    assert METRICS["mrr"](one) == 0.5
    assert metric("recall_at_k", {"k": 2})(one) == 0.5


@pytest.mark.parametrize(
    ("truth", "said", "groups", "reason"),
    [
        ([1, 0], [1, 2], None, "groups"),
        ([-1, 0], [1, 2], "aa", "below 0"),
        ([1, 0], ["b", "c"], "aa", "needs numbers"),
    ],
)
def test_what_cannot_be_ranked_is_an_error(truth, said, groups, reason):
    with pytest.raises(CannotRun, match=reason):
        METRICS["ndcg"](Sample(truth=truth, predicted=said, groups=groups))


def test_a_setting_that_a_metric_does_not_take_is_refused():
    with pytest.raises(UsageError, match='"accuracy" has no setting "k"'):
        metric("accuracy", {"k": 3})


def _frames(now):
    return [{"label": RELEVANCE, "prediction": side, "query": GROUPS} for side in (SCORES, now)]


def test_rankings_are_compared_by_group():
    asked = {"ndcg": {"k": 10}, "ndcg_1": {"metric": "ndcg", "k": 1}, "mrr": {}, "recall_at_k": {"k": 2}}
    found = compare_predictions(*_frames(np.zeros(400)), id=None, metrics=asked, group="query")
    for gate in found.gates:
        one = metric(gate.metric, asked[gate.metric])
        assert gate.baseline == pytest.approx(one(sample(RELEVANCE, SCORES, GROUPS)), abs=1e-12)
        assert gate.candidate == pytest.approx(one(sample(RELEVANCE, np.zeros(400), GROUPS)), abs=1e-12)
    assert found.gates[0].verdict == "regression"
    same = compare_predictions(*_frames(SCORES), id=None, metrics=asked, group="query")
    assert {gate.verdict for gate in same.gates} == {"pass"}


def test_rankings_without_groups_are_refused():
    with pytest.raises(UsageError, match="group"):
        compare_predictions(*_frames(SCORES), id=None, metrics=["ndcg"])


@pytest.mark.parametrize("name", ["ndcg", "recall_at_k"])
def test_the_influence_of_examples_is_that_of_their_groups(name):
    frames = _frames(np.round(SCORES + np.random.default_rng(1).normal(0, 0.5, 400), 1))
    alone = compare_predictions(*frames, id=None, metrics=[name], group="query").gates[0]
    clustered = compare_predictions(*frames, id=None, metrics=[name], group="query", cluster="query").gates[0]
    assert clustered.p_value == pytest.approx(alone.p_value, abs=0.05)


@pytest.mark.parametrize(
    ("true", "said", "exact", "f1"),
    [
        ("The Eiffel Tower", "eiffel tower!", 1, 1.0),
        ("in Paris", "Paris", 0, 2 / 3),
        ("Paris", "London", 0, 0.0),
        ("the", "", 1, 1.0),
        ("a b b", "b b c", 0, 0.8),
    ],
)
def test_answers_are_compared_by_the_rules_of_squad(true, said, exact, f1):
    one = Sample(truth=[true], predicted=[said])
    assert METRICS["exact_match"](one) == exact
    assert METRICS["token_f1"](one) == pytest.approx(f1)


def test_answers_are_compared_before_and_now():
    truth = np.asarray([f"answer {at}" for at in range(60)], dtype=object)
    worse = np.where(np.arange(60) < 20, "no answer", truth).astype(object)
    frames = [{"label": truth, "prediction": side} for side in (truth, worse)]
    found = {
        gate.metric: gate for gate in compare_predictions(*frames, id=None, metrics=["exact_match", "token_f1"]).gates
    }
    assert found["exact_match"].candidate == pytest.approx(2 / 3)
    assert found["token_f1"].candidate == pytest.approx(
        METRICS["token_f1"](Sample(truth=truth.tolist(), predicted=worse.tolist()))
    )
    assert {gate.verdict for gate in found.values()} == {"regression"}
