"""What `data:` says of data that lies in no file: SQL databases, Spark, and functions of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlci.config.common import CHECKED

FILES = frozenset({"sqlite", "duckdb"})
"""Databases that are a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sql:
    """A table of a SQL database, or what a query returns; it is only ever read."""

    __pydantic_config__ = CHECKED

    url: str
    """The database: `postgresql://user@host:5432/name`, `sqlite:///shop.db` or `duckdb:///shop.duckdb` (relative to
    `mlci.yaml`), or a URL of another database that Ibis knows. `${NAME}` is filled from the environment; a password
    comes from there alone."""
    table: str | None = None
    """The table: `orders`, or `schema.orders`."""
    query: str | None = None
    """In place of `table`: a query whose rows are the data."""
    timeout: float = 300
    """Seconds that one statement may take, on PostgreSQL; 30 at most are waited for a connection."""

    @property
    def shown(self) -> str:
        """What messages call it: the database without user and options, and the table."""
        from urllib.parse import urlsplit

        parts = urlsplit(self.url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return f"{place} {self.table or 'query'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spark:
    """A table that Spark knows, files that Spark reads, or what a query of Spark SQL returns."""

    __pydantic_config__ = CHECKED

    table: str | None = None
    """The table: `sales.orders`."""
    path: str | None = None
    """Files or a folder, relative to `mlci.yaml`, or a URL that Spark can read."""
    query: str | None = None
    """A query whose rows are the data."""
    format: str = "parquet"
    """The format of the files: parquet, csv, json, orc, or another that Spark has a reader for."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the reader, as `header: true`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the session, as `spark.master: "local[4]"`; local mode on all cores where none is named."""

    @property
    def shown(self) -> str:
        """What messages call it."""
        return f"Spark {self.table or self.path or 'query'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Loader:
    """A function of the project that returns the data."""

    __pydantic_config__ = CHECKED

    function: str
    """`module:function`: it returns a frame of pandas, Polars or PyArrow, a relation of DuckDB, or a list of dicts."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments that it is called with."""
    files: tuple[str, ...] = ()
    """Files that it reads, relative to `mlci.yaml`: a change of one of them is a change of the data."""
    timeout: float = 600
    """Seconds that it may take."""
    memory: str | None = None
    """Memory that it may use, as `4GB`; unlimited when left out."""

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.function
