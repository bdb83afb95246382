"""What is the same in several legs of a matrix is told once, and what is not is told apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from mlci.reports.findings import findings
from mlci.reports.html import render as html
from mlci.reports.legs import gathered, told
from mlci.reports.markdown import render
from mlci.results.files import read
from mlci.results.merge import merge
from mlci.results.model import Change, Check, Comparison, Gate, Metric, Results
from mlci.results.rules import RuleChange

GOLDEN = Path(__file__).parent / "golden"


def leg(name, *, value=0.5, checks=(), status="failed", commit="a" * 40, summary="3 are missing"):
    named = checks or (Check(id="data.a.b", status=status, summary=summary, reason="r", details={"in": name}),)
    change = Change(metric="model.m.accuracy", status=status, baseline=0.75, candidate=value, drop=0.75 - value, max_drop=0.1, reason="r")  # fmt: skip
    return Results(
        schema=1,
        mlci="0",
        project="p",
        started="",
        duration_s=0,
        verdict="passed" if status == "passed" else "failed",
        cell=name,
        commit=commit,
        gates=(Gate(name="data", status=status, reason="r", duration_s=len(name), checks=named),),
        metrics=(Metric(name="model.m.accuracy", value=value, n=4), Metric(name="model.m.latency", value=len(name))),
        comparison=Comparison(status=status, changes=(change,)),
    )


def test_results_of_one_run_stay_as_they_are():
    results = leg("a")
    assert gathered(results) is results


def test_what_every_leg_found_names_none():
    found = gathered(merge([leg("a"), leg("bb"), leg("ccc")]))
    (gate,) = found.gates
    assert (gate.leg, gate.duration_s, [check.id for check in gate.checks]) == (None, 3, ["data.a.b"])
    assert [change.metric for change in found.comparison.changes] == ["model.m.accuracy"]
    assert [metric.name for metric in found.metrics] == ["model.m.accuracy", "a/model.m.latency", "bb/model.m.latency", "ccc/model.m.latency"]  # fmt: skip


def test_what_some_legs_found_names_them_and_counts_the_rest():
    legs = [*(leg(name) for name in ("a", "b", "c", "d", "e")), leg("f", status="passed", value=0.75)]
    found = gathered(merge(legs))
    assert [(gate.status, gate.leg) for gate in found.gates] == [("failed", "a; b; c; 2 more"), ("passed", "f")]
    assert [one.subject for one in findings(found)] == ["a; b; c; 2 more/model.m.accuracy", "a; b; c; 2 more/data.a.b"]
    assert told(found) == "5 of 6 legs did not pass: a; b; c; 2 more."


def test_checks_that_say_something_else_stay_apart():
    found = gathered(merge([leg("a"), leg("b", summary="4 are missing", value=0.25)]))
    assert [check.id for check in found.gates[0].checks] == ["a/data.a.b", "b/data.a.b"]
    assert [change.metric for change in found.comparison.changes] == ["a/model.m.accuracy", "b/model.m.accuracy"]


def test_rules_that_every_leg_found_loosened_are_told_once():
    change = RuleChange(kind="loosened", what="model.m.metrics.a.min", before="0.8", after="0.5")
    legs = [replace(leg(name), rule_changes=(change,)) for name in ("a", "b/c")]
    assert gathered(merge(legs)).rule_changes == (change,)
    assert [one.what for one in gathered(merge([*legs, leg("d")])).rule_changes] == ["a; b/c/model.m.metrics.a.min"]


def test_gate_that_could_not_run_is_told_once():
    stopped = (Check(id="data", status="errored", summary="the data gate could not run", reason="r"),)
    found = gathered(merge([leg("a", checks=stopped), leg("b", checks=stopped)]))
    assert [check.id for check in found.gates[0].checks] == ["data"]


def test_legs_of_different_commits_are_said():
    assert "different commits" in told(merge([leg("a"), leg("b", commit="b" * 40)]))
    assert told(merge([leg("a", status="passed"), leg("b", status="passed")])) == "All 2 legs passed: a; b."


@pytest.mark.slow
def test_comment_of_a_matrix_is_as_short_as_that_of_a_run():
    one = read(GOLDEN / "failing.json")
    many = merge([replace(one, cell=f"ubuntu, 3.{number}") for number in range(11, 15)])
    alone = replace(one, cell=None)
    assert len(render(many)) < len(render(alone)) + 100
    assert "4 of 4 legs did not pass: ubuntu, 3.11; ubuntu, 3.12; ubuntu, 3.13; 1 more." in render(many)
    assert html(many).count("<li") < html(alone).count("<li") + 5


def test_nothing_is_lost_by_gathering():
    parts = [read(GOLDEN / f"{name}.json") for name in ("failing", "passing", "errored")]
    many = merge([replace(one, cell=str(number)) for number, one in enumerate(parts)])
    assert {one.line for part in parts for one in findings(part) if one.kind == "check"} == {
        one.line for one in findings(gathered(many)) if one.kind == "check"
    }
