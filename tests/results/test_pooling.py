"""Legs of a matrix share one false-alarm rate when they are merged."""

from dataclasses import replace
from statistics import NormalDist

import pytest

from mlci.results.merge import merge
from mlci.results.model import Anchor, Change, Check, Comparison, Gate, Receipt, Results, worst
from mlci.results.status import verdict_of

z = NormalDist().inv_cdf


def change(p_value=0.03, *, drop=0.05, status="failed", **more):
    given = {
        "metric": "model.m.accuracy", "status": status, "baseline": 0.9, "candidate": 0.9 - drop, "drop": drop,
        "max_drop": 0.01, "n": 500, "p_value": p_value, "upper_bound": drop + 0.02, "mde": 0.03, "rate": 0.05,
        "level": 0.05, "reason": f"model.m.accuracy is {drop} worse (adjusted p = {p_value or 1:.2g})",
    }  # fmt: skip
    return Change(**{**given, **more})


def leg(name, *changes, gates=(), anchor=(), **more):
    comparison, pinned = compared(changes), compared(anchor)
    return Results(
        schema=1, mlci="0", project="p", started="2026-01-01T00:00:00+00:00", duration_s=1.0, cell=name,
        verdict=verdict_of([comparison.status, pinned.status, *(gate.status for gate in gates)]),
        comparison=comparison, gates=(Gate(name="code", status="passed"), *gates),
        anchor=Anchor(name="v1", comparison=pinned, baseline=Receipt()) if anchor else None, **more,
    )  # fmt: skip


def compared(changes):
    status = worst(one.status for one in changes)
    reason = next((one.reason for one in changes if one.status == status), None)
    return Comparison(status=status, reason=reason, changes=tuple(changes))


def quiet(name, p_value=0.4):
    return leg(name, change(p_value, drop=0.001, status="passed", reason=None))


def test_a_drop_that_one_of_several_legs_shows_by_chance_does_not_block():
    merged = merge([leg("a", change(0.03)), quiet("b", 0.4), quiet("c", 0.6)])
    fell = merged.comparison.changes[0]
    assert (merged.verdict, fell.status, fell.p_value) == ("passed", "inconclusive", pytest.approx(0.09))
    assert "over 3 legs that is no more than chance (adjusted p = 0.09)" in fell.reason
    assert merged.comparison.status == "inconclusive"
    assert fell.mde == pytest.approx(0.03 * (z(1 - 0.05 / 3) + z(0.8)) / (z(0.95) + z(0.8)))


def test_a_drop_beyond_all_chances_still_blocks_with_the_p_value_of_all():
    merged = merge([leg("a", change(0.001)), quiet("b"), quiet("c", 0.6)])
    fell = merged.comparison.changes[0]
    assert (merged.verdict, fell.status) == ("failed", "failed")
    assert fell.p_value == pytest.approx(0.003)
    assert "adjusted p = 0.003" in fell.reason


def test_legs_that_say_the_same_are_one_chance_and_those_without_change_none():
    same = [leg(name, change(0.03)) for name in "abc"]
    assert merge(same).verdict == "failed"
    still = leg("d", change(1.0, drop=0.0, status="passed", upper_bound=0.0, reason=None))
    assert merge([leg("a", change(0.03)), still]).verdict == "failed"
    assert merge([leg("a", change(0.03))]).verdict == "failed"


def test_what_else_fails_a_leg_is_not_let_pass():
    failed = Check(id="code.tests", status="failed", summary="3 tests", reason="1 test failed")
    gate = Gate(name="code", status="failed", reason="1 test failed", checks=(failed,))
    assert merge([leg("a", change(0.03), gates=(gate,)), quiet("b")]).verdict == "failed"
    plain = change(None, status="failed", rate=None, level=None, mde=None, upper_bound=None)
    assert merge([leg("a", change(0.03), plain), quiet("b")]).verdict == "failed"
    unknown = replace(leg("a", change(0.4, status="passed", drop=0.001)), verdict="failed")
    assert merge([unknown, quiet("b", 0.3)]).verdict == "failed"
    assert merge([leg("a", change(0.03, strict=True)), quiet("b")]).verdict == "failed"
    assert merge([leg("a", change(0.03, max_drop="nonsense")), quiet("b")]).verdict == "failed"


def test_a_waiver_stays_and_a_warning_that_is_chance_goes():
    waived = change(0.03, status="warned", waiver="until 2999 by ann")
    warned = change(0.03, status="warned", metric="model.m.f1")
    merged = merge([leg("a", waived, warned), quiet("b")])
    assert [one.status for one in merged.comparison.changes[:2]] == ["warned", "inconclusive"]


def test_the_anchor_shares_the_rate_too():
    since = change(0.02, rate=0.025, level=0.025)
    last = change(0.4, drop=0.001, status="passed", rate=0.025, level=0.025, reason=None)
    merged = merge([leg("a", last, anchor=(since,)), quiet("b")])
    assert (merged.verdict, merged.anchor.comparison.changes[0].status) == ("passed", "inconclusive")
    sure = replace(since, p_value=0.001)
    assert merge([leg("a", last, anchor=(sure,)), quiet("b")]).verdict == "failed"
