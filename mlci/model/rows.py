"""The rows of a data file, as plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from mlci.locations import is_url, redacted

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """A data file in memory."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_rows(path: Path, *, shown: str, null_values: tuple[str, ...] | None = None) -> Rows:
    """Read the data at `path`, in any format of data assets; `shown` is what messages call it, or its URL.

    Numbers, texts and truth values keep their type; dates and times become texts by ISO 8601, decimals numbers.
    Raises `CannotRun` when the file cannot be read.
    """
    from mlci.data.batch import fetch
    from mlci.data.sources import open_data, reading_at

    written = shown if is_url(shown) else str(path)
    batch = open_data(reading_at(Path(), written, name=redacted(shown), null_values=null_values))
    try:
        columns = tuple(batch.columns)
        typed = batch.frame.select(*(column.expr.alias(name) for name, column in batch.columns.items()))
        return Rows(columns=columns, rows=tuple(_row(columns, values) for values in fetch(typed)))
    finally:
        batch.close()


def _row(columns: Sequence[str], values: Sequence[Any]) -> Row:
    return {column: _plain(value) for column, value in zip(columns, values, strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
