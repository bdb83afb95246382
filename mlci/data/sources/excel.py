"""Excel workbooks (`.xlsx`, `.xlsm`): one sheet, whose first filled row names the columns.

Values keep the type of their cells: a number that is formatted as a date is one, and text stays text. Rows without a
value do not count. The line of a row is its number in the sheet.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.data.sources.dialect import named
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.fields import NULL_VALUES, Fields
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun, did_you_mean
from mlci.expectations.columns import Kind

_Row = tuple[int, tuple[Any, ...]]
"""The number of a row in the sheet, and its values."""
_KINDS: tuple[tuple[type, frozenset[Kind]], ...] = (
    (bool, frozenset({"boolean"})),
    (int, frozenset({"integer", "number"})),
    (float, frozenset({"integer", "number"})),
    (dt.datetime, frozenset({"date", "datetime"})),
)


def load(engine: Engine, reading: Reading, table: str, *, in_memory: bool) -> Fields:
    """Return the fields of a sheet.

    Raises:
        CannotRun: it is no workbook, has no such sheet or no header, a row is longer than the header, or a formula
            was never computed.
    """
    del in_memory
    rows = _filled(reading)
    if not rows:
        raise CannotRun("the sheet has no header", where=reading.where())
    first, values = rows[0]
    width = max(_width(row) for _, row in (rows[:1] if reading.header else rows))
    header = tuple(named([_text(value) or "" for value in values[:width]], reading, first))
    body = rows[1:] if reading.header else rows
    longer = next((number for number, row in body if _width(row) > width), None)
    if longer is not None:
        raise CannotRun("a row has a value in a column without a name", where=reading.where(longer))
    nulls = frozenset(NULL_VALUES if reading.null_values is None else reading.null_values)
    columns = [_column([row[at] if at < len(row) else None for _, row in body], nulls) for at in range(width)]
    _insert(engine, table, list(zip(*(column.texts for column in columns), strict=True)), width)
    numbers = [number for number, _ in body]
    return Fields(
        table=table,
        header=header,
        kinds={at: column.kinds for at, column in enumerate(columns) if any(text is not None for text in column.texts)},
        lines=lambda asked: {row: numbers[row - 1] for row in asked if row <= len(numbers)},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Column:
    """The values of a column as text, and what it can be by its cells: text where they are not of one type."""

    texts: Sequence[str | None]
    kinds: frozenset[Kind]


def _column(cells: Sequence[Any], nulls: Collection[str]) -> _Column:
    present = [None if isinstance(value, str) and value in nulls else value for value in cells]
    values = [value for value in present if value is not None]
    kinds = {_kinds_of(value) for value in values}
    days = bool(values) and all(isinstance(value, dt.datetime) and value.time() == dt.time() for value in values)
    return _Column(
        texts=[value.date().isoformat() if days and value is not None else _text(value) for value in present],
        kinds=kinds.pop() if len(kinds) == 1 else frozenset(),
    )


def _filled(reading: Reading) -> list[_Row]:
    """Return the rows with a value, below those that are skipped."""
    rows: list[_Row] = []
    empty: set[tuple[int, int]] = set()
    for number, values in _sheet(reading, formulas=False):
        if number > reading.skip_rows:
            empty |= {(number, at) for at, value in enumerate(values) if value is None}
            rows += [(number, values)] if _width(values) else []
    if empty:
        _refuse_uncomputed(reading, empty)
    return rows


def _refuse_uncomputed(reading: Reading, empty: Collection[tuple[int, int]]) -> None:
    """Raise where a cell without a value has a formula: a program wrote it, and none has computed it yet."""
    for number, values in _sheet(reading, formulas=True):
        if any(str(value)[:1] == "=" and (number, at) in empty for at, value in enumerate(values)):
            raise CannotRun(
                "a cell has a formula and no value",
                where=reading.where(number),
                fix="Open the file in a spreadsheet program and save it, or write the values.",
            )


def _sheet(reading: Reading, *, formulas: bool) -> Iterator[_Row]:
    """Give the rows of the sheet with their numbers."""
    try:
        import openpyxl
    except ImportError as error:
        raise CannotRun(
            "is an Excel file, which needs a library that is not installed",
            where=reading.where(),
            fix="Install it: pip install 'mlci[excel]'",
        ) from error
    try:
        book = openpyxl.load_workbook(reading.path, read_only=True, data_only=not formulas)
    except Exception as error:
        raise CannotRun(
            f"cannot be read as an Excel file (.xlsx): {error or type(error).__name__}", where=reading.where()
        ) from error
    try:
        sheet = _chosen(book, reading)
        sheet.reset_dimensions()
        yield from enumerate((tuple(values) for values in sheet.iter_rows(values_only=True)), start=1)
    finally:
        book.close()


def _chosen(book: Any, reading: Reading) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    wanted = reading.sheet if reading.sheet is not None else 0
    if isinstance(wanted, int) and 0 <= wanted < len(names):
        return book.worksheets[wanted]
    if wanted in names:
        return book[wanted]
    hint = did_you_mean(str(wanted), names) or f"It has {', '.join(names)}."
    raise CannotRun(f'there is no sheet "{wanted}"', where=reading.where(), fix=hint)


def _width(values: Sequence[Any]) -> int:
    return max((at + 1 for at, value in enumerate(values) if value is not None), default=0)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _kinds_of(value: Any) -> frozenset[Kind]:
    return next((kinds for kind, kinds in _KINDS if isinstance(value, kind)), frozenset())


def _insert(engine: Engine, table: str, rows: Sequence[Sequence[str | None]], width: int) -> None:
    """Load the texts by way of a CSV file, in which a sign before each tells it from a missing one."""
    path = engine.folder / f"{table}-sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(range(width))
        writer.writerows(["" if value is None else f"={value}" for value in row] for row in rows)
    columns = "{" + ", ".join(f"'c{at}': 'VARCHAR'" for at in range(width)) + "}"
    values = ", ".join(f"substr(c{at}, 2) as c{at}" for at in range(width))
    engine.connection.execute(
        f"create or replace temp table {table} as select {values} from read_csv({literal(str(path))}, "
        f"auto_detect=false, header=true, columns={columns}, delim=',', quote='\"', escape='\"', nullstr='', "
        "allow_quoted_nulls=true)"
    )
