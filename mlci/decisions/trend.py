"""How numbers went over the runs that were stored."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

from mlci.baselines.model import Stored
from mlci.compare import not_comparable
from mlci.results.decision import Point, Trend
from mlci.results.model import Metric

_BARS = "▁▂▃▄▅▆▇█"
_GAP = " ╎ "
_BASELINE = "not comparable: the baseline was computed"


def trends(
    runs: Sequence[Stored], metrics: Sequence[Metric], fingerprints: Mapping[str, str] | None = None
) -> Iterator[Trend]:
    """Yield how every overall number went.

    `runs` are those stored, the newest first; `metrics` are this run's, with the `fingerprints` of what they were
    computed on. A number that fewer than two runs have stored has no trend.
    """
    for metric in metrics:
        stored = [run for run in runs if _value(run, metric) is not None]
        if metric.slice is None and len(stored) > 1:
            now = Point(value=metric.value, broken=_why(metric, fingerprints or {}, stored[0]))
            yield _trend(metric, _points(stored, metric), (now,))


def stored_trends(runs: Sequence[Stored]) -> Iterator[Trend]:
    """Yield how every overall number of the newest of `runs` went; one value alone is a trend too."""
    for metric in runs[0].metrics if runs else ():
        if metric.slice is None:
            yield _trend(metric, _points([run for run in runs if _value(run, metric) is not None], metric), ())


def _trend(metric: Metric, stored: list[Point], now: tuple[Point, ...]) -> Trend:
    last = parts(stored)[-1]
    return Trend(
        metric=metric.name,
        points=(*stored, *now),
        spread=statistics.stdev(point.value for point in last) if len(last) > 1 else None,
        higher_is_better=metric.higher_is_better,
    )


def parts(points: Sequence[Point]) -> list[list[Point]]:
    """Return the points in parts within which each is comparable with the one before it, the oldest first."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point.broken and found[-1]:
            found.append([])
        found[-1].append(point)
    return found


def _points(runs: Sequence[Stored], metric: Metric) -> list[Point]:
    """Return the values of runs, the newest first, as points, the oldest first."""
    older: Sequence[Stored | None] = [*runs[1:], None]
    both = zip(runs, older, strict=True)
    return [
        Point(
            value=_value(run, metric) or 0.0,
            commit=run.commit,
            created=run.created,
            broken=None if before is None else _why(metric, run.fingerprints, before),
        )
        for run, before in reversed(list(both))
    ]


def _value(run: Stored, metric: Metric) -> float | None:
    return next((one.value for one in run.metrics if (one.name, one.slice) == (metric.name, metric.slice)), None)


def _why(metric: Metric, fingerprints: Mapping[str, str], before: Stored) -> str | None:
    """Return why a number is about something else than that of the run before it."""
    said = not_comparable(metric, fingerprints, before)
    return said and said.replace(_BASELINE, "the run before was computed")


def sparkline(values: Sequence[float]) -> str:
    """Return the values as a line of bars, from the smallest to the largest: `▁▃▆█`."""
    return _bars(values, min(values), max(values))


def broken_line(points: Sequence[Point]) -> str:
    """Return the points as bars on one scale, with a gap where they are not comparable: `▁▃ ╎ ▆█`."""
    values = [point.value for point in points]
    drawn = [_bars([point.value for point in part], min(values), max(values)) for part in parts(points)]
    return _GAP.join(drawn)


def _bars(values: Sequence[float], low: float, high: float) -> str:
    span = high - low
    if not span:
        return _BARS[3] * len(values)
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in values)
