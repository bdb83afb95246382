"""Frames of PySpark: all work is done by Spark, and only its answers are fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, Frame, batched, column_of, kind_of, plain
from mlci.errors import CannotRun
from mlci.expectations.columns import ROW

_NAME = "mlci_batch"
Rows = list[tuple[Any, ...]]


def batch_of_frame(data: Any, order_by: Sequence[str] = ()) -> Batch:
    """Return the batch of a Spark frame, whose rows are in the order of `order_by`, else in that of its partitions.

    Raises:
        CannotRun: its columns cannot be told, or there is none to order by.
    """
    unknown = [name for name in order_by if name not in data.columns]
    if unknown:
        raise CannotRun(f"there is no column `{unknown[0]}` to order by: the columns are {', '.join(data.columns)}")
    try:
        frame = nw.from_native(data)
        dtypes = frame.collect_schema()
    except Exception as error:
        raise CannotRun(f"the Spark frame cannot be read: {error}") from error
    native = dict(data.dtypes)
    columns = {
        name: column_of(
            name,
            "empty" if native[name] == "void" else kind_of(dtype),
            native=native[name],
            engine="pyspark",
            dtype=dtype,
        )
        for name, dtype in dtypes.items()
    }
    return Batch(frame=frame, numbered=lambda: _numbered(data, order_by), columns=columns, engine="pyspark")


def _numbered(data: Any, order_by: Sequence[str]) -> Frame:
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    order = [f.col(f"`{name.replace('`', '``')}`") for name in order_by] or [f.monotonically_increasing_id()]
    place = f.row_number().over(Window.orderBy(*order))
    return nw.from_native(data.withColumn(ROW, place.cast("long")))


def fetch_frame(data: Any) -> Rows:
    """Return the rows of a Spark frame as plain values."""
    return _plain_rows(data, data.collect())


def fetch_frame_in_parts(data: Any, size: int) -> Iterator[Rows]:
    """Give the rows of a Spark frame, at most `size` at a time; a partition of them is held."""
    for part in batched(data.toLocalIterator(), size):
        yield _plain_rows(data, part)


def _plain_rows(data: Any, rows: Iterable[Any]) -> Rows:
    zoned = [kind == "timestamp" for _, kind in data.dtypes]
    return [
        tuple(_in_utc(value) if is_zoned else plain(value) for value, is_zoned in zip(row, zoned, strict=True))
        for row in rows
    ]


def _in_utc(value: Any) -> Any:
    """Return a moment, which PySpark gives in the machine's own time zone without saying so."""
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value


def query(data: Any, sql: str, shown: int) -> tuple[int, Rows]:
    """Return how many rows `sql` returns, and the first of them; {batch} in it stands for `data`."""
    found = data.sparkSession.sql(sql, batch=data)
    return found.count(), fetch_frame(found.limit(shown))
