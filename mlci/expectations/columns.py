"""What an expectation is given: columns and the table, as expressions that every engine understands."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

from mlci.errors import did_you_mean

Kind = Literal[
    "integer",
    "number",
    "decimal",
    "boolean",
    "text",
    "date",
    "datetime",
    "duration",
    "binary",
    "nested",
    "object",
    "empty",
]
Lack = Literal["distinct", "order", "quantile"]
"""What an engine may lack: counting distinct values beside other aggregates, an order of rows, quantiles."""
ROW = "mlci row"
"""The column with the number of the row, from 1, in the order of the data."""
NUMERIC: frozenset[Kind] = frozenset({"integer", "number", "decimal"})


class CannotJudge(Exception):  # noqa: N818 - what it says is a result, not an error of the program
    """An expectation cannot be judged on this data; its text is the reason."""


class WrongArgument(CannotJudge):
    """An argument makes no sense, on whatever data."""


class MissingColumn(CannotJudge):
    """The data has no column of that name."""


class NotNumbers(CannotJudge):
    """Numbers are asked of a column that holds text."""

    def __init__(self, column: str, said: str) -> None:
        self.column = column
        super().__init__(said)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of the data."""

    name: str
    """Its name, as in the data."""
    kind: Kind
    """What its values are."""
    native: str
    """The engine's own name of its type."""
    engine: str
    """The engine that computes: duckdb, pandas, polars, pyspark, ibis."""
    expr: nw.Expr
    """Its values; NaN is a missing value on every engine."""
    text: nw.Expr
    """Its values as text: for a CSV file, exactly as they are written there."""
    kinds: frozenset[Kind] = frozenset()
    """Other kinds that its type also answers to, as dates of a CSV file do to text."""
    aware: bool = False
    """Whether its datetimes know their time zone."""
    absent: nw.Expr | None = None
    """True where the value is missing, where that is not wherever `expr` is null."""
    numbers: Column | None = None
    """The same column as numbers, where it is text and most of its values are written as numbers."""
    lacks: frozenset[Lack] = frozenset()
    """What its engine cannot do, or not in the same words as the others."""

    @property
    def missing(self) -> nw.Expr:
        """True where the value is missing, never null."""
        return self.expr.is_null() if self.absent is None else self.absent

    @property
    def number(self) -> nw.Expr:
        """Its values for arithmetic; a column that holds no numbers cannot be judged."""
        if self.kind == "boolean":
            return nw.when(self.expr).then(1).otherwise(nw.when(~self.expr).then(0))
        if self.kind in {"empty", "decimal"}:
            return self.expr.cast(nw.Float64)
        if self.kind not in NUMERIC and self.kind != "object":
            raise NotNumbers(self.name, f"column `{self.name}` holds {self.kind} values ({self.native}), not numbers")
        return self.expr

    @property
    def before(self) -> nw.Expr:
        """The value of the row before; frames of pandas are in the order of their rows as they are."""
        if "order" in self.lacks:
            raise CannotJudge(f"the rows of a {self.engine} table have no order: name columns that give one (order-by)")
        return self.expr.shift(1) if self.engine == "pandas" else self.expr.shift(1).over(order_by=ROW)

    def like(self, value: Any) -> Any:
        """Return `value` in the form in which it can be compared with this column; ISO text becomes a date."""
        if value is None or self.kind in {"object", "empty"}:
            return value
        converted = _CONVERSIONS.get(self.kind, _as_is)(value, self)
        if converted is _UNLIKE:
            number = self.kind == "text" and isinstance(value, int | float)
            advice = (
                f". In a CSV file `types: {{{self.name}: number}}` tells which rows are no numbers" if number else ""
            )
            said = f"column `{self.name}` holds {self.kind} values, which cannot be compared with {value!r}{advice}"
            raise NotNumbers(self.name, said) if number else CannotJudge(said)
        return converted

    def members(self, values: Iterable[Any]) -> list[Any]:
        """Return those of `values` that a value of this column can equal, in the column's own form."""
        if self.kind in {"object", "empty"}:
            return [value for value in values if value is not None]
        found = (_CONVERSIONS.get(self.kind, _as_is)(value, self) for value in values if value is not None)
        exact = (_EXACT.get(self.kind, _as_is)(value, self) for value in found if value is not _UNLIKE)
        return [value for value in exact if value is not _UNLIKE]

    def is_one_of(self, values: Iterable[Any]) -> nw.Expr:
        """Return whether each value is one of `values`; no value is one of none."""
        members = self.members(values)
        return self.expr.is_in(members) if members else self.missing & ~self.missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The data as a whole."""

    columns: Mapping[str, Column]
    """Its columns, in order."""
    engine: str
    """The engine that computes."""

    def column(self, name: str, *, any_case: bool = False) -> Column:
        """Return the column called `name`, or with `any_case` the only one that differs from it in case alone."""
        if name in self.columns:
            return self.columns[name]
        alike = [known for known in self.columns if known.lower() == str(name).lower()] if any_case else []
        if len(alike) == 1:
            return self.columns[alike[0]]
        raise MissingColumn(" ".join((f"there is no column `{name}`;", self._advice(str(name)))))

    def _advice(self, name: str) -> str:
        known = ", ".join(f"`{column}`" for column in list(self.columns)[:20]) or "none"
        return did_you_mean(name, self.columns) or f"the columns are {known}"


_UNLIKE = object()


def counted(flags: nw.Expr) -> nw.Expr:
    """Return how many of `flags`, which are never null, are true; engines add up numbers alone."""
    return nw.when(flags).then(1).otherwise(0).sum()


def _as_is(value: Any, _column: Column) -> Any:
    return value


def _number(value: Any, _column: Column) -> Any:
    return _UNLIKE if isinstance(value, (str, dt.date, list, dict)) else value


def _integer(value: Any, _column: Column) -> Any:
    """Return a number as the integer that it equals."""
    return int(value) if math.isfinite(value) and value == int(value) else _UNLIKE


def _float(value: Any, _column: Column) -> Any:
    return float(value)


def _decimal(value: Any, _column: Column) -> Any:
    """Return a number as the decimal that is written as it is."""
    return value if isinstance(value, decimal.Decimal) else decimal.Decimal(str(value))


def _decimal_like(value: Any, column: Column) -> Any:
    """Return a number as it can be compared; Python's decimals know that 2.2 is not quite 2.2 in binary."""
    number = _number(value, column)
    exact = column.engine == "pandas" and isinstance(number, float) and math.isfinite(number)
    return decimal.Decimal(str(number)) if exact else number


def _boolean(value: Any, _column: Column) -> Any:
    return bool(value) if isinstance(value, (bool, int, float)) and value in {0, 1} else _UNLIKE


def _text(value: Any, _column: Column) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if isinstance(value, str) else _UNLIKE


def moment(value: Any) -> dt.datetime | None:
    """Return the moment that a date, a datetime or ISO text says; nothing where it says none."""
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    try:
        return dt.datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None


def _date(value: Any, _column: Column) -> Any:
    found = moment(value)
    if found is None:
        return _UNLIKE
    return found.date() if found.time() == dt.time() else found.replace(tzinfo=None)


def _datetime(value: Any, column: Column) -> Any:
    found = moment(value)
    if found is None:
        return _UNLIKE
    if column.aware:
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return found.astimezone(dt.UTC).replace(tzinfo=None) if found.tzinfo else found


_CONVERSIONS: Mapping[str, Any] = {
    "integer": _number,
    "number": _number,
    "decimal": _decimal_like,
    "boolean": _boolean,
    "text": _text,
    "date": _date,
    "datetime": _datetime,
}
_EXACT: Mapping[str, Any] = {"integer": _integer, "number": _float, "decimal": _decimal}
"""Of numbers that are looked for among values, the form of those: engines compare nothing else for equality."""
