"""How numbers went over the runs that were stored."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from mlci.baselines.model import Stored
from mlci.results.decision import Point, Trend
from mlci.results.model import Metric

_BARS = "▁▂▃▄▅▆▇█"


def trends(
    runs: Sequence[Stored], metrics: Sequence[Metric], *, commit: str | None = None, created: str | None = None
) -> tuple[Trend, ...]:
    """Return how every overall number went: `runs` are those stored, the newest first; `metrics` are this run's.

    A number that fewer than two runs have stored has no trend.
    """
    return tuple(_trends(runs, metrics, commit, created))


def _trends(
    runs: Sequence[Stored], metrics: Sequence[Metric], commit: str | None, created: str | None
) -> Iterator[Trend]:
    for metric in metrics:
        stored = [point for run in reversed(runs) if (point := _point(run, metric)) is not None]
        if metric.slice is None and len(stored) > 1:
            now = Point(value=metric.value, commit=commit, created=created)
            yield Trend(
                metric=metric.name,
                points=(*stored, now),
                spread=statistics.stdev(point.value for point in stored),
                higher_is_better=metric.higher_is_better,
            )


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
