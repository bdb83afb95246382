"""Sizes as people write them: `4GB`, `512 MiB`, `1000000`."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)


def bytes_of(text: str) -> int | None:
    """Return the bytes that `text` stands for, None where it is no size; `K` is 1,000 and `Ki` 1,024."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** " KMGT".index(match[2].upper() or " "))
