"""Asking data in SQL: frames that have none of their own are asked through DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import narwhals as nw

from mlci.data.batch import fetch
from mlci.expectations.columns import CannotJudge

SHOWN = 20
_NAME = "mlci_batch"
_OWN: Mapping[str, str] = {"ibis": "mlci.data.ibis_tables", "pyspark": "mlci.data.spark_frames"}
"""Libraries that are asked in the SQL of their own engine."""
Rows = list[tuple[Any, ...]]


def query(frame: Any, sql: str) -> tuple[int, Rows]:
    """Return how many rows `sql` returns, and the first of them; {batch} in it stands for `frame`."""
    if "{batch}" not in sql:
        raise CannotJudge("the query does not name {batch}")
    native = nw.to_native(frame)
    engine = type(native).__module__.split(".")[0].lstrip("_")
    if engine in _OWN:
        asked: Callable[[Any, str, int], tuple[int, Rows]] = import_module(_OWN[engine]).query
        return asked(native, sql.strip().rstrip(";"), SHOWN)
    relation = _relation(native, engine).query(_NAME, sql.replace("{batch}", _NAME).strip().rstrip(";"))
    found = nw.from_native(relation)
    return int(fetch(found.select(nw.len()))[0][0]), fetch(found.head(SHOWN))


def _relation(native: Any, engine: str) -> Any:
    import duckdb

    if engine == "duckdb":
        return native
    connection = duckdb.connect()
    if engine == "pandas":
        return connection.from_df(native)
    if engine == "polars":
        return connection.from_arrow((native.collect() if hasattr(native, "collect") else native).to_arrow())
    raise CannotJudge(f"a query cannot be put to data of {engine}")
