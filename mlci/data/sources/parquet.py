"""Parquet files, read by DuckDB: only the columns and row groups that are asked of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun, MlciError


def relation(engine: Engine, reading: Reading, _name: str) -> Any:
    """Return the rows of a file as a relation of DuckDB.

    Raises:
        CannotRun: the file is no Parquet.
    """
    try:
        return engine.sql(f"select * from {_read([reading])}")
    except Exception as error:
        raise _unread(error, reading) from error


def stacked(readings: Sequence[Reading], file: str) -> str:
    """Return the SQL of the rows of all files, with the location of each row's in the column `file`."""
    return f"select * from {_read(readings, f', union_by_name=true, filename={literal(file)}')}"


def _read(readings: Sequence[Reading], options: str = "") -> str:
    paths = ", ".join(literal(reading.location) for reading in readings)
    return f"read_parquet([{paths}], hive_partitioning=false{options})"


def _unread(error: Exception, reading: Reading) -> MlciError:
    if reading.url:
        from mlci.data.sources.remote_failures import explained

        return explained(error, reading.url, reading)
    said = str(error).splitlines()[0]
    return CannotRun(f"cannot be read as Parquet: {said}", where=reading.where())
