"""Where the marks of a small picture of a number stand: before, now, what is allowed, and the interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mlci.limits import tolerance
from mlci.numbers import same
from mlci.reports.rows import Row
from mlci.results.model import Change

WIDTH = 160.0
_MARGIN = 6.0
_LEAST_SPAN = 0.02
"""A change by less than this share of the baseline does not fill the picture."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """Horizontal positions from 0 to `WIDTH`; further right is better, or larger where neither is."""

    before: float
    now: float
    limit: float | None = None
    """The worst value that passes."""
    low: float | None = None
    high: float | None = None

    @property
    def moved(self) -> tuple[float, float]:
        """The left end and the width of the bar between the two values."""
        return min(self.before, self.now), abs(self.before - self.now)

    @property
    def allowed(self) -> tuple[float, float] | None:
        """The left end and the width of the room down to the limit."""
        return None if self.limit is None else (min(self.limit, self.before), abs(self.before - self.limit))


@dataclass(frozen=True, kw_only=True, slots=True)
class RatePlot:
    """Horizontal positions of a failure rate on the scale of its suite, from 0 at the left."""

    rate: float
    limit: float
    low: float | None = None
    high: float | None = None


def of_number(one: Row) -> Plot | None:
    """Return the picture of a number beside its baseline; None where there is nothing to see."""
    change = one.change
    if change is None or change.baseline is None or change.candidate is None:
        return None
    interval = one.metric.interval if one.metric else None
    limit = _worst_allowed(change)
    if limit is None and not interval and same(change.baseline, change.candidate):
        return None
    marks = [mark for mark in (change.baseline, change.candidate, limit, *(interval or ())) if mark is not None]
    if not all(map(math.isfinite, marks)) or not math.isfinite(max(marks) - min(marks)):
        return None
    at = _Scale(marks, least=_LEAST_SPAN * abs(change.baseline), mirrored=change.higher_is_better is False)
    low, high = sorted(map(at, interval)) if interval else (None, None)
    worst = None if limit is None else at(limit)
    return Plot(before=at(change.baseline), now=at(change.candidate), limit=worst, low=low, high=high)


def of_rate(
    rate: float | None, *, limit: float, interval: tuple[float, float] | None, largest: float
) -> RatePlot | None:
    """Return the picture of a failure rate on a scale from 0 to `largest`; None where nothing was judged."""
    if rate is None or not math.isfinite(largest) or largest <= 0:
        return None
    at = _Scale((0.0, largest), least=0.0, mirrored=False)
    low, high = map(at, interval) if interval else (None, None)
    return RatePlot(rate=at(rate), limit=at(limit), low=low, high=high)


class _Scale:
    """From values to positions; every value lies inside the picture."""

    def __init__(self, marks: Sequence[float], *, least: float, mirrored: bool) -> None:
        low, high = min(marks), max(marks)
        wanted = max(high - low, least) or 1.0
        self._low = low - (wanted - (high - low)) / 2
        self._span, self._mirrored = wanted, mirrored

    def __call__(self, value: float) -> float:
        share = min(1.0, max(0.0, (value - self._low) / self._span))
        return round(_MARGIN + (1 - share if self._mirrored else share) * (WIDTH - 2 * _MARGIN), 1)


def _worst_allowed(change: Change) -> float | None:
    """Return the value at the limit of the drop; None where there is no limit that can be read, or no direction."""
    if change.max_drop is None or change.baseline is None or change.higher_is_better is None:
        return None
    try:
        room = tolerance(change.max_drop, change.baseline)
    except ValueError:
        return None
    return change.baseline - room if change.higher_is_better else change.baseline + room
