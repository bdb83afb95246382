"""How numbers went over stored runs."""

import pytest

from mlci.baselines.model import Stored
from mlci.decisions.trend import broken_line, sparkline, stored_trends, trends
from mlci.reports.decided import trend as told
from mlci.results.decision import Trend
from mlci.results.model import Metric


def run(value, name="model.m.f1", *, data=None, commit=None, **more):
    metrics, prints = (Metric(name=name, value=value, **more),), {} if data is None else {"model.m.evaluate": data}
    return Stored(schema=1, mlci="0", created="2026-01-01", metrics=metrics, fingerprints=prints, commit=commit)


def test_the_oldest_comes_first_and_this_run_last():
    (trend,) = trends([run(0.9), run(0.8)], [Metric(name="model.m.f1", value=0.7)])
    assert [point.value for point in trend.points] == [0.8, 0.9, 0.7]
    assert trend.spread == pytest.approx(0.0707, abs=1e-4)


def test_one_stored_value_is_no_trend_and_slices_have_none():
    assert not list(trends([run(0.9)], [Metric(name="model.m.f1", value=0.7)]))
    assert not list(trends([run(0.9, slice="a"), run(0.8, slice="a")], [Metric(name="model.m.f1", value=1, slice="a")]))


def test_what_is_stored_has_a_trend_of_its_own():
    (trend,) = stored_trends([run(0.9), run(0.8)])
    assert ([point.value for point in trend.points], trend.spread) == ([0.8, 0.9], pytest.approx(0.0707, abs=1e-4))
    assert not list(stored_trends([]))


def test_a_sparkline_goes_from_the_smallest_to_the_largest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5.0, 5.0]) == "▄▄"
    assert sparkline([1e-300, -1e300]) == "█▁"


def test_a_line_is_not_drawn_across_a_change_of_the_evaluation_data():
    stored = [run(0.95, data="new", commit="b" * 40), run(0.6, data="old"), run(0.62, data="old"), run(0.5, data="old")]
    (trend,) = stored_trends(stored)
    assert [point.broken is not None for point in trend.points] == [False, False, False, True]
    assert trend.points[3].broken == "the run before was computed on other evaluation data"
    assert trend.spread is None  # one value on the new data has none
    assert broken_line(trend.points) == "▁▃▃ ╎ █"
    assert told(trend) == ("▁▃▃ ╎ █", "0.95 to 0.95 since other evaluation data at bbbbbbbbbb", "")
    same, now = [Metric(name="model.m.f1", value=0.94)], {"model.m.evaluate": "newest"}
    (trend,) = trends(stored[1:], same, now)
    assert (broken_line(trend.points), told(trend)[1]) == (
        "▁▃▃ ╎ █",
        "0.94 to 0.94 since other evaluation data in this run",
    )
    assert trend.spread == pytest.approx(0.0643, abs=1e-4)


def test_the_same_data_all_along_has_no_gap_and_nothing_is_no_line():
    (trend,) = trends(
        [run(0.9, data="d"), run(0.8, data="d")], [Metric(name="model.m.f1", value=1)], {"model.m.evaluate": "d"}
    )
    assert not any(point.broken for point in trend.points)
    assert told(Trend(metric="m", points=())) == ("", "", "")
