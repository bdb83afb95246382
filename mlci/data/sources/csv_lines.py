"""The lines of a CSV file: where a row begins, and which record is not well formed."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from mlci.data.sources.dialect import Dialect, Header, not_encoded, opened
from mlci.data.sources.fields import IN_MEMORY
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun


def first_lines(reading: Reading, dialect: Dialect, header: Header, rows: Sequence[int]) -> dict[int, int]:
    """Return the line that each of `rows` begins on; of nothing in a file too large to read again."""
    if not rows or reading.path.stat().st_size > IN_MEMORY:
        return {}
    wanted, last = set(rows), max(rows)
    found: dict[int, int] = {}
    with opened(reading, header.above) as lines:
        records = dialect.records(lines, strict=False)
        number, before = -1 if reading.header else 0, 0
        for record in records:
            number += bool(record)
            if record and number in wanted:
                found[number] = header.above + before + 1
            if number >= last:
                break
            before = records.line_num
    return found


def explained(error: Exception, reading: Reading, header: Header, dialect: Dialect) -> CannotRun:
    """Return what DuckDB says of a file that it cannot read, in the user's terms and with the line."""
    said = str(error)
    fields = len(header.names)
    found = re.search(r"CSV Error on Line: (\d+)", said)
    where = reading.where(true_line(reading, header, dialect) or int(found.group(1)) if found else None)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    if counts:
        return CannotRun(f"a row has {counts.group(2)} fields where the header has {fields}", where=where)
    if "unterminated quote" in said or "quote" in said.partition("Possible")[0].lower():
        return CannotRun("a quote is not closed, or text follows a closed one", where=where)
    if "unicode" in said.lower() or "utf-8 encoded" in said.lower():
        return not_encoded(reading)
    if "Maximum line size" in said:
        return CannotRun("a line is longer than 2 MB", where=where)
    return CannotRun(f"cannot be read as CSV: {said.splitlines()[0]}", where=where)


def true_line(reading: Reading, header: Header, dialect: Dialect) -> int | None:
    """Return the line of the first record that is not well formed: DuckDB counts records, and some span lines."""
    if reading.path.stat().st_size > IN_MEMORY:
        return None
    with opened(reading, header.above) as lines:
        records = dialect.records(lines)
        line = 1
        try:
            for record in records:
                if record and len(record) != len(header.names):
                    return header.above + line
                line = records.line_num + 1
        except (csv.Error, UnicodeError):
            return header.above + line
    return None
