"""Parquet files, read by DuckDB: only the columns that are asked of."""

from __future__ import annotations

from dataclasses import replace

from mlci.data.batch import Batch
from mlci.data.frames import batch_of
from mlci.data.sources.engine import connect, literal
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun, Where


def open_parquet(reading: Reading) -> Batch:
    """Return the batch of a Parquet file.

    Raises:
        CannotRun: the file is no Parquet.
    """
    engine = connect()
    try:
        relation = engine.sql(f"select * from read_parquet({literal(str(reading.path))})")
        return replace(batch_of(relation), close=engine.close)
    except Exception as error:
        engine.close()
        said = str(error).splitlines()[0]
        raise CannotRun(f"cannot be read as Parquet: {said}", where=Where(path=reading.name)) from error
