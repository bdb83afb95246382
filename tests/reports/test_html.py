"""What the HTML page says of a run."""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.errors import Where
from mlci.numbers import number
from mlci.reports import folder
from mlci.reports.html import BUDGET, render
from mlci.reports.layout import SIGNS
from mlci.reports.links import Links
from mlci.reports.page.plot import WIDTH, of_number, of_rate
from mlci.reports.rows import Row
from mlci.results.files import read
from mlci.results.model import Change, Check, Comparison, Gate, Metric, Receipt, Results, Rung

GOLDEN = Path(__file__).parent / "golden"


def results(*checks, ended="failed", gate="data", **more):
    gates = (Gate(name=gate, status=ended, reason="r", checks=checks),) if checks else ()
    return Results(schema=1, mlci="0", project="p", started="2026-11-21T10:00:00+00:00", duration_s=0, verdict=ended, gates=gates, **more)  # fmt: skip


def check(status="failed", **more):
    return Check(**{"id": "data.a.b", "status": status, "summary": "s", "reason": None if status == "passed" else "because", **more})  # fmt: skip


def change(**more):
    return Change(**{"metric": "model.m.accuracy", "status": "failed", "baseline": 0.9, "candidate": 0.8, "drop": 0.1, "max_drop": 0.01, "n": 120, "higher_is_better": True, **more})  # fmt: skip


def words(page):
    """Return what a reader of the page reads, in one line."""
    body = re.sub(r"<(style|title)>.*?</\1>|</?(?:wbr|code)>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_the_verdict_and_its_reason_come_first():
    said = words(render(read(GOLDEN / "failing.json")))
    assert said.startswith("mlci blocked model.topics.accuracy is 0.0312 worse: 0.9123 → 0.8811, at most 0.01 allowed")
    assert said.index("What blocks 5") < said.index("Compared with the baseline 6") < said.index("Checks: data")


def test_every_check_number_and_gate_is_on_the_page():
    found = read(GOLDEN / "sixty-findings.json")
    said = words(render(found))
    for gate in found.gates:
        assert f"{gate.name} {gate.status}" in said
        for one in gate.checks:
            assert one.id in said
    for metric in found.metrics:
        assert number(round(metric.value, 2) if "coverage" in metric.name else metric.value) in said


def test_comparison_says_before_now_change_limit_and_n():
    metric = Metric(name="model.m.accuracy", value=0.8, interval=(0.7, 0.88))
    found = results(comparison=Comparison(status="failed", rule="the rule", changes=(change(),)), metrics=(metric,))
    said = words(render(found))
    assert "accuracy ↑ model m 0.9 0.8 0.7 to 0.88 failed 0.1 worse 0.01 120" in said
    assert "Rule: the rule." in said


def test_without_a_baseline_numbers_stand_alone():
    found = results(check("passed"), ended="passed", metrics=(Metric(name="model.m.f1", value=0.5, n=9),), baseline=Receipt(rungs=(Rung(source="x", found=False, note="not there"),)))  # fmt: skip
    said = words(render(found))
    assert "No baseline was found: changes were not judged." in said
    assert "Numbers 1 Number Now n f1 model m 0.5 9" in said
    assert "not found x: not there" in said


def test_number_that_could_not_be_compared_says_why():
    gone = change(status="skipped", candidate=None, drop=None, reason="this run did not compute it")
    said = words(render(results(comparison=Comparison(status="skipped", reason="r", changes=(gone,)))))
    assert "0.9 gone skipped this run did not compute it" in said


def test_findings_link_into_the_repository_only_where_links_are_given():
    found = results(check(where=Where(path="data/a.csv", line=7)))
    assert '<a class="place" href="https://github.com/o/r/blob/c/data/a.csv#L7"' in render(found, links=Links(source="https://github.com/o/r/blob/c/"))  # fmt: skip
    assert "<a " not in render(found)
    assert "data/a.csv:7" in words(render(found))
    assert "<a " not in render(results(check(where=Where(path="../a.csv"))), links=Links(source="https://x/"))


@pytest.mark.parametrize(
    "details",
    [
        {"values": ["k3y"]},
        {"values": {"unexpected_values": ["k3y"]}},
        {"values": "k3y"},
        {"examples": [{"test": "t", "input": "k3y", "label": ""}]},
        {"examples": [["k3y", "x"]]},
    ],
)
@pytest.mark.parametrize("status", ["failed", "passed", "warned"])
def test_values_of_rows_appear_only_where_the_results_say_so(status, details):
    found = results(check(status, details=details), ended="failed")
    assert "k3y" not in render(found)
    assert "not shown, since show-values is off" in words(render(found))
    assert "k3y" in render(replace(found, show_values=True))
    assert "k3y" not in render(replace(found, show_values=True), show_values=False)


def test_details_are_said_in_words():
    details = {"rows": [5, 20], "kwargs": {"column": "a", "mostly": 0.9}, "element_count": 1426, "interval": None, "least_covered": [{"file": "a.py", "percent": 50.0}], "traceback": "one\ntwo <b>"}  # fmt: skip
    page = render(results(check(details=details)))
    said = words(page)
    assert "failing rows 5, 20" in said
    assert "arguments column: a · mostly: 0.9" in said
    assert "element count 1,426" in said
    assert "least covered file: a.py · percent: 50" in said
    assert "interval" not in said.partition("details")[2].partition("least")[0]
    assert "one\ntwo &lt;b&gt;\n</pre>" in page


def test_more_than_is_listed_is_counted():
    said = words(render(results(check(details={"rows": list(range(1, 31))}))))
    assert "20 … and 10 more" in said


def test_very_many_details_are_cut_and_counted():
    page = render(results(check(details={f"k{one}": one for one in range(1_000)})))
    assert "left out 950 more, in results.json" in words(page)
    assert "k999" not in page


def test_behaviour_tests_stand_in_their_suite():
    told = {"test": "typos", "type": "INV", "capability": "Robustness", "cases": 120, "not_applicable": 20, "failed_cases": 12, "failure_rate": 0.12, "interval": [0.0636, 0.2], "limit": 0.05}  # fmt: skip
    one = check(id="leg/model.topics.behaviour.words.typos", details=told)
    other = check("passed", id="leg/model.topics.behaviour.words.rest", details={**told, "test": "rest", "failed_cases": 0, "failure_rate": 0.0, "limit": 0})  # fmt: skip
    said = words(render(results(one, other, gate="model")))
    assert "Behaviour: leg · topics · words 2 tests, 1 not passed" in said
    assert "typos INV · Robustness failed 12 of 100 cases fail 12% 6.36% to 20% at most 5%" in said
    assert "rest INV · Robustness passed 0 of 100 cases fail 0% 6.36% to 20% none may fail" in said


def test_receipt_fingerprints_and_command_are_there():
    found = replace(read(GOLDEN / "failing.json"), fingerprints={"model.topics.evaluate": "c0ecfac6"})
    said = words(render(found))
    assert "Taken from mlci-baseline.json at 1a2b3c4, commit 1a2b3c4, 3 days old, 2 commits behind the merge-base, computed 2026-11-18 09:12 UTC." in said  # fmt: skip
    assert "Fingerprints 1 model.topics.evaluate c0ecfac6" in said
    assert "Run it yourself mlci run data model --base 1a2b3c4d5e6f" in said


def test_run_that_checked_nothing_is_not_green():
    gate = Gate(name="data", status="skipped", reason="no changed file feeds it")
    page = render(replace(results(ended="passed"), gates=(gate,)))
    assert "passed, but nothing was checked" in words(page)
    assert '<header class="skipped">' in page


def test_only_its_own_style_is_allowed_and_nothing_is_loaded():
    page = render(read(GOLDEN / "failing.json"))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
    assert policy == f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; form-action 'none'"  # fmt: skip
    assert not re.search(r"url\(|@import|https?:", style)
    assert not re.search(r"<script|\bsrc=|\bstyle=|\bon\w+=", page)


def test_each_status_has_a_colour():
    page = render(read(GOLDEN / "failing.json"))
    for status in SIGNS:
        assert f".{status} {{ --is:" in page or f".{status}, .unjudged {{ --is:" in page


@pytest.mark.slow
@pytest.mark.parametrize("status", ["passed", pytest.param("failed", marks=pytest.mark.slow)])
def test_five_thousand_checks_are_cut_to_size_and_counted(status):
    checks = tuple(check(status, id=f"data.a.n{one}", details={"rows": [one], "traceback": "x\n" * 100}) for one in range(5_000))  # fmt: skip
    page = render(results(*checks, ended=status), budget=300_000)
    assert len(page) < 320_000
    left = re.search(r"Left out for length: ([\d,]+) entries are not on this page \((.*?)\)\. All of them are in results\.json\.", page)  # fmt: skip
    listed = len(re.findall(r'<li class="entry (?:failed|passed)">', page))
    assert listed + int(left[1].replace(",", "")) == 5_000 * (2 if status == "failed" else 1)
    assert page.rstrip().endswith("</html>")


def test_a_usual_run_is_not_cut():
    page = render(read(GOLDEN / "sixty-findings.json"))
    assert "Left out" not in page
    assert len(page) < BUDGET / 10


def test_report_folder_has_the_page(tmp_path):
    folder.write(read(GOLDEN / "failing.json"), tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render(read(GOLDEN / "failing.json"))
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["verdict"] == "failed"


def plotted(interval=None, **more):
    metric = Metric(name="a", value=0.8, interval=interval) if interval else None
    return of_number(Row(name="a", slice=None, change=change(**more), metric=metric))


def test_worse_is_left_and_the_limit_lies_between():
    plot = plotted()
    assert 0 < plot.now < plot.limit < plot.before < WIDTH
    lower = plotted(higher_is_better=False, baseline=0.8, candidate=0.9)
    assert 0 < lower.now < lower.limit < lower.before < WIDTH
    better = plotted(candidate=0.95, drop=-0.05)
    assert better.limit < better.before < better.now


def test_interval_is_drawn_around_the_value():
    plot = plotted(interval=(0.7, 0.88))
    assert plot.low < plot.now < plot.high
    mirrored = plotted(interval=(0.7, 0.88), higher_is_better=False)
    assert mirrored.low < mirrored.now < mirrored.high


def test_small_change_looks_small():
    plot = plotted(candidate=0.8999, max_drop=None)
    assert plot.before - plot.now < WIDTH / 20


@pytest.mark.parametrize("more", [{"baseline": None}, {"candidate": None}, {"baseline": float("nan")}, {"candidate": float("inf")}, {"candidate": 0.9, "max_drop": None}, {"baseline": -1e308, "candidate": 1e308}])  # fmt: skip
def test_nothing_is_drawn_where_there_is_nothing_to_see(more):
    assert plotted(**more) is None


def test_rate_stands_on_the_scale_of_its_suite():
    plot = of_rate(0.1, limit=0.05, interval=(0.06, 0.2), largest=0.2)
    assert plot.limit < plot.low < plot.rate < plot.high < WIDTH
    assert of_rate(None, limit=0.05, interval=None, largest=0.2) is None
