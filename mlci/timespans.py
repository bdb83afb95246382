"""Time spans as people write and read them: `90m`, `36h`, `7d`, `2w`."""

from __future__ import annotations

import datetime as dt
import re

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*")
_LONGEST = 100_000 * 86_400


def timespan(text: str) -> dt.timedelta | None:
    """Return the time span that `text` says; None where it says none, or one of more than 100,000 days."""
    found = _PATTERN.fullmatch(text)
    if found is None:
        return None
    seconds = float(found[1]) * _UNITS[found[2]]
    return dt.timedelta(seconds=seconds) if seconds <= _LONGEST else None


def said(span: dt.timedelta) -> str:
    """Return a time span in its two largest units: `3 d 4 h`, `25 min`."""
    seconds = int(span.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days:,} d {hours} h" if hours else f"{days:,} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
