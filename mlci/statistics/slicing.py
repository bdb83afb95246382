"""Declared slices: each value of a column, or a SQL expression."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mlci.errors import UsageError
from mlci.statistics.encoding import Column, encode, is_missing, missing
from mlci.statistics.frames import columns, names_of, rows_where
from mlci.statistics.matching import Match
from mlci.statistics.paired import Ints

MOST_VALUES = 1_000

Declared = str | Sequence[str] | Mapping[str, str]


def declared_slices(baseline: Any, candidate: Any, found: Match, slices: Declared) -> Iterator[tuple[str, Ints]]:
    """Yield the name and the matched rows of each slice: of every value of a column, or of every expression.

    A column comes from the candidate's frame, or from the baseline's where that alone has it; an expression sees the
    candidate's columns.
    """
    if isinstance(slices, Mapping):
        for name, expression in slices.items():
            holds = _matched(rows_where(candidate, expression, name=name), found.candidate)
            yield name, np.flatnonzero(holds)
        return
    for name in (slices,) if isinstance(slices, str) else slices:
        from_baseline = name not in names_of(candidate) and name in names_of(baseline)
        frame, rows = (baseline, found.baseline) if from_baseline else (candidate, found.candidate)
        yield from _by_value(name, _matched(columns(frame, [name], where="candidate")[name], rows))


def _by_value(name: str, column: Column) -> Iterator[tuple[str, Ints]]:
    values, (codes,) = encode([_without_nan(column)])
    if len(values) > MOST_VALUES:
        raise UsageError(
            f'the column "{name}" has {len(values)} values, too many for a slice each.',
            fix="Give an expression that groups them.",
        )
    order = np.argsort(codes.astype(np.int16), kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes, minlength=len(values)))[:-1])
    for value, rows in zip(values, parts, strict=True):
        yield f"{name} is missing" if value is None else f"{name} = {value}", rows


def _without_nan(column: Column) -> Column:
    if not missing(column):
        return column
    cleaned = np.empty(len(column), dtype=object)
    cleaned[:] = [None if is_missing(value) else value for value in column.tolist()]
    return cleaned


def _matched(column: Column, rows: Ints | None) -> Column:
    return column if rows is None else column[rows]
