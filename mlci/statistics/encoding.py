"""Columns of any type as numbers, and what in them cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from mlci.errors import UsageError
from mlci.statistics.paired import Floats, Ints

Column = npt.NDArray[Any]

WIDEST_TABLE = 1_000_000
NEVER_MISSING = {str, int, bool, bytes}


def is_missing(value: Any) -> bool:
    """Whether a cell has no value, in the ways of Python, NumPy and pandas."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating | Decimal) and bool(value != value)  # noqa: PLR0124 - not a number


def missing(column: Column) -> int:
    """Count the cells without a value."""
    if isinstance(column, np.ma.MaskedArray):
        return int(np.ma.getmaskarray(column).sum()) + missing(column.compressed())
    if column.dtype.kind == "f":
        return int(np.isnan(column).sum())
    if column.dtype.kind == "M":
        return int(np.isnat(column).sum())
    values = column.tolist() if column.dtype.kind == "O" else []
    return 0 if set(map(type, values)) <= NEVER_MISSING else sum(map(is_missing, values))


def refuse_missing(column: Column, what: str) -> None:
    """Raise `UsageError` where a cell of `what` has no value: such an example is neither right nor wrong."""
    if count := missing(column):
        raise UsageError(f"{count} of {len(column)} examples have no {what}.", fix="Every example needs one.")


def encode(columns: Sequence[Column]) -> tuple[tuple[Any, ...], list[Ints]]:
    """Return the distinct values of all columns in order, and each column as numbers of these values."""
    if all(column.dtype.kind in "biu" for column in columns):
        return _encode_integers([column.astype(np.int64) for column in columns])
    lists = [_plain(column) for column in columns]
    try:
        values = _ordered(dict.fromkeys(value for each in lists for value in dict.fromkeys(each)))
    except TypeError as error:
        raise UsageError(f"a column holds values that cannot be told apart: {error}.") from None
    number = {value: index for index, value in enumerate(values)}
    return values, [np.fromiter(map(number.__getitem__, each), dtype=np.int64, count=len(each)) for each in lists]


def _encode_integers(columns: list[Ints]) -> tuple[tuple[Any, ...], list[Ints]]:
    low = min((int(column.min()) for column in columns if len(column)), default=0)
    width = max((int(column.max()) for column in columns if len(column)), default=0) - low + 1
    if width > WIDEST_TABLE:
        values, codes = np.unique(np.concatenate(columns), return_inverse=True)
        return tuple(values.tolist()), np.split(codes.astype(np.int64), np.cumsum([len(c) for c in columns])[:-1])
    seen = np.zeros(width, dtype=bool)
    for column in columns:
        seen[column - low] = True
    number = np.cumsum(seen) - 1
    return tuple((np.flatnonzero(seen) + low).tolist()), [number[column - low] for column in columns]


def _plain(column: Column) -> list[Any]:
    values = column.tolist()
    return values if column.dtype.kind != "f" else [int(v) if v.is_integer() else v for v in values]


def _ordered(values: dict[Any, None]) -> tuple[Any, ...]:
    try:
        return tuple(sorted(values))
    except TypeError:
        return tuple(sorted(values, key=lambda value: (type(value).__name__, str(value))))


def as_floats(column: Column, what: str) -> Floats:
    """Return a column as 64-bit floats; raise `UsageError` for texts and for values missing or infinite."""
    refuse_missing(column, what)
    try:
        numbers = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"the {what} is not a number in every example.", fix="Metrics of numbers need one.") from None
    if not np.isfinite(numbers).all():
        raise UsageError(f"{int((~np.isfinite(numbers)).sum())} of {len(numbers)} examples have an infinite {what}.")
    return numbers


def kind_of(column: Column) -> str:
    """Return `text`, or `number` for anything else, by the first value of a column."""
    first = column[0] if len(column) else None
    return "text" if isinstance(first, str) else "number"
