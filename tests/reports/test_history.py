"""How numbers went so far, in the comment: always as bars, as charts only where the project wants them."""

import re
from dataclasses import replace
from pathlib import Path

from mlci.reports.markdown import render
from mlci.results.decision import Point, Trend
from mlci.results.files import read
from mlci.results.posting import Posting

RESULTS = read(Path(__file__).parent / "golden" / "decided.json")
CHART = re.compile(r"\n```mermaid\n(.*?)```\n", re.DOTALL)


def drawn(*values, metric="model.m.accuracy", commit="1a2b3c4d5e6f"):
    points = tuple(Point(value=value, commit=commit) for value in values)
    written = render(replace(RESULTS, history=(Trend(metric=metric, points=points),), posting=Posting(mermaid=True)))
    return CHART.findall(written)


def test_bars_are_always_there_and_charts_only_where_they_are_wanted():
    plain, wanted = render(RESULTS), render(replace(RESULTS, posting=Posting(mermaid=True)))
    assert "█▇▆▂▁" in plain
    assert "█▇▆▂▁" in wanted
    assert "mermaid" not in plain
    assert len(CHART.findall(wanted)) == 1


def test_chart_has_the_numbers_and_their_commits():
    (chart,) = drawn(0.9, 0.92, 0.91)
    assert chart == (
        "xychart-beta\n"
        '    title "model.m.accuracy"\n'
        '    x-axis ["1a2b3c4", "1a2b3c4", "now"]\n'
        "    y-axis 0.899 --> 0.921\n"
        "    line [0.9, 0.92, 0.91]\n"
    )


def test_nothing_but_plain_letters_goes_into_a_chart():
    (chart,) = drawn(1.0, 2.0, metric='a"]\n```\nclick x "https://evil.example"', commit='x"]; evil')
    assert 'title "a click x https evil.example"' in chart
    assert 'x-axis ["1", "now"]' in chart
    assert "`" not in chart


def test_numbers_that_stay_the_same_or_are_few_are_no_trouble():
    assert "y-axis 0.95 --> 1.05" in drawn(1.0, 1.0)[0]
    assert "y-axis -1 --> 1" in drawn(0.0, 0.0)[0]
    assert drawn(1.0) == []
    assert drawn() == []
    assert drawn(float("nan"), 1.0) == []
    assert drawn(1e308, -1e308) == []
    assert drawn(*range(100))[0].count(",") == 2 * 29
