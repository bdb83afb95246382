"""Rows of a CSV file with a delimiter too many at their end, which DuckDB reads as if it were not there."""

from __future__ import annotations

import mmap

from mlci.data.sources.dialect import Dialect
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun

_ENDS = (b"\n", b"\r")


def refuse_surplus(reading: Reading, fields: int, dialect: Dialect, *, above: int = 0) -> None:
    """Raise `CannotRun` with its line where a row ends with an empty field that the header has no name for.

    Only lines that end with the delimiter are looked at, so that a file without any costs one search through it.
    `above` is the number of lines before the first record. Where quotes are not told by their number, since another
    sign stands before them, a line is only refused when it holds none.
    """
    delimiter, quote = dialect.delimiter.encode(), dialect.quote.encode()
    with reading.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        first = _offset(data, above)
        for end in (*(delimiter + end for end in _ENDS), None):
            at = _next(data, delimiter, end, first)
            while at >= 0:
                start = max(data.rfind(mark, 0, at) for mark in _ENDS) + 1
                line = data[start : at + 1]
                if line.count(delimiter) >= fields and not _is_quoted(data, line, start, quote):
                    number = data[:start].count(b"\n") + 1
                    found = line.count(delimiter) + 1
                    said = f"a row has {found} fields where the header has {fields}: it ends with a delimiter"
                    raise CannotRun(said, where=reading.where(number))
                at = _next(data, delimiter, end, at + 1)


def _offset(data: mmap.mmap, lines: int) -> int:
    at = 0
    for _ in range(lines):
        at = data.find(b"\n", at) + 1
    return at


def _is_quoted(data: mmap.mmap, line: bytes, start: int, quote: bytes) -> bool:
    return bool(quote) and (quote in line or data[:start].count(quote) % 2 == 1)


def _next(data: mmap.mmap, delimiter: bytes, end: bytes | None, start: int) -> int:
    """Return where the next line that ends with the delimiter does; `end` None is the end of the file."""
    if end is not None:
        return data.find(end, start)
    last = len(data) - 1
    return last if start <= last and data[last : last + 1] == delimiter else -1
