"""What a person sees at the terminal, and the JUnit document."""

import xml.etree.ElementTree as ET
from dataclasses import replace

from mlci.errors import Where
from mlci.reports import console, junit
from mlci.reports.findings import headline
from mlci.reports.terminal import plain
from mlci.results.model import Change, Check, Comparison, Gate, Receipt, Results, Rung

FAILED = Check(
    id="data.tags.expect_column_values_to_be_unique.id",
    status="failed",
    summary="column `id`",
    reason="column `id`: 2 of 9 values stand more than once",
    where=Where(path="mlci.yaml", line=7),
)
PASSED = Check(id="data.tags.expect_column_to_exist.id", status="passed", summary="column `id` exists")


def results(*checks, verdict="failed", **rest):
    gate = Gate(name="data", status=checks[0].status, reason=checks[0].reason, checks=checks, duration_s=0.25)
    return Results(
        schema=1,
        mlci="0.1.0",
        project="demo",
        started="2026-01-01T00:00:00+00:00",
        duration_s=1.0,
        verdict=verdict,
        gates=(gate,),
        **rest,
    )


def printed(capsys, what, **options):
    console.show(what, **{"form": "console", "quiet": False, "verbose": False, "folder": "mlci-report", **options})
    return capsys.readouterr().out


def test_a_failure_is_shown_with_its_place_and_the_verdict_last(capsys):
    out = printed(capsys, results(FAILED, PASSED))
    assert "FAILED  data.tags.expect_column_values_to_be_unique.id  mlci.yaml:7" in out
    assert "2 checks: 1 failed, 1 passed" in out
    assert "expect_column_to_exist" not in out
    assert out.splitlines()[-2] == "Blocked: column `id`: 2 of 9 values stand more than once"
    assert out.splitlines()[-1] == "reports: mlci-report"


def test_verbose_shows_what_passed_and_quiet_only_what_did_not(capsys):
    assert "column `id` exists" in printed(capsys, results(FAILED, PASSED), verbose=True)
    assert "reports:" not in printed(capsys, results(FAILED, PASSED), quiet=True)
    assert printed(capsys, results(PASSED, verdict="passed"), quiet=True) == ""


def test_failing_rows_of_several_files_are_told_with_their_file(capsys):
    places = {"rows": [2, 3, 9], "lines": [3, 4, 2], "files": ["a.csv", "a.csv", "b.csv"]}
    out = printed(capsys, results(replace(FAILED, details=places)))
    assert "rows 2, 3, 9 (a.csv lines 3, 4; b.csv line 2)" in out
    places = {"rows": [2, 9], "files": ["a.parquet", "b.parquet"]}
    assert "rows 2, 9 (a.parquet; b.parquet)" in printed(capsys, results(replace(FAILED, details=places)))


def test_no_colour_and_no_control_characters_where_it_is_no_terminal(capsys):
    hostile = Check(id="x\x1b[31m", status="failed", summary="s", reason="a\x1b]8;;http://x\x07b\u202ec\nd")
    out = printed(capsys, results(hostile))
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "<U+202E>" in out


def test_a_comparison_shows_both_numbers_and_the_receipt(capsys):
    changes = (
        Change(
            metric="model.m.accuracy",
            status="failed",
            baseline=0.9,
            candidate=0.8,
            drop=0.1,
            max_drop=0.01,
            n=100,
            reason="model.m.accuracy is 0.1 worse: 0.9 → 0.8, at most 0.01 allowed",
        ),
        Change(metric="model.m.f1", status="skipped", candidate=0.5, reason="the baseline does not have it"),
    )
    receipt = Receipt(
        source="mlci-baseline.json at 1a2b", rungs=(Rung(source="x", found=False, note="none"),), commit="f" * 40
    )
    out = printed(capsys, results(PASSED, comparison=Comparison(status="failed", changes=changes), baseline=receipt))
    assert "model.m.accuracy failed 0.9 0.8 0.1 0.01 100" in " ".join(out.split())
    assert "1 not compared: the baseline does not have it" in out
    assert "baseline: mlci-baseline.json at 1a2b, computed at ffffffffff" in out
    assert "Blocked: model.m.accuracy is 0.1 worse: 0.9 → 0.8" in out


def test_json_and_markdown_go_to_standard_output(capsys):
    assert printed(capsys, results(PASSED), form="json").startswith("{")


def test_the_headline_puts_what_could_not_run_first():
    errored = Check(id="c", status="errored", summary="s", reason="predict crashed")
    assert headline(results(FAILED, errored, verdict="errored")) == "Could not run: predict crashed (and 1 more)"
    assert headline(results(PASSED, verdict="passed")) == "Passed: 1 check in 1 gate"


def test_a_gate_that_looked_at_nothing_says_why(capsys):
    gate = Gate(name="data", status="skipped", reason="none of its files changed")
    assert "data skipped: none of its files changed" in printed(capsys, replace(results(PASSED), gates=(gate,)))


def test_names_in_brackets_are_no_markup(capsys):
    change = Change(metric="model.m.recall", slice="red", status="failed", baseline=1.0, candidate=0.5, drop=0.5)
    what = results(PASSED, comparison=Comparison(status="failed", changes=(change,)))
    assert "model.m.recall [red]" in printed(capsys, what)


def test_junit_counts_and_survives_hostile_text():
    hostile = Check(id="a]]>\x00<b", status="errored", summary="s", reason="\x1b <&> \ud800")
    document = junit.render(results(FAILED, PASSED, hostile, Check(id="w", status="warned", summary="s", reason="r")))
    suite = ET.fromstring(document.encode())[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "1")
    assert suite[0].get("line") == "7"
    assert suite[0].find("failure").get("message") == FAILED.reason


def test_plain_is_one_short_line():
    assert plain("a\nb\tc") == "a b c"
    assert len(plain("x" * 10_000)) == 2000
