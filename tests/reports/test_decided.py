"""What reports tell of a decision beside its numbers."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.reports import console, html, junit, markdown
from mlci.reports.decided import churned, lines
from mlci.reports.findings import findings
from mlci.results.decision import Churn, Waived
from mlci.results.files import read
from mlci.results.merge import merge
from mlci.results.model import Anchor, Change, Comparison

RESULTS = read(Path(__file__).parent / "golden" / "decided.json")
HOSTILE = "@ann <img src=x> `a` </details> | #1\n## x \u202e"


def test_what_fell_since_the_release_is_a_finding_and_what_the_last_merge_tells_is_not_told_twice():
    subjects = [(one.kind, one.status, one.subject) for one in findings(RESULTS)]
    assert ("anchor", "failed", "model.topics.accuracy") in subjects
    assert ("change", "warned", "model.topics.f1_weighted") in subjects
    assert ("anchor", "warned", "model.topics.f1_weighted") not in subjects


def test_a_waiver_that_applies_is_told_with_its_drop_and_an_expired_one_as_a_finding():
    found = findings(RESULTS)
    let_pass = next(one.text for one in found if one.kind == "change")
    assert let_pass.endswith("; waived until 2026-12-31 by @ann, up to 0.03: the labels of 2023 were corrected")
    assert [(one.status, one.subject) for one in found if one.kind == "waiver"] == [
        ("failed", "waiver of model.topics.recall_macro [tag = mlops]:")
    ]
    assert [title for title, _ in lines(RESULTS)] == ["Predictions of topics", "Since v1.2", "Waiver"]


@pytest.mark.parametrize(
    ("churn", "said"),
    [
        (Churn(model="m", n=200, changed=0, newly_wrong=0, newly_right=0), "0% of 200 predictions changed"),
        (Churn(model="m", n=200, changed=3), "1.5% of 200 predictions changed"),
        (Churn(model="m", n=1, changed=1, newly_wrong=1, newly_right=0), "100% of 1 prediction changed: 1 newly wrong, 0 newly right"),
        (Churn(model="m", n=0, changed=0), "0% of 0 predictions changed"),
    ],
)  # fmt: skip
def test_churn_in_words(churn, said):
    assert churned(churn) == said


def test_the_page_has_the_history_as_bars_and_the_anchor_with_its_receipt():
    page = html.render(RESULTS)
    assert "█▇▆▂▁" in page
    assert "Anchor v1.2" in page
    assert "mlci-baseline.json at 5e6f708192 (anchor v1.2)" in page


def test_console_and_junit_tell_it_too(capsys):
    console.show(RESULTS, form="console", quiet=False, verbose=False, folder=None)
    said = capsys.readouterr().out
    assert "is 0.013 worse than at v1.2: 0.9231 → 0.9101" in said
    assert "Since v1.2: 2 numbers compared, 1 beyond the limit, 1 let pass" in said
    suites = {suite.get("name"): suite for suite in ET.fromstring(junit.render(RESULTS).encode())}
    assert (suites["anchor"].get("failures"), suites["waivers"].get("failures")) == ("1", "1")


def test_texts_of_a_project_stay_texts():
    waiver = Waived(
        metric=HOSTILE, slice=HOSTILE, status="warned", note=HOSTILE, max_loss="1%", reason=HOSTILE, owner=HOSTILE,
        until=HOSTILE, applied=True,
    )  # fmt: skip
    change = Change(
        metric=HOSTILE, status="failed", baseline=1.0, candidate=0.5, drop=0.5, reason=HOSTILE, waiver=HOSTILE
    )
    comparison = Comparison(
        status="failed", changes=(change,), churn=(Churn(model=HOSTILE, n=1, changed=1, file=HOSTILE),)
    )
    anchor = Anchor(name=HOSTILE, comparison=comparison, baseline=RESULTS.baseline)
    hostile = replace(RESULTS, comparison=comparison, anchor=anchor, waivers=(waiver, replace(waiver, applied=False)))
    for text in (markdown.render(hostile), html.render(hostile)):
        assert "<img" not in text
        assert "\u202e" not in text
        assert "\n## x" not in text
    assert "@ann" not in markdown.render(hostile)
    junit.render(hostile)


def test_legs_of_a_matrix_keep_theirs():
    both = merge([replace(RESULTS, cell="3.11"), replace(RESULTS, cell="3.12")])
    assert [one.metric for one in both.anchor.comparison.changes][::2] == [
        "3.11/model.topics.accuracy", "3.12/model.topics.accuracy"
    ]  # fmt: skip
    assert [one.model for one in both.comparison.churn] == ["3.11/topics", "3.12/topics"]
    assert len(both.waivers) == 4
    assert [one.metric for one in both.history] == ["3.11/model.topics.accuracy", "3.12/model.topics.accuracy"]
