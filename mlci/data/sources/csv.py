"""CSV files, read faithfully: every field as text, types decided by all values of a column, nothing guessed.

A field that reads as one of `NULL_VALUES`, in quotes or not, is a missing value, as in pandas. Rows are numbered
from 1; the header and blank lines do not count.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlci.data.batch import Batch
from mlci.data.sources.engine import Engine, connect, literal
from mlci.data.sources.inference import typed_batch
from mlci.data.sources.reading import Reading
from mlci.data.sources.surplus import refuse_surplus
from mlci.errors import CannotRun

NULL_VALUES = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
    *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
)
"""The texts that mean a missing value where the configuration names none: those of pandas."""

IN_MEMORY = 64 * 1024 * 1024
"""Smaller files are loaded once; larger ones are read anew by each pass."""
LONGEST_LINE = 16 * 1024 * 1024
_CHUNK = 1024 * 1024


def open_csv(reading: Reading) -> Batch:
    """Return the batch of a CSV or TSV file.

    Raises:
        CannotRun: it is not in its encoding, has no header or a column name twice, a row has more or fewer fields
            than the header, or a quote is not closed; with the line where that is known.
    """
    delimiter = reading.delimiter or ("\t" if _is_tsv(reading) else ",")
    if len(delimiter.encode()) != 1 or delimiter in '\r\n"':
        raise CannotRun(f"the delimiter {delimiter!r} is not one plain character", where=reading.where())
    header = _header(reading, delimiter)
    engine = connect()
    try:
        copied = _in_utf8(reading, engine.folder)
        refuse_surplus(copied, len(header), delimiter.encode())
        batch = _open(engine, copied, header, delimiter)
        return replace(batch, lines=lambda rows: _first_lines(reading, delimiter, rows))
    except CannotRun:
        engine.close()
        raise
    except Exception as error:
        engine.close()
        raise _explained(error, reading, len(header), delimiter) from error


def _open(engine: Engine, reading: Reading, header: Sequence[str], delimiter: str) -> Batch:
    try:
        return typed_batch(engine, _load(engine, reading, header, delimiter), header, reading)
    except Exception as error:
        if not str(error).startswith("Invalid Input Error") or len(_line_ends(reading.path)) == 1:
            raise
    copy = replace(reading, path=_with_one_line_end(reading, delimiter, engine.folder))
    return typed_batch(engine, _load(engine, copy, header, delimiter), header, copy)


def _is_tsv(reading: Reading) -> bool:
    return reading.format == "tsv" or (not reading.format and reading.path.suffix.lower() in {".tsv", ".tab"})


def _codec(reading: Reading) -> str:
    try:
        name = codecs.lookup(reading.encoding).name
    except LookupError:
        raise CannotRun(f'there is no encoding "{reading.encoding}"', where=reading.where()) from None
    return "utf-8-sig" if name in {"utf-8", "ascii"} else name


def _header(reading: Reading, delimiter: str) -> list[str]:
    csv.field_size_limit(LONGEST_LINE)
    try:
        with reading.path.open(encoding=_codec(reading), newline="") as file:
            names = next(csv.reader(_from_first_line(file), delimiter=delimiter, strict=True), [])
    except UnicodeError as error:
        raise _not_encoded(reading) from error
    except csv.Error as error:
        raise CannotRun(f"the header cannot be read: {error}", where=reading.where(1)) from error
    names = [name or f"Unnamed: {position}" for position, name in enumerate(names)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if not names:
        raise CannotRun("has no header", where=reading.where(1))
    if twice:
        raise CannotRun(
            f'the column "{twice[0]}" stands in the header twice', where=reading.where(1), fix="Name each column once."
        )
    return names


def _from_first_line(file: Any) -> Iterator[str]:
    return itertools.dropwhile(lambda line: not line.strip("\r\n"), file)


def _in_utf8(reading: Reading, folder: Path) -> Reading:
    if _codec(reading) == "utf-8-sig":
        return reading
    copy = folder / "utf-8.csv"
    try:
        with (
            reading.path.open(encoding=_codec(reading), newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, _CHUNK)
    except UnicodeError as error:
        raise _not_encoded(reading) from error
    return replace(reading, path=copy, encoding="utf-8")


def _not_encoded(reading: Reading) -> CannotRun:
    line = 1
    decoder = codecs.getincrementaldecoder(_codec(reading))()
    with reading.path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            try:
                decoder.decode(text)
            except UnicodeError:
                line = number
                break
    return CannotRun(
        f"is not {reading.encoding}", where=reading.where(line), fix="Save it as UTF-8, or name its `encoding:`."
    )


def _line_ends(path: Path) -> set[bytes]:
    found: set[bytes] = set()
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found |= set(re.findall(rb"\r\n|\n|\r", before + chunk if before == b"\r" else chunk))
            before = chunk[-1:]
    return found


def _with_one_line_end(reading: Reading, delimiter: str, folder: Path) -> Path:
    copy = folder / "one-line-end.csv"
    try:
        with (
            reading.path.open(encoding="utf-8-sig", newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            writer = csv.writer(target, delimiter=delimiter, lineterminator="\n")
            writer.writerows(row for row in csv.reader(source, delimiter=delimiter, strict=True) if row)
    except csv.Error as error:
        raise CannotRun(f"cannot be read: {error}", where=reading.where()) from error
    return copy


def _load(engine: Engine, reading: Reading, header: Sequence[str], delimiter: str) -> str:
    """Make a table or a view of the fields as text, called c0, c1, …; return its name."""
    columns = "{" + ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(header))) + "}"
    tokens = NULL_VALUES if reading.null_values is None else reading.null_values
    nulls = ", ".join(literal(token) for token in tokens) or "''"
    size = reading.path.stat().st_size
    kind = "table" if size <= IN_MEMORY else "view"
    engine.connection.execute(
        f"create or replace temp {kind} fields as select * from read_csv({literal(str(reading.path))}, "
        f"auto_detect=false, header=true, columns={columns}, delim={literal(delimiter)}, quote='\"', escape='\"', "
        f"strict_mode=true, null_padding=false, ignore_errors=false, allow_quoted_nulls=true, nullstr=[{nulls}])"
    )
    return "fields"


def _first_lines(reading: Reading, delimiter: str, rows: Sequence[int]) -> dict[int, int]:
    """Return the line that each of `rows` begins on; of nothing in a file too large to read again."""
    if not rows or reading.path.stat().st_size > IN_MEMORY:
        return {}
    wanted, last = set(rows), max(rows)
    found: dict[int, int] = {}
    with reading.path.open(encoding=_codec(reading), newline="") as file:
        records = csv.reader(file, delimiter=delimiter)
        number, before = -1, 0
        for record in records:
            number += bool(record)
            if record and number in wanted:
                found[number] = before + 1
            if number >= last:
                break
            before = records.line_num
    return found


def _true_line(reading: Reading, fields: int, delimiter: str) -> int | None:
    """Return the line of the first record that is not well formed: DuckDB counts records, and some span lines."""
    if reading.path.stat().st_size > IN_MEMORY:
        return None
    with reading.path.open(encoding=_codec(reading), newline="") as file:
        records = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1
        try:
            for record in records:
                if record and len(record) != fields:
                    return line
                line = records.line_num + 1
        except (csv.Error, UnicodeError):
            return line
    return None


def _explained(error: Exception, reading: Reading, fields: int, delimiter: str) -> CannotRun:
    said = str(error)
    found = re.search(r"CSV Error on Line: (\d+)", said)
    where = reading.where(_true_line(reading, fields, delimiter) or int(found.group(1)) if found else None)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    if counts:
        return CannotRun(f"a row has {counts.group(2)} fields where the header has {counts.group(1)}", where=where)
    if "unterminated quote" in said or "quote" in said.partition("Possible")[0].lower():
        return CannotRun("a quote is not closed, or text follows a closed one", where=where)
    if "unicode" in said.lower() or "utf-8 encoded" in said.lower():
        return _not_encoded(reading)
    if "Maximum line size" in said:
        return CannotRun("a line is longer than 2 MB", where=where)
    return CannotRun(f"cannot be read as CSV: {said.splitlines()[0]}", where=where)
