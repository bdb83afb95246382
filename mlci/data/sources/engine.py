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
    """A connection of its own and the folder where it spills; both go with `close`."""

    connection: Any
    folder: Path

    def sql(self, query: str) -> Any:
        """Return the relation of a query; nothing is read until rows are fetched."""
        return self.connection.sql(query)

    def close(self) -> None:
        """Close the connection and remove the folder."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def connect() -> Engine:
    """Return a new engine.

    Raises:
        CannotRun: there is nowhere to spill.
    """
    import duckdb

    try:
        folder = Path(tempfile.mkdtemp(prefix="mlci-"))
    except OSError as error:
        raise CannotRun(f"no temporary folder can be made: {error.strerror}", fix="Set TMPDIR.") from error
    settings = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": MEMORY,
        "threads": str(min(os.cpu_count() or 1, THREADS)),
        "temp_directory": str(folder),
    }
    connection = duckdb.connect(config=settings)
    connection.execute("set TimeZone = 'UTC'")
    return Engine(connection=connection, folder=folder)


def literal(text: str) -> str:
    """Return `text` as a literal in SQL."""
    return "'" + text.replace("'", "''") + "'"
