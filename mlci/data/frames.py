"""Batches of frames handed in by a notebook or a test: pandas, Polars, DuckDB and whatever else narwhals knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, column_of, kind_of, quoted
from mlci.errors import CannotRun
from mlci.expectations.columns import ROW, Column, Kind


def batch_of(data: Any, order_by: Sequence[str] = ()) -> Batch:
    """Return the batch of a frame, which stays on its own engine.

    A pandas column of Python objects that all have one type is taken for a column of that type. `order_by` names
    columns that give the rows of a SQL table, or of a Spark frame, an order.
    """
    engine = _engine(data)
    if engine == "pandas":
        return _pandas(data)
    if engine == "ibis":
        from mlci.data.ibis_tables import batch_of_table

        return batch_of_table(data, order_by)
    if engine == "pyspark":
        from mlci.data.spark_frames import batch_of_frame

        return batch_of_frame(data, order_by)
    frame = _narwhals(data)
    native = _native_types(data, frame)
    columns = {name: _column(name, dtype, native[name], engine) for name, dtype in frame.collect_schema().items()}
    return Batch(frame=frame, numbered=lambda: numbered(frame), columns=columns, engine=engine)


def _narwhals(data: Any) -> Any:
    try:
        frame = nw.from_native(data)
        frame.collect_schema()
    except Exception as error:
        raise CannotRun(f"data of type {type(data).__name__} cannot be validated: {error}") from error
    return frame


def _engine(data: Any) -> str:
    name = (type(data).__module__.split(".")[0]).lstrip("_")
    return {"narwhals": "narwhals"}.get(name, name)


def numbered(frame: Any) -> Any:
    """Return `frame` with the number of each row, from 1, in its own order."""
    native = nw.to_native(frame)
    if _engine(native) == "duckdb":
        return nw.from_native(native.project(f"row_number() over () as {quoted(ROW)}, *"))
    if _engine(native) == "polars" and isinstance(frame, nw.LazyFrame):
        return nw.from_native(native.with_row_index(ROW, offset=1))
    return frame.with_row_index(ROW).with_columns(nw.col(ROW) + 1)


def _native_types(data: Any, frame: Any) -> dict[str, str]:
    if _engine(data) == "duckdb":
        return dict(zip(data.columns, map(str, data.types), strict=True))
    if _engine(data) == "polars":  # its type of columns that are empty has no other name
        own = {name: str(dtype) for name, dtype in data.collect_schema().items()}
        return {
            name: own[name] if own[name] == "Null" else str(dtype) for name, dtype in frame.collect_schema().items()
        }
    return {name: str(dtype) for name, dtype in frame.collect_schema().items()}


def _column(name: str, dtype: Any, native: str, engine: str) -> Column:
    kind: Kind = "empty" if native in {'"NULL"', "NULL", "Null"} else kind_of(dtype)
    return column_of(name, kind, native=native, engine=engine, dtype=dtype)


_OBJECTS: dict[str, tuple[Kind, str | None]] = {
    "string": ("text", None),
    "integer": ("integer", "Int64"),
    "floating": ("number", "float64"),
    "mixed-integer-float": ("number", "float64"),
    "boolean": ("boolean", "boolean"),
    "date": ("date", None),
    "decimal": ("decimal", None),
    "bytes": ("binary", None),
    "empty": ("empty", None),
}


def _pandas(data: Any) -> Batch:
    typed = data.reset_index(drop=True)
    kinds: dict[str, Kind] = {}
    for name, dtype in data.dtypes.items():
        if str(dtype) == "object":
            kinds[name], typed[name] = _object_column(typed[name])
    frame = _narwhals(typed)
    columns = {
        name: _pandas_column(name, dtype, kinds.get(name), str(data.dtypes[name]))
        for name, dtype in frame.schema.items()
    }
    return Batch(frame=frame, numbered=lambda: numbered(frame), columns=columns, engine="pandas")


def _pandas_column(name: str, dtype: Any, kind: Kind | None, native: str) -> Column:
    return column_of(name, kind or kind_of(dtype), native=native, engine="pandas", dtype=None if kind else dtype)


def _object_column(column: Any) -> tuple[Kind, Any]:
    import pandas as pd

    inferred = pd.api.types.infer_dtype(column, skipna=True)
    kind, dtype = _OBJECTS.get(inferred, ("object", None))
    if inferred.startswith("datetime"):
        kind, dtype = "datetime", "datetime64[us]"
    try:
        return kind, column.astype(dtype) if dtype else column
    except (TypeError, ValueError, OverflowError):
        return "object", column
