"""A batch: data of any engine, ready to be asked."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import narwhals as nw

from mlci.expectations.columns import Column, Kind, Lack, Table

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
    ordered: bool = True
    """Whether the rows have an order of their own; else they are numbered in the order of all their values."""
    problems: tuple[tuple[str, str], ...] = ()
    """Columns that do not hold what was declared of them, and why."""
    others: Mapping[str, Batch] = field(default_factory=dict)
    """Other tables that expectations may name."""
    lines: Callable[[Sequence[int]], dict[int, int]] = field(default=lambda _rows: {})
    """The lines of a file that rows of these numbers begin on, where that can be known."""
    files: Callable[[Sequence[int]], dict[int, str]] = field(default=lambda _rows: {})
    """The files that rows of these numbers come from, where the data is several."""
    said: Callable[[str], str] = field(default=lambda text: text)
    """Takes out of what the engine says whatever could be a secret."""
    close: Callable[[], None] = field(default=lambda: None)
    """Gives back what reading the data holds."""

    def table(self) -> Table:
        """Return what expectations see of it."""
        return Table(columns=self.columns, engine=self.engine)


_NO_NAN = frozenset({"sqlite", "mysql"})
"""Engines whose numbers are never NaN, and that do not know the word."""
_UNTYPED = frozenset({"pandas", "polars"})
"""Engines where a type that is not known holds Python's own objects."""


def column_of(
    name: str, kind: Kind, *, native: str, engine: str, dtype: Any = None, lacks: frozenset[Lack] = frozenset()
) -> Column:
    """Return the column called `name`, of which the frame's type is `dtype`."""
    expr = nw.col(name)
    kinds: frozenset[Kind] = frozenset()
    if kind == "object" and engine not in _UNTYPED:
        kind, kinds = "text", frozenset({"object"})
    if kind == "text" and dtype is not None and dtype != nw.String:
        expr = expr.cast(nw.String)
    if kind == "number" and engine not in _NO_NAN and not (engine == "pandas" and native.startswith("float")):
        expr = nw.when(~expr.is_nan()).then(expr)
    aware = kind == "datetime" and getattr(dtype, "time_zone", None) is not None
    if aware and engine == "polars" and dtype.time_zone != "UTC":
        expr = expr.dt.convert_time_zone("UTC")  # it compares moments of the same zone alone
    as_it_is = kind in {"text", "object"} or (kind == "empty" and engine == "pandas")
    text = expr if as_it_is else expr.cast(nw.String)
    return Column(
        name=name, kind=kind, native=native, engine=engine, expr=expr, text=text, kinds=kinds, aware=aware, lacks=lacks
    )


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


_FETCHERS: Mapping[str, str] = {
    "duckdb": "mlci.data.batch:fetch_duckdb",
    "ibis": "mlci.data.ibis_tables:fetch_table",
    "pyspark": "mlci.data.spark_frames:fetch_frame",
}
"""How the rows of each library are fetched that has a better way than by Arrow."""
_PART_FETCHERS: Mapping[str, str] = {
    "duckdb": "mlci.data.batch:fetch_duckdb_in_parts",
    "ibis": "mlci.data.ibis_tables:fetch_table_in_parts",
    "pyspark": "mlci.data.spark_frames:fetch_frame_in_parts",
}
"""The same, for a part of them at a time."""


def fetch(frame: Frame) -> list[tuple[Any, ...]]:
    """Return the rows of a narwhals frame as tuples of plain Python values; for DuckDB without another library."""
    native = nw.to_native(frame)
    library = type(native).__module__.split(".")[0].lstrip("_")
    if library in _FETCHERS:
        module, _, function = _FETCHERS[library].partition(":")
        return getattr(import_module(module), function)(native)  # type: ignore[no-any-return]
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    return [tuple(plain(value) for value in row) for row in frame.iter_rows()]


def fetch_in_parts(frame: Frame, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows that `fetch` returns, at most `size` at a time, without holding all of them where that can be."""
    native = nw.to_native(frame)
    library = type(native).__module__.split(".")[0].lstrip("_")
    if library in _PART_FETCHERS:
        module, _, function = _PART_FETCHERS[library].partition(":")
        yield from getattr(import_module(module), function)(native, size)
        return
    rows = (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).iter_rows()
    for part in batched(rows, size):
        yield [tuple(plain(value) for value in row) for row in part]


def fetch_duckdb_in_parts(relation: Any, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows of a relation, at most `size` at a time."""
    naive, aware = _naive(relation)
    many = None if hasattr(naive, "iter_rows") else naive.fetchmany
    parts = batched(naive.iter_rows(), size) if many is None else iter(lambda: many(size), [])
    yield from (_plain_rows(rows, aware) for rows in parts)


def fetch_duckdb(relation: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a relation."""
    naive, aware = _naive(relation)
    return _plain_rows(naive.fetchall(), aware)


def _naive(relation: Any) -> tuple[Any, list[bool]]:
    """Return `relation` with its moments in UTC and without their zone, and which columns had one."""
    aware = [str(kind) == "TIMESTAMP WITH TIME ZONE" for kind in relation.types]
    if not any(aware):
        return relation, []
    names = [quoted(name) for name in relation.columns]
    naive = [f"timezone('UTC', {name})" if zoned else name for name, zoned in zip(names, aware, strict=True)]
    return relation.project(", ".join(naive)), aware


def _plain_rows(rows: Iterable[Any], aware: list[bool]) -> list[tuple[Any, ...]]:
    if not aware:
        return [tuple(plain(value) for value in row) for row in rows]
    return [
        tuple(_in_utc(value) if zoned else plain(value) for value, zoned in zip(row, aware, strict=True))
        for row in rows
    ]


def _in_utc(value: Any) -> Any:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Give `items` in lists of at most `size`."""
    rest = iter(items)
    while part := list(itertools.islice(rest, size)):
        yield part


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
