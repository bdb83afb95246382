"""Which reason comes first, and how a finding is said."""

import pytest

from mlci.reports.findings import findings, headline, verdict
from mlci.reports.inert import utf16_units
from mlci.reports.layout import Section, fit
from mlci.reports.markdown import marker_of, render
from mlci.results.model import Change, Check, Comparison, Gate, Metric, Receipt, Results


def results(*checks, ended="failed", changes=(), status="failed", **more):
    gates = (Gate(name="data", status=status, reason="r", checks=checks),) if checks else ()
    comparison = Comparison(status=changes[0].status, reason="r", changes=changes) if changes else None
    return Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict=ended, gates=gates, comparison=comparison, **more)  # fmt: skip


def check(status, reason="because", summary="s", **more):
    return Check(id="data.a.b", status=status, summary=summary, reason=reason, **more)


def drop(status="failed", *, before=0.9, now=0.8, **more):
    return Change(metric="model.m.accuracy", status=status, baseline=before, candidate=now, drop=before - now, higher_is_better=True, **{"max_drop": 0.01, **more})  # fmt: skip


def test_what_could_not_run_comes_first_then_drops_then_checks():
    found = findings(results(check("failed"), check("warned"), check("errored"), changes=(drop("failed"),)))
    assert [(one.status, one.kind) for one in found] == [
        ("errored", "check"),
        ("failed", "change"),
        ("failed", "check"),
        ("warned", "check"),
    ]


def test_headline_says_the_drop_its_limit_and_how_many_more():
    found = results(check("failed"), changes=(drop(),))
    assert headline(found) == "Blocked: model.m.accuracy is 0.1 worse: 0.9 → 0.8, at most 0.01 allowed (and 1 more)"


def test_relative_drop_is_said_in_the_unit_of_its_limit():
    found = results(changes=(drop(max_drop="2%"),))
    assert "is 0.1 (11.11%) worse: 0.9 → 0.8, at most 2% allowed" in headline(found)


def test_drop_just_over_its_limit_does_not_read_like_it():
    assert "is 0.010004 worse: 0.9 → 0.89, at most 0.01 allowed" in headline(results(changes=(drop(now=0.889996),)))


def test_gate_that_ended_without_a_check_is_a_finding():
    gate = Gate(name="model", status="errored", reason="the worker crashed")
    found = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="errored", gates=(gate,))
    assert headline(found) == "Could not run: model gate errored: the worker crashed"


def test_comparison_that_could_not_run_is_a_finding():
    comparison = Comparison(status="errored", reason="a shallow clone")
    found = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="errored", comparison=comparison)
    assert "a shallow clone" in headline(found)
    assert "a shallow clone" in render(found)


@pytest.mark.parametrize(
    ("summary", "reason", "said"),
    [
        ("values are unique", "3 of 9 occur twice", "values are unique: 3 of 9 occur twice"),
        ("predict", "predict crashed", "predict crashed"),
        ("accuracy is 0.8, below 0.9", "below 0.9", "accuracy is 0.8, below 0.9"),
        ("column `a`: 3 of 9 are null", "3 of 9 are null; rows 1, 2", "column `a`: 3 of 9 are null; rows 1, 2"),
        ("f1 is 0.8 (n = 9)", "f1 is 0.8, below 0.9", "f1 is 0.8, below 0.9 (n = 9)"),
    ],
)
def test_nothing_is_said_twice(summary, reason, said):
    (found,) = findings(results(check("failed", reason, summary)))
    assert found.text == said


def test_verdict_is_never_better_than_what_was_found():
    assert verdict(results(check("failed"), ended="passed")) == "failed"
    assert verdict(results(check("errored"), ended="failed")) == "errored"
    assert verdict(results(check("warned"), ended="failed")) == "failed"
    assert "### ❌ mlci: blocked" in render(results(check("failed"), ended="passed"))


def test_failed_verdict_without_a_finding_is_said():
    found = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed")
    assert headline(found) == "Blocked: no finding says why; the log of the run may"
    assert "### ❌ mlci: blocked" in render(found)


def test_run_that_checked_nothing_is_no_green_comment():
    gate = Gate(name="data", status="skipped", reason="no changed file feeds it")
    found = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="passed", gates=(gate,))
    assert headline(found) == "Passed: nothing was checked (no changed file feeds it)"
    assert "### ➖ mlci: passed, but nothing was checked" in render(found)
    assert "✅" not in render(found)


def test_missing_baseline_is_said_at_the_top():
    found = results(check("passed", None), ended="passed", status="passed", baseline=Receipt())
    assert "**No baseline** was found: changes were not judged." in render(found)
    assert "none beyond its limit" not in render(found)


def test_inconclusive_comparison_is_a_note_and_not_the_headline():
    found = results(check("passed", None), ended="passed", status="passed", changes=(drop("inconclusive", reason="9 examples show too little"),))  # fmt: skip
    written = render(found)
    assert written.startswith("### ✅ mlci: passed")
    assert "1 comparison could not be decided" in written
    assert "🔎 inconclusive: 0.1 worse" in written
    assert "9 examples show too little" in written


def test_number_that_is_gone_or_new_is_said():
    gone = Change(metric="model.m.f1", status="skipped", baseline=0.5, reason="this run did not compute it")
    new = Change(metric="model.m.auc", status="skipped", candidate=0.7, reason="the baseline does not have it")
    metric = Metric(name="model.m.auc", value=0.7)
    written = render(results(check("passed", None), ended="passed", status="passed", changes=(gone, new), metrics=(metric,)))  # fmt: skip
    assert "0.5 → gone" in written
    assert "now 0.7" in written


def test_command_to_reproduce_names_the_gates_and_the_base():
    found = results(check("failed"), changes=(drop(),), base="1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d")
    assert "Run it yourself: `mlci run data --base 1a2b3c4d5e6f`" in render(found)
    evil = results(check("failed"), changes=(drop(),), base="$(rm -rf /)")
    assert "Run it yourself: `mlci run data`" in render(evil)


def test_merged_legs_are_told_apart():
    one = Check(id="py3.11/data.tags.unique.id", status="failed", summary="s", reason="r")
    written = render(results(one))
    assert "**s: r**<br><code>data.tags.unique.id</code> in py3.11" in written
    assert "| tags: 1 check, 1 failed |" in written


@pytest.mark.parametrize("wrong", ["", "a b", "a\n", "x" * 101, "-->", "é"])
def test_comment_ids_are_plain(wrong):
    with pytest.raises(ValueError, match="not a comment id"):
        marker_of(wrong)


def test_comment_id_of_each_allowed_sign():
    assert marker_of("Az09._-") == "<!-- mlci:Az09._- -->"


@pytest.mark.parametrize("budget", range(0, 400, 7))
def test_sections_are_fitted_to_the_very_unit(budget):
    sections = [
        Section(what=str(number), priority=number % 3, head="🙂" * number, entries=("x" * 9,) * number, tail="t")
        for number in range(9)
    ]
    text, dropped = fit(sections, budget=budget)
    assert utf16_units(text) <= budget
    assert text.count("x" * 9) + sum(number for number, _what in dropped) == 36
