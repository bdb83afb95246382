"""The embedded DuckDB that reads files: no network, bounded memory, spilling to a temporary folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun

MEMORY = "512MB"
THREADS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """A connection of its own and a folder for its files; both go with `close`."""

    connection: Any
    folder: Path

    def sql(self, query: str) -> Any:
        """Return the relation of a query; nothing is read until rows are fetched."""
        return self.connection.sql(query)

    def close(self) -> None:
        """Close the connection and remove the folder."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Home:
    """One DuckDB for several engines, opened with the first: its threads, its memory and its spilling are shared.

    Tables of an engine are temporary, so that no engine sees those of another.
    """

    def __init__(self) -> None:
        self._first: Engine | None = None

    def connect(self) -> Engine:
        """Return a new engine; opening one beside others costs next to nothing.

        Raises:
            CannotRun: there is nowhere to spill.
        """
        if self._first is None:
            self._first = _opened(_folder())
        return Engine(connection=self._first.connection.cursor(), folder=_folder())

    def close(self) -> None:
        """End the DuckDB, after its engines were closed."""
        if self._first is not None:
            self._first.close()
            self._first = None


def connect() -> Engine:
    """Return a new engine with a DuckDB of its own.

    Raises:
        CannotRun: there is nowhere to spill.
    """
    return _opened(_folder())


def _opened(folder: Path) -> Engine:
    import duckdb

    settings = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": MEMORY,
        "threads": str(min(os.cpu_count() or 1, THREADS)),
        "temp_directory": str(folder),
    }
    connection = duckdb.connect(config=settings)
    connection.execute("set global TimeZone = 'UTC'")
    return Engine(connection=connection, folder=folder)


def _folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="mlci-"))
    except OSError as error:
        raise CannotRun(f"no temporary folder can be made: {error.strerror}", fix="Set TMPDIR.") from error


def literal(text: str) -> str:
    """Return `text` as a literal in SQL."""
    return "'" + text.replace("'", "''") + "'"
