"""Perturbations of a row: a mapping of columns to values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from mlci.errors import CannotRun, did_you_mean
from mlci.perturbations import perturbation

Row = Mapping[str, Any]
Value = str | bool | int | float


def is_number(value: object) -> bool:
    """Whether `value` is a finite number: a truth value is not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def cell(row: Row, column: str) -> Any:
    """Return the value of `column`; raise `CannotRun` when the row has no such column."""
    if not isinstance(row, Mapping):
        raise CannotRun("perturbations of a column need rows, and the inputs are not")
    if column not in row:
        raise CannotRun(f'the rows have no column "{column}"', fix=did_you_mean(column, row))
    return row[column]


def _like(value: float, changed: float) -> float:
    """Return `changed` as the kind of number that `value` is."""
    return round(changed) if isinstance(value, int) else changed


def _moves(row: Row, column: str, changed: float) -> bool:
    value = cell(row, column)
    return is_number(value) and _like(value, changed) != value


def _scaled(row: Row, column: str, by: float) -> float:
    return float(row[column] * by) if is_number(cell(row, column)) else 0.0


def _shifted(row: Row, column: str, by: float) -> float:
    return float(row[column] + by) if is_number(cell(row, column)) else 0.0


@perturbation(
    "scale",
    of="row",
    unchanged="rows where the column holds no number, or one that stays the same: 0, or a whole number after rounding",
    applies=lambda row, *, column, by: _moves(row, column, _scaled(row, column, by)),
)
def scale(row: Row, rng: Random, *, column: str, by: float) -> dict[str, Any]:
    """Multiply the column by `by`; a whole number stays one."""
    del rng
    return {**row, column: _like(row[column], _scaled(row, column, by))}


@perturbation(
    "shift",
    of="row",
    unchanged="rows where the column holds no number, or a whole number that stays the same after rounding",
    applies=lambda row, *, column, by: _moves(row, column, _shifted(row, column, by)),
)
def shift(row: Row, rng: Random, *, column: str, by: float) -> dict[str, Any]:
    """Add `by` to the column; a whole number stays one."""
    del rng
    return {**row, column: _like(row[column], _shifted(row, column, by))}


def _spread(rows: Sequence[Row], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a tenth of the standard deviation seen in the column, unless one is given."""
    if settings.get("sd") is not None:
        return settings
    values = [row[settings["column"]] for row in rows if is_number(cell(row, settings["column"]))]
    mean = math.fsum(values) / len(values) if values else 0.0
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values) if values else 0.0
    return {**settings, "sd": math.sqrt(variance) / 10}


@perturbation(
    "noise",
    of="row",
    unchanged="rows where the column holds no number, and all rows where the deviation is 0",
    applies=lambda row, *, column, sd=None: is_number(cell(row, column)) and sd != 0,
    learn=_spread,
)
def noise(row: Row, rng: Random, *, column: str, sd: float | None = None) -> dict[str, Any]:
    """Add Gaussian noise of deviation `sd` to the column, at least one to a whole number.

    Without `sd` it is a tenth of the standard deviation of the column in the test's rows.
    """
    value, moved = row[column], rng.gauss(0, sd or 0.0)
    changed = _like(value, value + moved)
    return {**row, column: changed if changed != value else value + (1 if moved >= 0 else -1)}


def _others(row: Row, column: str, values: Sequence[Value]) -> list[Value]:
    value = cell(row, column)
    return [] if value is None else [other for other in values if other != value]


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
    applies=lambda row, *, column, values=(): bool(_others(row, column, values)),
    learn=_categories,
)
def swap_category(row: Row, rng: Random, *, column: str, values: tuple[Value, ...] = ()) -> dict[str, Any]:
    """Put another of `values` in the column; without `values` one of those seen in the test's rows."""
    return {**row, column: rng.choice(_others(row, column, values))}


def _column_values(rows: Sequence[Row], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**settings, "values": tuple(cell(row, settings["column"]) for row in rows)}


@perturbation(
    "permute",
    of="row",
    unchanged="rows where the column is missing its value, or where all rows have the same",
    applies=lambda row, *, column, values=(): bool(_others(row, column, values)),
    learn=_column_values,
)
def permute(row: Row, rng: Random, *, column: str, values: tuple[Value | None, ...] = ()) -> dict[str, Any]:
    """Take the column's value from another of the test's rows, so that common values stay common."""
    return {**row, column: rng.choice([value for value in values if value != row[column] and value is not None])}


@perturbation(
    "missing",
    of="row",
    unchanged="rows where the column is missing its value already",
    applies=lambda row, *, column: cell(row, column) is not None,
)
def missing(row: Row, rng: Random, *, column: str) -> dict[str, Any]:
    """Leave the column's value out (null in JSON, None in Python)."""
    del rng
    return {**row, column: None}


@perturbation("column-order", of="row", unchanged="rows with fewer than two columns", applies=lambda row: len(row) > 1)
def column_order(row: Row, rng: Random) -> dict[str, Any]:
    """Give the same values in another order of columns."""
    names = list(row)
    order = names[:]
    while order == names:
        rng.shuffle(order)
    return {name: row[name] for name in order}


def _partner(row: Row, column: str, pairs: Mapping[str, str]) -> str | None:
    value = cell(row, column)
    both = {**{other: one for one, other in pairs.items()}, **pairs}
    found = both.get(value) if isinstance(value, str) else None
    return None if found == value else found


@perturbation(
    "swap-attribute",
    of="row",
    unchanged="rows where the column holds none of the values that are paired",
    applies=lambda row, *, column, pairs: _partner(row, column, pairs) is not None,
)
def swap_attribute(row: Row, rng: Random, *, column: str, pairs: dict[str, str]) -> dict[str, Any]:
    """Swap a protected attribute: each value for the one that it is paired with, in both directions."""
    del rng
    return {**row, column: _partner(row, column, pairs)}
