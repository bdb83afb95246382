"""Conditions that a slice is made of: a category, a missing value, a range of a number, the length of a text."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlci.statistics.encoding import Column, is_missing
from mlci.statistics.paired import Bools, Floats

BINS = 10
MOST_CATEGORIES = 50
FEW_VALUES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One condition on one feature, in words and in SQL (DuckDB), and the rows that it holds for."""

    column: str
    text: str
    sql: str
    holds: Bools


def conditions_of(frame: Mapping[str, Column], *, smallest: int) -> list[Condition]:
    """Return the conditions that hold for at least `smallest` rows and not for all, without repetitions."""
    found = (condition for name, column in frame.items() for condition in _of_column(name, column))
    return distinct(found, smallest=smallest)


def distinct(found: Iterable[Condition], *, smallest: int) -> list[Condition]:
    """Return conditions of useful size, the first of those that hold for the same rows."""
    seen: dict[bytes, Condition] = {}
    for condition in found:
        if smallest <= int(condition.holds.sum()) < len(condition.holds):
            seen.setdefault(np.packbits(condition.holds).tobytes(), condition)
    return list(seen.values())


def is_text(column: Column) -> bool:
    """Whether a column holds texts to be read rather than categories: many different ones, of several words."""
    values = [value for value in column.tolist() if isinstance(value, str)] if column.dtype.kind == "O" else []
    different = set(values)
    if len(different) <= MOST_CATEGORIES or len(different) < len(column) / 10:
        return False
    return sum(" " in value.strip() for value in different) > len(different) / 2


def _of_column(name: str, column: Column) -> Iterator[Condition]:
    absent = np.fromiter(map(is_missing, column.tolist()), dtype=bool, count=len(column))
    if any(isinstance(value, list | dict | np.ndarray) for value in column[~absent][:1]):
        return
    sql = identifier(name)
    yield Condition(column=name, text=f"{name} is missing", sql=f"{sql} IS NULL", holds=absent)
    if is_text(column):
        lengths = np.fromiter((len(v) if isinstance(v, str) else 0 for v in column.tolist()), float, count=len(column))
        yield from _ranges(name, f"length({name})", f"length({sql})", lengths, ~absent)
        return
    numbers = _numbers(column, absent)
    if numbers is None or len(np.unique(numbers[~absent])) <= FEW_VALUES:
        yield from _categories(name, sql, column, absent)
    if numbers is not None:
        yield from _ranges(name, name, sql, numbers, ~absent)


def _numbers(column: Column, absent: Bools) -> Floats | None:
    if column.dtype.kind in "iuf":
        return column.astype(np.float64)
    if column.dtype.kind != "O" or any(isinstance(value, (str, bool)) for value in column[~absent].tolist()):
        return None
    try:
        return np.where(absent, np.nan, column).astype(np.float64)
    except (TypeError, ValueError):
        return None


def _categories(name: str, sql: str, column: Column, absent: Bools) -> Iterator[Condition]:
    common = Counter(column[~absent].tolist()).most_common(MOST_CATEGORIES)
    for value, _ in common:
        holds = np.asarray(column == value, dtype=bool) & ~absent
        yield Condition(column=name, text=f"{name} = {value}", sql=f"{sql} = {_literal(value)}", holds=holds)


def _ranges(column: str, name: str, sql: str, numbers: Floats, known: Bools) -> Iterator[Condition]:
    edges = _edges(numbers[known & np.isfinite(numbers)])
    with np.errstate(invalid="ignore"):
        for edge in edges:
            shown, below = f"{edge:.15g}", known & (numbers < edge)
            yield Condition(column=column, text=f"{name} < {shown}", sql=f"{sql} < {shown}", holds=below)
            yield Condition(column=column, text=f"{name} >= {shown}", sql=f"{sql} >= {shown}", holds=known & ~below)
        for low, high in itertools.pairwise(edges):
            between, bounds = known & (numbers >= low) & (numbers < high), (f"{low:.15g}", f"{high:.15g}")
            yield Condition(
                column=column,
                text=f"{bounds[0]} <= {name} < {bounds[1]}",
                sql=f"{sql} >= {bounds[0]} AND {sql} < {bounds[1]}",
                holds=between,
            )


def _edges(numbers: Floats) -> list[float]:
    """Return the inner deciles, rounded as far as hardly any row changes sides."""
    if not len(numbers):
        return []
    ordered = np.sort(numbers)
    whole = bool((ordered == np.floor(ordered)).all())
    deciles = np.quantile(ordered, np.linspace(0, 1, BINS + 1)[1:-1])
    return sorted({_rounded(float(np.ceil(edge)) if whole else float(edge), ordered) for edge in deciles})


def _rounded(edge: float, ordered: Floats) -> float:
    for digits in range(2, 15):
        short = float(f"{edge:.{digits}g}")
        moved = abs(int(np.searchsorted(ordered, short)) - int(np.searchsorted(ordered, edge)))
        if moved <= len(ordered) / 200:
            return short
    return edge


def identifier(name: str) -> str:
    """Return a column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _literal(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
