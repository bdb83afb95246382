"""What is looked at in a column before anything is suggested."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.data.drift import cells
from mlci.data.drift.features import Basics, form_of, holds, labels, numbers
from mlci.expectations.columns import Column, Kind

MOST_PATTERNED = 2_000
_NO_CODE = frozenset("@/ ")
_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What was seen of a column."""

    name: str
    kind: Kind
    form: str
    """number, category, text, moment, id, empty or other."""
    rows: int
    present: int
    distinct: int
    low: float = math.nan
    """Smallest and largest number, or length of a text, or moment in seconds since 1970."""
    high: float = math.nan
    quartiles: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    categories: Mapping[Any, int] = field(default_factory=dict)
    """How often each value occurs, where they are few."""
    shapes: Mapping[str, int] = field(default_factory=dict)
    """How many texts are of each shape."""
    pattern: str = ""
    """A regular expression of all texts, where they are codes."""

    @property
    def missing(self) -> int:
        """How many rows have no value."""
        return self.rows - self.present

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.present == self.rows == self.distinct


def look(batch: Batch) -> tuple[int, list[Facts]]:
    """Return the number of rows and what is to be known of each column."""
    rows = int(fetch(batch.frame.select(nw.len()))[0][0])
    told = cells.basics(batch, batch.columns, rows)
    forms = {name: _form(column, told[name]) for name, column in batch.columns.items()}
    ranged = {name: numbers(column) for name, column in batch.columns.items() if _has_numbers(column, told[name])}
    extremes = _extremes(batch, ranged)
    quartiles = cells.quantiles(batch, ranged, _QUARTILES, rows)
    categories = _categories(batch, forms, told)
    shapes = _shapes(batch, forms, told)
    return rows, [
        Facts(
            name=name,
            kind=column.kind,
            form=forms[name],
            rows=rows,
            present=told[name].present,
            distinct=told[name].distinct,
            low=extremes.get(name, (math.nan, math.nan))[0],
            high=extremes.get(name, (math.nan, math.nan))[1],
            quartiles=_three(quartiles.get(name)),
            categories=categories.get(name, {}),
            shapes=shapes.get(name, {}),
            pattern=_pattern(batch, column) if forms[name] == "text" and rows else "",
        )
        for name, column in batch.columns.items()
    ]


def _form(column: Column, basics: Basics) -> str:
    form, note = form_of(column, basics, asked=False)
    if form == "left-out":
        return "moment" if holds(column) == "dates" else "id" if "ids" in note else "other"
    return str(form)


def _has_numbers(column: Column, basics: Basics) -> bool:
    return bool(basics.present) and holds(column) in ("numbers", "text", "dates") and column.kind != "boolean"


def _extremes(batch: Batch, ranged: Mapping[str, nw.Expr]) -> dict[str, tuple[float, float]]:
    if not ranged:
        return {}
    exprs = [one for expr in ranged.values() for one in (expr.min(), expr.max())]
    values = fetch(batch.frame.select(*(expr.alias(f"a{at}") for at, expr in enumerate(exprs))))[0]
    return {name: (values[2 * at], values[2 * at + 1]) for at, name in enumerate(ranged)}


def _three(found: list[float] | None) -> tuple[float, float, float]:
    return (found[0], found[1], found[2]) if found and len(found) == len(_QUARTILES) else (math.nan,) * 3


def _categories(batch: Batch, forms: Mapping[str, str], told: Mapping[str, Basics]) -> dict[str, dict[Any, int]]:
    """Return how often each value of columns with few of them occurs: texts, truth values and whole numbers."""
    few = {
        name: column
        for name, column in batch.columns.items()
        if forms[name] == "category" or (column.kind == "integer" and told[name].distinct <= 20)  # noqa: PLR2004
    }
    found = {}
    for name, column in few.items():
        expr = column.expr if column.kind in ("integer", "boolean") else labels(column, "category")
        rows = batch.frame.select(expr.alias("value")).filter(~nw.col("value").is_null())
        counted = fetch(rows.group_by("value").agg(nw.len().alias("n")))
        found[name] = dict(sorted(counted, key=lambda pair: (isinstance(pair[0], str), pair[0])))
    return found


def _shapes(batch: Batch, forms: Mapping[str, str], told: Mapping[str, Basics]) -> dict[str, dict[str, int]]:
    texts = {name: labels(batch.columns[name], "text") for name, form in forms.items() if form == "text"}
    return cells.categories(batch, texts, {name: 1 for name in texts if told[name]})


def _pattern(batch: Batch, column: Column) -> str:
    """Return a pattern of codes such as P0001: letters, digits and signs in one order in all of the first texts."""
    rows = batch.frame.select(column.text.alias("value")).filter(~nw.col("value").is_null()).head(MOST_PATTERNED)
    seen = {_generalised(text) for (text,) in fetch(rows)}
    found = next(iter(seen), "")
    return f"^{found}$" if len(seen) == 1 and "[0-9]+" in found and not set(found) & _NO_CODE else ""


_RUNS = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|.", re.DOTALL)


def _generalised(text: str) -> str:
    return "".join(_class(run) for run in _RUNS.findall(text[:200]))


def _class(run: str) -> str:
    if run[0] in "0123456789":
        return "[0-9]+"
    if "A" <= run[0] <= "Z":
        return "[A-Z]+"
    return "[a-z]+" if "a" <= run[0] <= "z" else re.escape(run)


def day(seconds: float) -> dt.date:
    """Return the day of a moment in seconds since 1970."""
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)).date()
