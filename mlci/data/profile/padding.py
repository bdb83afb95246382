"""Limits from samples: never what was seen itself, but rounded outward beyond it. Pure functions.

The largest of a sample is a poor limit: the next sample of the same size exceeds it every second time.
"""

from __future__ import annotations

import math
from collections.abc import Callable

ROOM = 0.3
"""A limit lies beyond what was seen by this share of the spread."""
FEW_ROOM = 0.6
FEW = 100
"""Of fewer values the limits lie further off."""
HEAVY = 6.5
"""A tail is heavy where the extreme is so many times further from the median than the quartile is (normal: 5 to 6)."""

_FINE = 0.005
"""Below this, shares are rounded to thousandths and not to hundredths."""


def below(low: float, spread: float, *, n: int, least: float) -> float:
    """Return a round number below `low` by a share of `spread`; not below 0 where the least that was seen is not."""
    found = _outward(low - _room(n) * spread, spread or abs(low), math.floor)
    return 0.0 if least >= 0 > found else found


def above(high: float, spread: float, *, n: int, most: float) -> float:
    """Return a round number above `high` by a share of `spread`; not above 0 where the most that was seen is not."""
    found = _outward(high + _room(n) * spread, spread or abs(high), math.ceil)
    return 0.0 if most <= 0 < found else found


def is_heavy(extreme: float, median: float, quartile: float) -> bool:
    """Whether the tail between the quartile and the extreme is so long that no limit can be told from a sample."""
    return abs(extreme - median) > HEAVY * abs(quartile - median)


def length_limit(longest: int) -> int:
    """Return a round length well above the longest that was seen."""
    return int(_outward(2.0 * longest, float(longest), math.ceil))


def fewest_rows(rows: int) -> int:
    """Return a round number of rows at most a quarter of those seen, at least 1."""
    return max(1, int(_outward(rows / 4, rows / 4, math.floor, digits=1)))


def most_rows(rows: int) -> int:
    """Return a round number of rows at least ten times those seen."""
    return int(_outward(rows * 10.0, rows * 10.0, math.ceil, digits=1))


def least_share(failing: int, n: int) -> float:
    """Return the share of `n` values that may be asked for when `failing` of them were not so: a round one below.

    Three standard errors below what was seen, and three values more, which is what a sample without any can hide
    (the "rule of three", Hanley and Lippman-Hand 1983).
    """
    share = failing / n
    upper = share + 3 * math.sqrt(share * (1 - share) / n) + 3 / n
    steps = 1_000 if upper < _FINE else 100
    return max(0.0, math.floor((1 - upper) * steps) / steps)


def _room(n: int) -> float:
    return ROOM if n >= FEW else FEW_ROOM


def _outward(value: float, scale: float, rounding: Callable[[float], int], *, digits: int = 2) -> float:
    """Return `value` rounded by `math.floor` or `math.ceil` to `digits` digits of `scale`."""
    if not scale or not math.isfinite(value):
        return value
    step = float(10.0 ** (math.floor(math.log10(abs(scale))) - digits + 1))
    return float(f"{rounding(value / step) * step:.12g}")
