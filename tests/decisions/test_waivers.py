"""Waivers: what they let pass, what they do not, and what is said of each."""

from dataclasses import replace
from datetime import date

import pytest

from mlci.baselines.model import Found, Stored
from mlci.config.baselines import Baseline
from mlci.config.model import Config
from mlci.config.waivers import Waiver
from mlci.decisions.decide import Against, Candidate, decide
from mlci.decisions.waivers import apply, told
from mlci.results.model import Change, Comparison, Metric, Receipt

TODAY = date(2026, 6, 1)


def waiver(**more):
    return Waiver(
        **{"metric": "model.m.accuracy", "max_loss": 0.03, "reason": "new labels", "owner": "ann", "until": "2026-06-01", **more}
    )  # fmt: skip


def fell(drop, *, status="failed", **more):
    change = Change(
        **{
            "metric": "model.m.accuracy", "status": status, "baseline": 0.9, "candidate": 0.9 - drop, "drop": drop,
            "max_drop": 0.01, "reason": f"model.m.accuracy is {drop} worse", **more,
        }
    )  # fmt: skip
    return Comparison(status=status, reason=change.reason, changes=(change,))


def test_a_drop_within_the_accepted_loss_warns_and_says_whose_word_it_is():
    after = apply(fell(0.02), [waiver()], today=TODAY)
    assert (after.status, after.changes[0].status) == ("warned", "warned")
    assert after.changes[0].waiver == "waived until 2026-06-01 by ann, up to 0.03: new labels"
    assert "new labels" in after.reason
    (one,) = told([waiver()], [after], today=TODAY, whole=True)
    assert (one.status, one.applied) == ("warned", True)
    assert one.note == "a drop of 0.02 is let pass until 2026-06-01, up to 0.03 is accepted"


@pytest.mark.parametrize(
    ("drop", "more", "status"),
    [
        (0.03, {}, "warned"),  # exactly the accepted loss
        (0.0301, {}, "failed"),
        (0.044, {"max_loss": "5%"}, "warned"),
        (0.046, {"max_loss": "5%"}, "failed"),
        (0.02, {"slice": "tag = a"}, "failed"),
        (0.02, {"metric": "model.m.f1"}, "failed"),
        (0.02, {"until": "2026-05-31"}, "failed"),
    ],
)
def test_it_never_accepts_more_than_it_says(drop, more, status):
    assert apply(fell(drop), [waiver(**more)], today=TODAY).status == status


def test_a_drop_beyond_it_fails_and_names_the_waiver():
    after = apply(fell(0.05), [waiver()], today=TODAY)
    assert after.reason.endswith("the waiver of ann accepts a loss of 0.03")


def test_only_failures_are_waived():
    for status in ("inconclusive", "passed", "warned", "errored"):
        assert apply(fell(0.02, status=status), [waiver()], today=TODAY).status == status


def test_a_slice_is_waived_by_its_own_name():
    assert apply(fell(0.02, slice="tag = a"), [waiver(slice="tag = a")], today=TODAY).status == "warned"


def test_a_change_that_is_not_comparable_is_never_waived():
    unknown = fell(0.02)
    unknown = replace(unknown, changes=(replace(unknown.changes[0], drop=None),))
    assert apply(unknown, [waiver()], today=TODAY).status == "failed"


@pytest.mark.parametrize(
    ("given", "comparison", "note"),
    [
        (waiver(until="2026-05-31"), fell(0.02), "the waiver expired on 2026-05-31: take it out, or have ann renew it"),
        (waiver(), fell(0.0, status="passed"), "it waives nothing: no limit is broken"),
        (waiver(), fell(0.05), "the drop is larger than it accepts"),
        (
            waiver(metric="model.m.acuracy"),
            fell(0.02),
            'it waives nothing: no number called "model.m.acuracy" is compared, did you mean "model.m.accuracy"?',
        ),
        (
            waiver(slice="tag = b"),
            fell(0.02, slice="tag = a"),
            'it waives nothing: "model.m.accuracy" is not compared on "tag = b", did you mean "tag = a"?',
        ),
    ],
)
def test_what_became_of_a_waiver_is_said(given, comparison, note):
    (one,) = told([given], [apply(comparison, [given], today=TODAY)], today=TODAY, whole=True)
    assert one.note == note
    assert one.status == ("failed" if "expired" in note else "warned")


def test_a_run_of_a_part_does_not_say_that_a_waiver_is_idle():
    idle, expired = waiver(metric="model.other.f1"), waiver(until="2020-01-01")
    assert [one.until for one in told([idle, expired], [fell(0.02)], today=TODAY, whole=False)] == ["2020-01-01"]


@pytest.mark.parametrize(
    ("more", "says"),
    [({}, True), ({"whole": False}, False), ({"lost": frozenset({"model"})}, False), ({"stored": False}, False)],
)
def test_it_is_said_to_waive_nothing_only_where_everything_was_compared(more, says):
    metric = Metric(name="metrics.a.json.f1", value=0.9, max_drop=0.01, higher_is_better=True)
    stored = Stored(schema=1, mlci="0", created="x", metrics=(metric,)) if more.pop("stored", True) else None
    candidate = Candidate(metrics=(metric,), fingerprints={}, predicted={}, **more)
    config = Config(version=1, baseline=Baseline())
    against = Against(last=Found(stored=stored, receipt=Receipt()))
    told_of = decide(candidate, against, config, accepted=[waiver()], today=TODAY).waivers
    assert bool(told_of) == says
