"""Where tables of several engines meet: rows are brought into one embedded DuckDB, columns of a pair in one form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.data.sources.engine import Engine, connect, literal
from mlci.expectations.columns import NUMERIC, ROW, Column

Brought = tuple[Any, str]
"""An expression over a frame, and the type in SQL of what it gives."""
_TYPES: Mapping[str, str] = {
    "integer": "hugeint",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "number": "double",
    "decimal": "double",
}
_MOMENTS = frozenset({"date", "datetime"})


@contextmanager
def joint() -> Iterator[Engine]:
    """Give an engine of its own, and close it."""
    engine = connect()
    try:
        yield engine
    finally:
        engine.close()


def bring(engine: Engine, name: str, batch: Batch, columns: Sequence[Brought]) -> None:
    """Make the view `name` of the rows of `batch`: their numbers as `row`, and `columns` as `k0`, `k1` and so on."""
    named = [expr.alias(f"k{position}") for position, (expr, _) in enumerate(columns)]
    frame = batch.numbered().select(nw.col(ROW).alias("row"), *named)
    path = engine.folder / f"{name}.data"
    native = nw.to_native(frame)
    if batch.engine == "duckdb" and hasattr(native, "write_parquet"):
        native.write_parquet(str(path))
        engine.connection.execute(f"create view {name} as select * from read_parquet({literal(str(path))})")
        return
    _write(path, fetch(frame))
    typed = ["'row': 'bigint'", *(f"'k{position}': '{kind}'" for position, (_, kind) in enumerate(columns))]
    engine.connection.execute(
        f"create view {name} as select * from read_csv({literal(str(path))}, auto_detect=false, header=false, "
        f"columns={{{', '.join(typed)}}}, delim=',', quote='\"', escape='\"', allow_quoted_nulls=false, nullstr='')"
    )


def _write(path: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(",".join(_field(value) for value in row) + "\n" for row in rows)


def _field(value: Any) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def written(column: Column) -> Brought:
    """Return a column as text: of a file, as it is written there."""
    return column.text, "varchar"


def alike(left: Column, right: Column) -> tuple[Brought, Brought]:
    """Return two columns in a form in which they can be compared: numbers, moments, or text as it is written."""
    kinds = {left.kind, right.kind}
    if kinds in ({"integer"}, {"boolean"}, {"date"}):
        return _typed(left), _typed(right)
    if kinds <= NUMERIC:
        return _as(left, nw.Float64(), "double"), _as(right, nw.Float64(), "double")
    if kinds <= _MOMENTS and not (left.aware or right.aware):
        return _as(left, nw.Datetime("us"), "timestamp"), _as(right, nw.Datetime("us"), "timestamp")
    return written(left), written(right)


def _typed(column: Column) -> Brought:
    return column.expr, _TYPES[column.kind]


def _as(column: Column, dtype: Any, kind: str) -> Brought:
    return column.expr.cast(dtype), kind
