"""The anchor: many small drops that each pass the last merge are stopped before they lose much together."""

from datetime import date

import numpy as np
import pytest

from mlci.baselines.model import Found, Stored
from mlci.config.baselines import Baseline
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.decisions.decide import Against, Candidate, decide
from mlci.model.paired import Predicted
from mlci.results.model import Metric, Receipt

pytestmark = pytest.mark.slow
TODAY = date(2026, 1, 1)
CONFIG = Config(version=1, model={"m": Model()}, baseline=Baseline(anchor="v1.2"))
N = 10_000


class Run:
    """A model that is right on some of the examples."""

    def __init__(self, right):
        self.right = right
        self.metric = Metric(
            name="model.m.accuracy", value=float(right.mean()), higher_is_better=True, max_drop=0.01, n=len(right)
        )
        columns = {"id": list(range(len(right))), "label": [1] * len(right), "prediction": right.astype(int).tolist()}
        self.predicted = {"m": Predicted(columns=columns, slices={}, positive=None)}

    def found(self, *, paired):
        stored = Stored(schema=1, mlci="0", created="2026-01-01", metrics=(self.metric,))
        return Found(stored=stored, receipt=Receipt(source="x"), predicted=self.predicted if paired else {})


def decided(now, last, anchor, *, paired):
    candidate = Candidate(metrics=(now.metric,), fingerprints={}, predicted=now.predicted)
    pinned = anchor.found(paired=paired) if anchor else None
    return decide(candidate, Against(last=last.found(paired=paired), anchor=pinned), CONFIG, today=TODAY)


def worse(run, random, by, churn=0.02):
    """Return a model that is right on `by` fewer examples, and differs on more."""
    right = run.right.copy()
    lost, won = int(len(right) * (churn / 2 + by)), int(len(right) * churn / 2)
    right[random.choice(np.flatnonzero(run.right), lost, replace=False)] = False
    right[random.choice(np.flatnonzero(~run.right), won, replace=False)] = True
    return Run(right)


@pytest.mark.parametrize("paired", [True, False], ids=["example by example", "aggregates alone"])
@pytest.mark.parametrize("seed", [0, 1])
def test_forty_drops_of_a_quarter_point_are_stopped_before_one_and_a_half_points_are_lost(paired, seed):
    random = np.random.default_rng(seed)
    anchor = last = Run(random.random(N) < 0.9)
    unpinned = 0.0
    for _ in range(40):
        now = worse(last, random, 0.0025)
        decision = decided(now, last, anchor, paired=paired)
        assert decision.comparison.status != "failed"  # each one alone is within its limit
        if decision.anchor.comparison.status == "failed":
            break
        last, unpinned = now, anchor.right.mean() - now.right.mean()
    else:
        pytest.fail("all forty were let pass")
    assert 0.0075 <= unpinned <= 0.015
    assert "worse" in decision.anchor.comparison.reason


def test_without_an_anchor_all_forty_pass():
    random = np.random.default_rng(0)
    first = last = Run(random.random(N) < 0.9)
    for _ in range(40):
        now = worse(last, random, 0.0025)
        decision = decided(now, last, None, paired=True)
        assert (decision.comparison.status, decision.anchor) != ("failed", None)
        last = now
    assert first.right.mean() - last.right.mean() > 0.09


def test_harmless_changes_are_blocked_at_most_at_the_rate_with_both_comparisons():
    random = np.random.default_rng(3)
    anchor = Run(random.random(500) < 0.9)
    blocked = 0
    for _ in range(300):
        last, now = (worse(anchor, random, 0.0, churn=0.1) for _ in range(2))
        decision = decided(now, last, anchor, paired=True)
        blocked += "failed" in (decision.comparison.status, decision.anchor.comparison.status)
    assert blocked <= 300 * 0.05 + 3 * (0.05 * 0.95 * 300) ** 0.5


def test_the_rate_is_shared_by_both_comparisons():
    random = np.random.default_rng(4)
    anchor = Run(random.random(500) < 0.9)
    now = worse(anchor, random, 0.02)
    rules = [
        one.rule for one in (decided(now, anchor, anchor, paired=True).comparison, decided(now, anchor, None, paired=True).comparison)
    ]  # fmt: skip
    assert "at most 2.5 %" in rules[0]
    assert "at most 5 %" in rules[1]


def test_numbers_that_the_release_did_not_have_are_not_missed():
    last = Run(np.ones(50, dtype=bool))
    old = Found(
        stored=Stored(schema=1, mlci="0", created="x", metrics=(Metric(name="model.m.f1", value=1),)), receipt=Receipt()
    )
    candidate = Candidate(metrics=(last.metric,), fingerprints={}, predicted={})
    anchor = decide(candidate, Against(last=last.found(paired=False), anchor=old), CONFIG, today=TODAY).anchor
    assert [(one.metric, one.status) for one in anchor.comparison.changes] == [("model.m.accuracy", "skipped")]
