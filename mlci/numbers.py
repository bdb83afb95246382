"""Numbers as people read them: rounded to what matters, never so far that two different ones look the same."""

from __future__ import annotations

import math

_MOST_DECIMALS = 12
_TINY = 1e-6
_HUGE = 1e15
_SHOWN_WITH_TENTHS = 9.95
_INSTANT = 0.05
_MINUTE = 60
_HOUR = 3600


def number(value: float, *, decimals: int | None = None) -> str:
    """Return `value` with about four significant digits and separated thousands: `0.9123`, `93.41`, `12,345`.

    A number that is not whole is never rounded to one that looks whole: 0.99999 stays 0.99999.
    """
    if not math.isfinite(value):
        return _minus(str(value))
    if abs(value) >= _HUGE or 0 < abs(value) < _TINY:
        return _minus(f"{value:.3g}")
    if same(value, round(value)):
        return _minus(f"{round(value):,}")
    wanted = _decimals_of(value) if decimals is None else decimals
    places = next((some for some in range(wanted, _MOST_DECIMALS) if round(value, some) % 1), _MOST_DECIMALS)
    return _minus(f"{value:,.{places}f}".rstrip("0").rstrip("."))


def pair(one: float, other: float) -> tuple[str, str]:
    """Return both numbers with as many decimals as it takes to tell them apart, when they differ."""
    if same(one, other):
        return number(one), number(one)
    for decimals in (None, *range(4, _MOST_DECIMALS + 1)):
        shown = number(one, decimals=decimals), number(other, decimals=decimals)
        if shown[0] != shown[1]:
            return shown
    return repr(one), repr(other)


def same(one: float, other: float) -> bool:
    """Whether two numbers differ by no more than the noise of floating-point arithmetic."""
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)


def percent(share: float) -> str:
    """Return a share of one as a percentage with at most two decimals: `3.4%`."""
    return f"{number(share * 100, decimals=2)}%"


def count(amount: int, one: str, many: str = "") -> str:
    """Return `amount` with its noun: `1 check`, `1,204 checks`."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a time span as `0.4 s`, `12 s`, `3 min 5 s` or `1 h 12 min`."""
    if not math.isfinite(seconds) or seconds < 0:
        return "?"
    if 0 < seconds < _INSTANT:
        return "< 0.1 s"
    if seconds < _SHOWN_WITH_TENTHS:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s".removesuffix(" 0 s")
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def _decimals_of(value: float) -> int:
    size = abs(value)
    if size >= 1:
        return max(1, 3 - math.floor(math.log10(size)))
    return max(4, 2 - math.floor(math.log10(size)))


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text
