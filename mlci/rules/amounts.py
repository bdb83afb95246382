"""The order of two amounts, each a number or a text with its unit."""

from __future__ import annotations

import re
from typing import Any

from mlci.numbers import same
from mlci.timespans import timespan

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def compared(before: Any, after: Any) -> int | None:
    """Return 1 where `after` is more than `before`, -1 where it is less, 0 where they are the same amount.

    None where they cannot be compared: amounts of two kinds (`2%` and `0.02`), or texts that are none.
    """
    one, two = _amount(before), _amount(after)
    if one is None or two is None or one[0] != two[0]:
        return None
    return 0 if same(one[1], two[1]) else 1 if two[1] > one[1] else -1


def _amount(value: Any) -> tuple[str, float] | None:
    """Return what kind of amount a value is, and how much."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number", float(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if share := _SHARE.fullmatch(text):
        return "share", float(share[1])
    if span := timespan(text):
        return "time", span.total_seconds()
    if size := _SIZE.fullmatch(text):
        base = 1024 if size[3] else 1000
        return "size", float(size[1]) * base ** " kmgt".index(size[2].lower() or " ")
    return None
