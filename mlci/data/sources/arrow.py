"""Arrow files (IPC files and streams, Feather), read by pyarrow and asked by DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlci.data.batch import quoted
from mlci.data.sources.engine import Engine, literal
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun

_FILE = b"ARROW1"


def relation(engine: Engine, reading: Reading, name: str) -> Any:
    """Return the rows of a file as a relation of DuckDB, under `name`; of an IPC file only what is asked is read.

    Raises:
        CannotRun: the file is no Arrow, or pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise CannotRun(
            "is an Arrow file, which needs a library that is not installed",
            where=reading.where(),
            fix="Install it: pip install 'mlci[arrow]'",
        ) from error
    try:
        with reading.path.open("rb") as file:
            is_file = file.read(len(_FILE)) == _FILE
        engine.connection.register(name, _dataset(reading) if is_file else _table(reading))
        return engine.sql(f"select * from {name}")
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CannotRun(f"cannot be read as Arrow: {said}", where=reading.where()) from error


def _dataset(reading: Reading) -> Any:
    from pyarrow import dataset

    return dataset.dataset(str(reading.path), format="ipc")


def _table(reading: Reading) -> Any:
    """Return the table of a stream, or of a Feather file of version 1; it is kept in memory."""
    import pyarrow as pa
    from pyarrow import feather

    if reading.path.open("rb").read(4) == b"FEA1":
        return feather.read_table(reading.path)
    with pa.memory_map(str(reading.path)) as source:
        return pa.ipc.open_stream(source).read_all()


def stacked(readings: Sequence[Reading], file: str) -> str:
    """Return the SQL of the rows of all files, with the location of each row's in the column `file`."""
    selects = (
        f"select *, {literal(reading.location)} as {quoted(file)} from part{number}"
        for number, reading in enumerate(readings)
    )
    return " union all by name ".join(selects)
