"""How numbers went over the runs that were stored."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from mlci.baselines.model import Stored
from mlci.results.decision import Point, Trend
from mlci.results.model import Metric

_BARS = "▁▂▃▄▅▆▇█"


def trends(runs: Sequence[Stored], metrics: Sequence[Metric]) -> Iterator[Trend]:
    """Yield how every overall number went: `runs` are those stored, the newest first; `metrics` are this run's.

    A number that fewer than two runs have stored has no trend.
    """
    for metric in metrics:
        stored = _points(runs, metric)
        if metric.slice is None and len(stored) > 1:
            yield _trend(metric, stored, (Point(value=metric.value),))


def stored_trends(runs: Sequence[Stored]) -> Iterator[Trend]:
    """Yield how every overall number of the newest of `runs` went; one value alone is a trend too."""
    for metric in runs[0].metrics if runs else ():
        if metric.slice is None:
            yield _trend(metric, _points(runs, metric), ())


def _trend(metric: Metric, stored: list[Point], now: tuple[Point, ...]) -> Trend:
    return Trend(
        metric=metric.name,
        points=(*stored, *now),
        spread=statistics.stdev(point.value for point in stored) if len(stored) > 1 else None,
        higher_is_better=metric.higher_is_better,
    )


def _points(runs: Sequence[Stored], metric: Metric) -> list[Point]:
    return [point for run in reversed(runs) if (point := _point(run, metric)) is not None]


def _point(run: Stored, metric: Metric) -> Point | None:
    value = next((one.value for one in run.metrics if (one.name, one.slice) == (metric.name, metric.slice)), None)
    return None if value is None else Point(value=value, commit=run.commit, created=run.created)


def sparkline(values: Sequence[float]) -> str:
    """Return the values as a line of bars, from the smallest to the largest: `▁▃▆█`."""
    low, high = min(values), max(values)
    span = high - low
    if not span:
        return _BARS[3] * len(values)
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in values)
