"""How numbers went over stored runs."""

import pytest

from mlci.baselines.model import Stored
from mlci.decisions.trend import sparkline, stored_trends, trends
from mlci.results.model import Metric


def run(value, name="model.m.f1", **more):
    return Stored(schema=1, mlci="0", created="2026-01-01", metrics=(Metric(name=name, value=value, **more),))


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
