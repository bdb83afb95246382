"""Tables of SQL databases: PostgreSQL and others through Ibis, SQLite and DuckDB files; only ever read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlci.config.sources import Sql
from mlci.data.batch import Batch, quoted
from mlci.errors import CannotRun, did_you_mean

_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_SECRET = re.compile(r"PASS|TOKEN|SECRET|KEY|CREDENTIAL|PWD", re.IGNORECASE)
_CONNECTING_S = 30
_SHORTEST = 4
"""Values of variables shorter than this are no secrets worth hiding; hiding them would garble messages."""


def open_sql(sql: Sql, *, root: Path, environ: Mapping[str, str], order_by: Sequence[str] = ()) -> Batch:
    """Return the batch of a table or a query; closing it ends the connection.

    Raises:
        CannotRun: a variable of the URL is not set, the database cannot be reached, or has no such table; no message
            holds the value of a variable.
    """
    url = _VARIABLE.sub(lambda found: _value(environ, found.group(1)), sql.url)
    hide = _hiding(sql, environ)
    if url.startswith("duckdb:///"):
        return _duckdb(sql, root / url.removeprefix("duckdb:///"))
    if url.startswith("sqlite:///"):
        _present(root / url.removeprefix("sqlite:///"))
    try:
        backend = _connected(sql, url, root)
    except ImportError as error:
        raise _not_installed(sql, error) from None
    except Exception as error:  # noqa: BLE001 - each driver has errors of its own
        raise CannotRun(f"the database cannot be reached: {hide(_said(error))}") from None
    return _batch(sql, backend, order_by, hide)


def _value(environ: Mapping[str, str], name: str) -> str:
    if name not in environ:
        raise CannotRun(f"the environment variable {name} is not set", fix="Set it.")
    from urllib.parse import quote

    return quote(environ[name], safe="")


def _hiding(sql: Sql, environ: Mapping[str, str]) -> Callable[[str], str]:
    """Return what takes every value that could be a secret out of a message."""
    from urllib.parse import quote

    named = {*_VARIABLE.findall(sql.url), *(name for name in environ if _SECRET.search(name))}
    values = {environ[name] for name in named if len(environ.get(name, "")) >= _SHORTEST}
    secrets = sorted({form for value in values for form in (value, quote(value, safe=""))}, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    return hide


def _not_installed(sql: Sql, error: ImportError) -> CannotRun:
    scheme = sql.url.partition("://")[0].partition("+")[0]
    name = {"postgresql": "postgres"}.get(scheme, scheme)
    known = name in {"postgres", "sqlite"}
    needed = "'mlci[sql]'" if known else f"'ibis-framework[{name}]'"
    missing = f" ({error.name})" if error.name else ""
    return CannotRun(f"the driver of the database is not installed{missing}", fix=f"`pip install {needed}`.")


def _said(error: Exception) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    return "; ".join(lines[:2]) or type(error).__name__


def _connected(sql: Sql, url: str, root: Path) -> Any:
    import ibis

    if url.startswith("sqlite:///"):
        path = root / url.removeprefix("sqlite:///")
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        return ibis.sqlite.from_connection(connection)
    if not url.startswith(("postgresql://", "postgres://")):
        return ibis.connect(url)
    options = f"-c default_transaction_read_only=on -c statement_timeout={round(sql.timeout * 1000)}"
    return ibis.connect(url, connect_timeout=_CONNECTING_S, options=options, application_name="mlci")


def _present(path: Path) -> None:
    if not path.is_file():
        raise CannotRun("there is no such database file", fix="Correct the path, or make it first.")


def _batch(sql: Sql, backend: Any, order_by: Sequence[str], hide: Callable[[str], str]) -> Batch:
    from mlci.data.ibis_tables import batch_of_table

    try:
        table = _queried(sql.query, backend) if sql.query else _table(sql, backend)
        batch = batch_of_table(table, order_by)
    except Exception as error:  # noqa: BLE001 - as above
        backend.disconnect()
        if isinstance(error, CannotRun):
            raise CannotRun(hide(str(error))) from None
        raise CannotRun(f"cannot be read: {hide(_said(error))}") from None
    return replace(batch, close=backend.disconnect, said=hide)


def _queried(query: str, backend: Any) -> Any:
    """Return the rows of a query as a table; Ibis would make a view to learn their types, and nothing is made here."""
    query = query.strip().rstrip(";")
    if backend.name != "postgres":
        return backend.sql(query)
    import ibis

    with backend.raw_sql(f"select * from ({query}) as mlci_query limit 0") as cursor:
        found = {column.name: column.type_code for column in cursor.description}
        cursor.execute("select oid::int, format_type(oid, null) from pg_type where oid = any(%s)", [[*found.values()]])
        types = dict(cursor.fetchall())
    mapper = backend.compiler.type_mapper
    schema = {name: mapper.from_string(types[code], nullable=True) for name, code in found.items()}
    return backend.sql(query, schema=ibis.schema(schema))


def _table(sql: Sql, backend: Any) -> Any:
    schema, _, name = str(sql.table).rpartition(".")
    where = {"database": schema} if schema else {}
    known = backend.list_tables(**where)
    if name not in known:
        raise CannotRun(f"there is no table `{sql.table}`; {did_you_mean(name, known) or _listed(known)}")
    return backend.table(name, **where)


def _listed(names: Sequence[str]) -> str:
    return f"there are {', '.join(sorted(names)[:10])}" if names else "there is none at all"


def _duckdb(sql: Sql, path: Path) -> Batch:
    from mlci.data.frames import batch_of
    from mlci.data.sources.engine import connect, literal

    _present(path)
    engine = connect()
    try:
        engine.connection.execute(f"attach {literal(str(path))} as source (read_only)")
        engine.connection.execute("use source")
        query = sql.query or f"select * from {_quoted(str(sql.table))}"
        return replace(batch_of(engine.sql(query)), close=engine.close)
    except Exception as error:  # noqa: BLE001 - as above
        engine.close()
        raise CannotRun(f"cannot be read: {_said(error)}") from None


def _quoted(table: str) -> str:
    return ".".join(map(quoted, table.split(".")))
