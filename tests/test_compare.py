"""The plain tolerance rule on stored aggregates."""

import pytest

from mlci.baselines.model import Found, Stored
from mlci.compare import compare
from mlci.results.model import Metric, Receipt, Rung


def found(*metrics, fingerprints=None):
    stored = Stored(schema=1, mlci="0.1.0", created="2026-01-01", metrics=metrics, fingerprints=fingerprints or {})
    return Found(stored=stored, receipt=Receipt())


def metric(value, *, name="model.m.accuracy", **rest):
    return Metric(name=name, value=value, **{"higher_is_better": True, "max_drop": 0.01, **rest})


@pytest.mark.parametrize(
    ("before", "now", "rest", "status"),
    [
        (0.80, 0.79, {}, "passed"),  # exactly the tolerance, which in binary is a little more
        (0.80, 0.7899, {}, "failed"),
        (0.80, 0.90, {}, "passed"),
        (0.80, 0.70, {"severity": "warning"}, "warned"),
        (0.80, 0.70, {"max_drop": None}, "passed"),
        (0.80, 0.70, {"higher_is_better": None, "max_drop": None}, "passed"),
        (0.80, 0.70, {"higher_is_better": None, "max_drop": 0.05}, "failed"),  # without a direction any change counts
        (0.80, 0.90, {"higher_is_better": None, "max_drop": 0.05}, "failed"),
        (0.80, 0.84, {"higher_is_better": None, "max_drop": 0.05}, "passed"),
        (1.00, 1.02, {"higher_is_better": False}, "failed"),
        (1.00, 0.50, {"higher_is_better": False}, "passed"),
        (50.0, 49.1, {"max_drop": "2%"}, "passed"),
        (50.0, 48.9, {"max_drop": "2%"}, "failed"),
        (0.80, 0.80, {"max_drop": 0}, "passed"),
        (0.80, 0.79, {"max_drop": 0}, "failed"),
        (0.0, -1.0, {"max_drop": "2%"}, "failed"),
    ],
)
def test_a_drop_larger_than_the_tolerance_fails(before, now, rest, status):
    comparison = compare([metric(now, **rest)], {}, found(metric(before)))
    assert comparison.status == status
    assert comparison.changes[0].status == status


def test_a_failed_change_says_from_where_to_where():
    comparison = compare([metric(0.7)], {}, found(metric(0.9)))
    assert comparison.reason == "model.m.accuracy is 0.2 worse: 0.9 → 0.7, at most 0.01 allowed"
    assert comparison.changes[0].drop == pytest.approx(0.2)


def test_a_number_without_a_direction_is_said_to_have_moved():
    comparison = compare([metric(0.9, higher_is_better=None)], {}, found(metric(0.7)))
    assert comparison.reason == "model.m.accuracy moved by 0.2: 0.7 → 0.9, at most 0.01 allowed"


def test_no_baseline_is_said_and_never_a_pass():
    receipt = Receipt(rungs=(Rung(source="b.json at 1a2b", found=False, note="no such file"),))
    comparison = compare([metric(0.9)], {}, Found(stored=None, receipt=receipt))
    assert comparison.status == "skipped"
    assert comparison.reason == "no baseline, so nothing was compared (b.json at 1a2b: no such file)"


def test_a_baseline_that_could_not_be_looked_for_is_an_error():
    comparison = compare([metric(0.9)], {}, Found(stored=None, receipt=Receipt(), error="this clone is shallow"))
    assert comparison.status == "errored"
    assert "this clone is shallow" in comparison.reason


def test_numbers_of_other_evaluation_data_are_not_compared():
    now = [metric(0.1), metric(0.1, name="model.other.accuracy")]
    base = found(metric(0.9), metric(0.9, name="model.other.accuracy"), fingerprints={"model.m.evaluate": "a"})
    first, second = compare(now, {"model.m.evaluate": "b"}, base).changes
    assert first.status == "inconclusive"
    assert "not comparable" in first.reason
    assert second.status == "failed"


def test_numbers_that_only_one_side_has_are_said():
    base = found(metric(0.9, name="model.m.f1"), metric(0.9, name="data.t.rows"))
    new, *gone = compare([metric(0.9)], {}, base).changes
    assert (new.status, new.reason) == ("skipped", "the baseline does not have it")
    assert [(one.metric, one.status) for one in gone] == [("model.m.f1", "warned"), ("data.t.rows", "warned")]


def test_what_a_gate_that_could_not_run_lost_is_not_said_twice():
    base = found(metric(0.9, name="model.m.f1"), metric(0.9, name="data.t.rows"))
    gone = compare([], {}, base, lost=frozenset({"model"})).changes
    assert [one.metric for one in gone] == ["data.t.rows"]


def test_a_run_limited_to_files_does_not_miss_what_it_left_out():
    base = found(metric(0.9), metric(0.9, name="model.m.f1"))
    assert len(compare([metric(0.9)], {}, base, whole=False).changes) == 1


def test_slices_are_compared_with_their_own():
    base = found(metric(0.9), metric(0.5, slice="short"))
    comparison = compare([metric(0.9), metric(0.4, slice="short")], {}, base)
    assert [change.status for change in comparison.changes] == ["passed", "failed"]
    assert "[short] is 0.1 worse: 0.5 → 0.4" in comparison.reason


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("model.m.evaluate", "on other evaluation data"),
        ("model.m.labels", "with another set of labels"),
        ("model.m.metric-code", "by other metric code"),
        ("model.m.accuracy.function", "by another version of the metric's function"),
        ("model.m.accuracy.settings", "under other settings of the metric"),
        ("model.m.unheard-of", "on something else"),
    ],
)
def test_what_was_computed_otherwise_is_not_comparable_and_gives_no_number(key, says):
    before = found(metric(0.9), fingerprints={key: "then"})
    (change,) = compare([metric(0.5)], {key: "now"}, before).changes
    assert (change.status, change.comparable, change.baseline, change.drop) == ("inconclusive", False, None, None)
    assert change.reason == f"not comparable: the baseline was computed {says}"
    (same,) = compare([metric(0.5)], {key: "then"}, before).changes
    assert (same.status, same.baseline) == ("failed", 0.9)
