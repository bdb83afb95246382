"""The predictions of one model as a Parquet file: a row for each example, in the order of the examples' digests.

There are no ids, no labels and no data in it: a later run with the same examples has them, and knows the order.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlci.baselines.archive import RefusedError
from mlci.model.paired import SCORE, Predicted

MOST_ROWS = 20_000_000
_MOST_TEXT = 256 * 1024 * 1024
_MEMORY = "2GB"
_LONG = range(-(2**63), 2**63)
_COLUMN_TYPES = frozenset({"BOOLEAN", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR"})
_PREDICTION = "prediction"


def dumps(said: Predicted, footer: Mapping[str, Any]) -> bytes:
    """Return the file; `footer` goes into its metadata. Numbers and texts come back exactly as they are."""
    import duckdb
    import numpy as np

    columns: dict[str, Any] = {}
    kinds: dict[str, list[str]] = {}
    for name, values in _kept(said).items():
        at = f"c{len(columns)}"
        ordered = list(values) if said.stored else [values[row] for row in said.order]
        kinds[at], columns[at] = _encoded(ordered, name, np)
    head = {**footer, "columns": kinds}
    with tempfile.TemporaryDirectory(prefix="mlci-") as folder, duckdb.connect() as connection:
        path = Path(folder) / "rows.parquet"
        connection.register("given", columns)
        connection.execute(
            f"COPY (SELECT {', '.join(columns)} FROM given) TO {_quoted(str(path))} "  # noqa: S608 - names of our own
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{mlci: {_quoted(json.dumps(head))}}})"
        )
        return path.read_bytes()


def loads(raw: bytes) -> tuple[dict[str, list[Any]], Mapping[str, Any]]:
    """Return the columns by name and the metadata; raise `RefusedError` for what `dumps` does not write."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="mlci-") as folder:
        path = Path(folder) / "rows.parquet"
        path.write_bytes(raw)
        config = {"memory_limit": _MEMORY, "autoinstall_known_extensions": "false", "threads": "2"}
        try:
            with duckdb.connect(config=config) as connection:
                connection.execute(f"SET allowed_paths = [{_quoted(str(path))}]")
                connection.execute("SET enable_external_access = false")
                return _read(connection, _quoted(str(path)))
        except (duckdb.Error, ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
            raise RefusedError(f"its predictions cannot be read ({type(error).__name__})") from error


def _kept(said: Predicted) -> dict[str, Sequence[Any]]:
    own = {value.column for value in said.values.values()}
    return {
        name: values
        for name, values in said.columns.items()
        if name == _PREDICTION or name.startswith(f"{SCORE}_") or name in own
    }


def _encoded(values: list[Any], name: str, np: Any) -> tuple[list[str], Any]:
    """Return the name of a column with how it is kept, and its values as an array of a type that keeps them exactly."""
    types = set(map(type, values))
    if types <= {float}:
        wide = np.asarray(values, dtype=np.float64)
        with np.errstate(over="ignore"):
            narrow = wide.astype(np.float32)
        return [name, "plain"], narrow if bool((narrow.astype(np.float64) == wide).all()) else wide
    if types == {bool}:
        return [name, "plain"], np.asarray(values, dtype=bool)
    if types == {int} and min(values) in _LONG and max(values) in _LONG:
        return [name, "plain"], np.asarray(values, dtype=np.int64)
    texts = np.empty(len(values), dtype=object)
    texts[:] = [json.dumps(value) for value in values]
    return [name, "json"], texts


def _read(connection: Any, path: str) -> tuple[dict[str, list[Any]], Mapping[str, Any]]:
    pairs = connection.execute(f"SELECT key, value FROM parquet_kv_metadata({path})").fetchall()  # noqa: S608
    head = json.loads(next(bytes(value) for key, value in pairs if bytes(key) == b"mlci"))
    (rows,) = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({path})").fetchone()  # noqa: S608
    types = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE SELECT * FROM {path}").fetchall()}  # noqa: S608
    kinds = head["columns"]
    if (
        rows > MOST_ROWS
        or rows != head["rows"]
        or list(types) != list(kinds)
        or not set(types.values()) <= _COLUMN_TYPES
    ):
        raise RefusedError("its predictions are not in the form that mlci writes")
    _refuse_long(connection, path, [name for name, kind in types.items() if kind == "VARCHAR"])
    arrays = connection.execute(f"SELECT * FROM {path}").fetchnumpy()  # noqa: S608
    return {name: _decoded(arrays[at].tolist(), kind) for at, (name, kind) in kinds.items()}, head


def _refuse_long(connection: Any, path: str, texts: Sequence[str]) -> None:
    for name in texts:
        (size,) = connection.execute(f'SELECT sum(strlen("{name}")) FROM {path}').fetchone()  # noqa: S608
        if (size or 0) > _MOST_TEXT:
            raise RefusedError("its predictions hold too much text")


def _decoded(values: list[Any], kind: str) -> list[Any]:
    if any(value is None for value in values):
        raise RefusedError("a prediction is missing in it")
    if kind != "json":
        return values
    known = {text: json.loads(text) for text in dict.fromkeys(values)}
    return [known[text] for text in values]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
