"""CSV files, read faithfully: every field as text, types decided by all values of a column, nothing guessed.

A field that reads as one of `NULL_VALUES`, in quotes or not, is a missing value, as in pandas. Rows are numbered
from 1; the header and blank lines do not count.
"""

from __future__ import annotations

import codecs
import csv
import mmap
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mlci.data.sources.csv_lines import explained, first_lines
from mlci.data.sources.dialect import Dialect, codec, dialect_of, header_of, not_encoded, opened
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.fields import NULL_VALUES, Fields
from mlci.data.sources.reading import Reading
from mlci.data.sources.surplus import refuse_surplus
from mlci.errors import CannotRun

_CHUNK = 1024 * 1024


def load(engine: Engine, reading: Reading, table: str, *, in_memory: bool) -> Fields:
    """Return the fields of a CSV or TSV file, loaded into `table`, or a view of that name where not `in_memory`.

    Raises:
        CannotRun: it is not in its encoding, has no header or a column name twice, a row has more or fewer fields
            than the header, or a quote is not closed; with the line where that is known.
    """
    dialect = dialect_of(reading, tabs=reading.format == "tsv")
    plain = _without_comments(in_utf8(reading, engine.folder / f"{table}.csv"), engine.folder / f"{table}-data.csv")
    header = header_of(plain, dialect)
    fields = Fields(
        table=table,
        header=header.names,
        lines=partial(first_lines, plain, dialect, header),
        explain=lambda error: explained(error, plain, header, dialect),
    )
    try:
        refuse_surplus(plain, len(header.names), dialect, above=header.above)
        if len(header.names) == 1 and _has_blank_line(plain.path):
            _load_copy(engine, plain, fields, dialect, above=header.above, in_memory=in_memory)
        else:
            _load(engine, plain, fields, dialect, above=header.above, in_memory=in_memory)
    except CannotRun:
        raise
    except Exception as error:
        if not str(error).startswith("Invalid Input Error") or len(_line_ends(plain.path)) == 1:
            raise fields.explain(error) from error
        _load_copy(engine, plain, fields, dialect, above=header.above, in_memory=in_memory)
    return replace(fields, again=partial(_again, engine, plain, fields, dialect, header.above))


def _again(engine: Engine, reading: Reading, fields: Fields, dialect: Dialect, above: int) -> Fields | None:
    """Return the fields of a large file with mixed line ends, which is only found out when it is read."""
    if len(_line_ends(reading.path)) == 1:
        return None
    _load_copy(engine, reading, fields, dialect, above=above, in_memory=False)
    return fields


def _load_copy(
    engine: Engine, reading: Reading, fields: Fields, dialect: Dialect, *, above: int, in_memory: bool
) -> None:
    """Load a copy with one kind of line end and no blank lines."""
    copy = _with_one_line_end(reading, dialect, above, engine.folder / f"{fields.table}-one-line-end.csv")
    _load(engine, copy, fields, Dialect(delimiter=dialect.delimiter), above=0, in_memory=in_memory)


def _has_blank_line(path: Path) -> bool:
    """Whether a line is blank: where there is one column, DuckDB takes that for a row."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(ends) >= 0 for ends in (b"\n\n", b"\n\r\n", b"\r\r"))


def in_utf8(reading: Reading, target: Path) -> Reading:
    """Return the reading of a copy in UTF-8 at `target`; of the file itself where it is in UTF-8.

    Raises:
        CannotRun: it is not in its encoding.
    """
    if codec(reading) == "utf-8-sig":
        return reading
    try:
        with (
            reading.path.open(encoding=codec(reading), newline="") as source,
            target.open("w", encoding="utf-8", newline="") as copy,
        ):
            shutil.copyfileobj(source, copy, _CHUNK)
    except UnicodeError as error:
        raise not_encoded(reading) from error
    return replace(reading, path=target, encoding="utf-8")


def _without_comments(reading: Reading, target: Path) -> Reading:
    """Return the reading of a copy whose comments are blank lines, so that line numbers stay."""
    if reading.comment is None:
        return reading
    comment, quote, quoted = reading.comment.encode(), reading.quote.encode(), False
    with reading.path.open("rb") as source, target.open("wb") as copy:
        for line in source:
            if not quoted and line.removeprefix(codecs.BOM_UTF8).startswith(comment):
                copy.write(b"\n")
                continue
            copy.write(line)
            quoted ^= bool(quote) and line.count(quote) % 2 == 1
    return replace(reading, path=target)


def _line_ends(path: Path) -> set[bytes]:
    found: set[bytes] = set()
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found |= set(re.findall(rb"\r\n|\n|\r", before + chunk if before == b"\r" else chunk))
            before = chunk[-1:]
    return found


def _with_one_line_end(reading: Reading, dialect: Dialect, above: int, target: Path) -> Reading:
    try:
        with opened(reading, above) as lines, target.open("w", encoding="utf-8", newline="") as copy:
            writer = csv.writer(copy, delimiter=dialect.delimiter, lineterminator="\n")
            writer.writerows(row for row in dialect.records(lines) if row)
    except csv.Error as problem:
        raise CannotRun(f"cannot be read: {problem}", where=reading.where()) from problem
    return replace(reading, path=target)


def _load(engine: Engine, reading: Reading, fields: Fields, dialect: Dialect, *, above: int, in_memory: bool) -> None:
    columns = "{" + ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(fields.header))) + "}"
    engine.connection.execute(
        f"create or replace temp {'table' if in_memory else 'view'} {fields.table} as "
        f"select * from read_csv({literal(str(reading.path))}, auto_detect=false, "
        f"header={str(reading.header).lower()}, skip={above}, columns={columns}, {dialect.sql}, "
        "strict_mode=true, null_padding=false, ignore_errors=false, allow_quoted_nulls=true, "
        f"nullstr=[{_nulls(reading.null_values)}])"
    )


def _nulls(declared: Sequence[str] | None) -> str:
    return ", ".join(literal(token) for token in (NULL_VALUES if declared is None else declared)) or "''"
