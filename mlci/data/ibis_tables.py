"""Tables of a SQL database, through Ibis: all work is done there, and only its answers are fetched."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, Frame, column_of, kind_of, plain, quoted
from mlci.errors import CannotRun
from mlci.expectations.columns import ROW, CannotJudge, Lack

_BPCHAR = 1042
"""PostgreSQL's number of the type `char(n)`, whose values are padded with blanks that mean nothing."""
_TEXTS = frozenset({25, 1043, _BPCHAR})
"""PostgreSQL's numbers of the types of text."""
_PART = 10_000
_UNSORTED = frozenset({"nested", "binary"})
_NAME = "mlci_batch"
Rows = list[tuple[Any, ...]]


def batch_of_table(table: Any, order_by: Sequence[str] = ()) -> Batch:
    """Return the batch of an Ibis table; its rows have an order where `order_by` names columns that give one.

    A table of DuckDB is asked without Ibis, and has the order in which it was written.

    Raises:
        CannotRun: the database cannot be asked, or there is no such column to order by.
    """
    unknown = [name for name in order_by if name not in table.columns]
    if unknown:
        raise CannotRun(f"there is no column `{unknown[0]}` to order by: the columns are {', '.join(table.columns)}")
    try:
        backend = table.get_backend()
        if backend.name == "duckdb":
            return _of_duckdb(table, backend)
        table = _plainly_compared(table, backend)
        frame = nw.from_native(table)
        dtypes = frame.collect_schema()
    except Exception as error:
        raise CannotRun(f"the table cannot be read: {first_line(error)}") from error
    lacks = frozenset(_lacking(backend, ordered=bool(order_by)))
    native = {name: str(dtype).lstrip("!") for name, dtype in table.schema().items()}
    columns = {
        name: column_of(name, kind_of(dtype), native=native[name], engine=backend.name, dtype=dtype, lacks=lacks)
        for name, dtype in dtypes.items()
    }
    order = order_by or [name for name, column in columns.items() if column.kind not in _UNSORTED]
    return Batch(
        frame=frame,
        numbered=lambda: _numbered(frame, columns, order),
        columns=columns,
        engine=backend.name,
        ordered=bool(order_by),
    )


def _of_duckdb(table: Any, backend: Any) -> Batch:
    from mlci.data.frames import batch_of

    backend._run_pre_execute_hooks(table)  # noqa: SLF001 - tables in memory become known to the engine by it alone
    return batch_of(backend.con.sql(backend.compile(table)))


def _plainly_compared(table: Any, backend: Any) -> Any:
    """Return `table` with its texts as every engine compares them: by code point, without the padding of `char(n)`.

    PostgreSQL sorts them by the rules of the database's language otherwise.
    """
    if backend.name != "postgres":
        return table
    backend._run_pre_execute_hooks(table)  # noqa: SLF001 - tables in memory become known to it by this alone
    whole = f"({backend.compile(table)}) as mlci_table"
    with backend.raw_sql(f"select * from {whole} limit 0") as cursor:
        parts = [_part(column.name, column.type_code) for column in cursor.description]
    return backend.sql(f"select {', '.join(parts)} from {whole}", schema=table.schema())


def _part(name: str, type_code: int) -> str:
    column = quoted(name)
    if type_code not in _TEXTS:
        return column
    bare = f"rtrim({column})" if type_code == _BPCHAR else column
    return f'({bare} collate "C") as {column}'


def _lacking(backend: Any, *, ordered: bool) -> Iterator[Lack]:
    from ibis.expr import operations

    yield "distinct"
    if not ordered:
        yield "order"
    if not backend.has_operation(operations.Quantile):
        yield "quantile"


def _numbered(frame: Frame, columns: Any, order: Sequence[str]) -> Frame:
    import ibis

    keys = frame.with_columns(*(columns[name].expr.alias(f"mlci key {at}") for at, name in enumerate(order)))
    table = nw.to_native(keys)
    sorted_by = [table[f"mlci key {at}"].asc(nulls_first=True) for at in range(len(order))]
    numbers = ibis.row_number().over(ibis.window(order_by=sorted_by)) + 1
    return nw.from_native(table.mutate(**{ROW: numbers})[[ROW, *columns]])


def fetch_table(table: Any) -> Rows:
    """Return the rows of an Ibis table as plain values."""
    return [row for part in fetch_table_in_parts(table, _PART) for row in part]


def fetch_table_in_parts(table: Any, size: int) -> Iterator[Rows]:
    """Give the rows of an Ibis table, at most `size` at a time."""
    backend = table.get_backend()
    if backend.name not in _DIRECT:
        for part in table.to_pyarrow_batches(chunk_size=size):
            yield [tuple(plain(value) for value in row) for row in zip(*part.to_pydict().values(), strict=True)]
        return
    backend._run_pre_execute_hooks(table)  # noqa: SLF001 - tables in memory become known to it by this alone
    kinds = [_DIRECT[backend.name].get(type(dtype).__name__, plain) for dtype in table.schema().values()]
    with closing(backend.raw_sql(backend.compile(table))) as cursor:
        while rows := cursor.fetchmany(size):
            yield [tuple(map(_as, kinds, row)) for row in rows]


_NUMBERS: Mapping[str, Callable[[Any], Any]] = {"Float64": float, "Float32": float, "Int64": int, "Int32": int}
_DIRECT: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    "postgres": _NUMBERS,
    "sqlite": {
        **_NUMBERS,
        "Boolean": bool,
        "Decimal": lambda value: decimal.Decimal(str(value)),
        "Date": lambda value: dt.date.fromisoformat(value[:10]),
        "Timestamp": dt.datetime.fromisoformat,
    },
}
"""Databases whose driver is asked itself, since tables on the way would lose digits, and how it gives some types."""


def _as(kind: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else plain(kind(value))


def query(table: Any, sql: str, shown: int) -> tuple[int, Rows]:
    """Return how many rows `sql` returns, and the first of them; {batch} in it stands for `table`.

    Raises:
        CannotJudge: its engine is asked in another way than by SQL.
    """
    backend = table.get_backend()
    if not hasattr(backend, "raw_sql"):
        raise CannotJudge(f"a query cannot be put to a table of {backend.name}")
    whole = f"{_NAME} as ({backend.compile(table)})"
    asked = sql.replace("{batch}", _NAME)
    begun = re.match(r"\s*with\b(?!\s+recursive\b)", asked, re.IGNORECASE)
    asked = f"with {whole}, {asked[begun.end() :]}" if begun else f"with {whole} {asked}"
    (count,) = _answered(backend, f"select count(*) from ({asked}) as mlci_found")[0]
    return int(count), _answered(backend, asked, shown)


def _answered(backend: Any, sql: str, most: int = 1) -> Rows:
    with closing(backend.raw_sql(sql)) as cursor:
        return [tuple(plain(value) for value in row) for row in cursor.fetchmany(most)]


def first_line(error: Exception) -> str:
    """Return the first line of what an engine said."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
