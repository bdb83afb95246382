"""A batch: data of any engine, ready to be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from mlci.expectations.columns import Column, Kind, Table

Frame = Any
"""A narwhals DataFrame or LazyFrame."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Data as a narwhals frame, with what is known of its columns; nothing is read until it is asked for."""

    frame: Frame
    """The rows."""
    numbered: Callable[[], Frame]
    """The rows with their number, from 1, in the column `ROW`."""
    columns: Mapping[str, Column]
    """The columns, in order."""
    engine: str
    """The engine that computes."""
    problems: tuple[tuple[str, str], ...] = ()
    """Columns that do not hold what was declared of them, and why."""
    others: Mapping[str, Batch] = field(default_factory=dict)
    """Other tables that expectations may name."""
    lines: Callable[[Sequence[int]], dict[int, int]] = field(default=lambda _rows: {})
    """The lines of a file that rows of these numbers begin on, where that can be known."""
    files: Callable[[Sequence[int]], dict[int, str]] = field(default=lambda _rows: {})
    """The files that rows of these numbers come from, where the data is several."""
    close: Callable[[], None] = field(default=lambda: None)
    """Gives back what reading the data holds."""

    def table(self) -> Table:
        """Return what expectations see of it."""
        return Table(columns=self.columns, engine=self.engine)


def column_of(name: str, kind: Kind, *, native: str, engine: str, dtype: Any = None) -> Column:
    """Return the column called `name`, of which the frame's type is `dtype`."""
    expr = nw.col(name)
    if kind == "text" and dtype is not None and dtype != nw.String:
        expr = expr.cast(nw.String)
    if kind == "number" and not (engine == "pandas" and native.startswith("float")):
        expr = nw.when(~expr.is_nan()).then(expr)
    text = expr if kind in {"text", "object", "empty"} else expr.cast(nw.String)
    aware = kind == "datetime" and getattr(dtype, "time_zone", None) is not None
    return Column(name=name, kind=kind, native=native, engine=engine, expr=expr, text=text, aware=aware)


_NESTED = (nw.List, nw.Array, nw.Struct)


def kind_of(dtype: Any) -> Kind:
    """Return what values a narwhals type has."""
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "number"
    if dtype.is_decimal():
        return "decimal"
    kinds: tuple[tuple[Any, Kind], ...] = (
        ((nw.Boolean,), "boolean"),
        ((nw.String, nw.Categorical, nw.Enum), "text"),
        ((nw.Date,), "date"),
        ((nw.Datetime,), "datetime"),
        ((nw.Duration,), "duration"),
        ((nw.Binary,), "binary"),
        (_NESTED, "nested"),
    )
    return next((kind for types, kind in kinds if isinstance(dtype, types)), "object")


def fetch(frame: Frame) -> list[tuple[Any, ...]]:
    """Return the rows of a narwhals frame as tuples of plain Python values; for DuckDB without another library."""
    native = nw.to_native(frame)
    if type(native).__module__.split(".")[0].lstrip("_") == "duckdb":
        return _fetch_duckdb(native)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return [tuple(plain(value) for value in row) for row in frame.iter_rows()]


def _fetch_duckdb(relation: Any) -> list[tuple[Any, ...]]:
    aware = [str(kind) == "TIMESTAMP WITH TIME ZONE" for kind in relation.types]
    if not any(aware):
        return [tuple(plain(value) for value in row) for row in relation.fetchall()]
    names = [quoted(name) for name in relation.columns]
    naive = [f"timezone('UTC', {name})" if zoned else name for name, zoned in zip(names, aware, strict=True)]
    rows = relation.project(", ".join(naive)).fetchall()
    return [
        tuple(_in_utc(value) if zoned else plain(value) for value, zoned in zip(row, aware, strict=True))
        for row in rows
    ]


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def quoted(name: str) -> str:
    """Return `name` as an identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def plain(value: Any) -> Any:
    """Return a value of NumPy or pandas as Python's own, NaN and the like as None."""
    if value is None or (isinstance(value, (str, int, dt.date)) and type(value).__module__ in {"builtins", "datetime"}):
        return value
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        value = value.item()
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN is not itself
