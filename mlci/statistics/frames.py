"""Columns out of frames of any kind: pandas, Polars, PyArrow, DuckDB relations, and mappings of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlci.errors import UsageError, did_you_mean
from mlci.statistics.encoding import Column


def names_of(frame: Any) -> tuple[str, ...]:
    """Return the names of a frame's columns, in order."""
    if isinstance(frame, Mapping):
        return tuple(frame)
    if _is_relation(frame):
        return tuple(frame.columns)
    return tuple(_narwhals(frame).collect_schema().names())


def columns(frame: Any, wanted: Sequence[str], *, where: str) -> dict[str, Column]:
    """Return the wanted columns as arrays; raise `UsageError` for one that is not there, `where` naming the frame."""
    known = names_of(frame)
    for name in wanted:
        if name not in known:
            raise UsageError(f'the {where} has no column "{name}".', fix=_advice(name, known))
    arrays = _arrays(frame, tuple(dict.fromkeys(wanted)))
    if len({len(array) for array in arrays.values()}) > 1:
        raise UsageError(f"the columns of the {where} differ in length.")
    return arrays


def rows_where(frame: Any, expression: str, *, name: str) -> Column:
    """Return for each row whether a SQL expression holds (DuckDB's dialect; NULL counts as no).

    The expression sees the frame's columns and nothing else: no file, no network, no extension. Raises `UsageError`.
    """
    import duckdb

    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute("SET enable_external_access = false")
        connection.execute("SET python_scan_all_frames = false")
        connection.register("examples", _registrable(frame))
        try:
            found = connection.execute(f"SELECT ({expression})::BOOLEAN AS holds FROM examples").fetchnumpy()["holds"]  # noqa: S608
        except duckdb.Error as error:
            raise UsageError(
                f'the expression of the slice "{name}" does not work: {str(error).splitlines()[0]}',
                fix=f"It is: {expression}",
            ) from None
    return np.ma.filled(np.ma.asarray(found), fill_value=False).astype(bool)


def _registrable(frame: Any) -> Any:
    if _is_relation(frame):
        return frame.fetchnumpy()
    if isinstance(frame, Mapping):
        return {name: np.asarray(values) for name, values in frame.items()}
    native = _narwhals(frame)
    return (native.collect() if hasattr(native, "collect") else native).to_native()


def _arrays(frame: Any, wanted: tuple[str, ...]) -> dict[str, Column]:
    if isinstance(frame, Mapping):
        return {name: _array(frame[name]) for name in wanted}
    if _is_relation(frame):
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in wanted)
        return {name: _array(values) for name, values in frame.project(quoted).fetchnumpy().items()} if wanted else {}
    chosen = _narwhals(frame).select(*wanted)
    chosen = chosen.collect() if hasattr(chosen, "collect") else chosen
    return {name: _array(chosen[name].to_numpy()) for name in wanted}


def _array(values: Any) -> Column:
    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    if isinstance(array, np.ma.MaskedArray):
        array = _filled(array)
    if array.ndim != 1:
        raise UsageError("a column holds more than one value for each example.")
    return array.astype(object) if array.dtype.kind in "US" else array


def _filled(array: np.ma.MaskedArray[Any, Any]) -> Column:
    hidden = np.ma.getmaskarray(array)
    if not hidden.any():
        return np.asarray(array.data)
    values = np.asarray(array.data).astype(object)
    values[hidden] = None
    return values


def _is_relation(frame: Any) -> bool:
    return type(frame).__module__.split(".")[0] in ("duckdb", "_duckdb") and hasattr(frame, "fetchnumpy")


def _narwhals(frame: Any) -> Any:
    import narwhals as nw

    try:
        return nw.from_native(frame)
    except TypeError:
        raise UsageError(
            f"a {type(frame).__name__} is no frame.",
            fix="Give a pandas, Polars or PyArrow frame, a DuckDB relation, or a mapping of columns.",
        ) from None


def _advice(name: str, known: tuple[str, ...]) -> str:
    return did_you_mean(name, known) or f"It has {', '.join(known[:20])}."
