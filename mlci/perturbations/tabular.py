"""Perturbations of a row: a mapping of columns to values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from mlci.errors import CannotRun, did_you_mean
from mlci.perturbations import perturbation

Row = Mapping[str, Any]


def is_number(value: object) -> bool:
    """Whether `value` is a number: a truth value is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def cell(row: Row, column: str) -> Any:
    """Return the value of `column`; raise `CannotRun` when the row has no such column."""
    if not isinstance(row, Mapping):
        raise CannotRun("perturbations of a column need rows, and the inputs are not")
    if column not in row:
        raise CannotRun(f'the rows have no column "{column}"', fix=did_you_mean(column, row))
    return row[column]


def _categories(rows: Sequence[Row], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take the values seen in the column for its categories, unless they are given."""
    if settings.get("values"):
        return settings
    seen = {cell(row, settings["column"]) for row in rows} - {None}
    return {**settings, "values": tuple(sorted(seen, key=lambda value: (type(value).__name__, value)))}


@perturbation(
    "swap-category",
    of="row",
    unchanged="rows where the column is missing its value, or has the only category there is",
    applies=lambda row, *, column, values=(), **_: (
        cell(row, column) is not None and any(value != row[column] for value in values)
    ),
    learn=_categories,
)
def swap_category(
    row: Row, rng: Random, *, column: str, values: tuple[str | int | float | bool, ...] = ()
) -> dict[str, Any]:
    """Put another of `values` in the column; without `values` those seen in the test's rows."""
    others = [value for value in values if value != row[column]]
    return {**row, column: rng.choice(others)}


def _scaled(value: float, by: float) -> float:
    return round(value * by) if isinstance(value, int) else value * by


@perturbation(
    "scale",
    of="row",
    unchanged="rows where the column holds no number, or one that stays the same: 0, or a whole number after rounding",
    applies=lambda row, *, column, by: (
        is_number(cell(row, column)) and math.isfinite(row[column]) and _scaled(row[column], by) != row[column]
    ),
)
def scale(row: Row, rng: Random, *, column: str, by: float) -> dict[str, Any]:
    """Multiply the column by `by`; a whole number stays one."""
    del rng
    return {**row, column: _scaled(row[column], by)}
