"""What is compared of a column: its numbers, its categories, or the lengths and shapes of its texts."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mlci.expectations.columns import NUMERIC, Column
from mlci.results.profile import Form

ALWAYS_CATEGORIES = 50
MOST_CATEGORIES = 1_000
_ROWS_A_CATEGORY = 20
_FEWEST_ROWS = 20
_SPAN_OF_IDS = 20
_NEARLY_ALL = 0.98
_ID = re.compile(r"(^|[_\W])(id|uuid|guid|key|index|rowid)$|[a-z](Id|ID|Key)$|^(ID|Id|unnamed: 0)$", re.IGNORECASE)
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - compared with naive columns

_SHAPES: tuple[tuple[str, str], ...] = (
    ("digits", r"^[0-9]+$"),
    ("a number", r"^[+-]?[0-9]*[.,]?[0-9]+(?:[eE][+-]?[0-9]+)?$"),
    ("lower-case letters", r"^[a-z]+$"),
    ("letters", r"^[A-Za-z]+$"),
    ("an e-mail address", r"^[^@\s]+@[^@\s]+[.][A-Za-z]+$"),
    ("a web address", r"^https?://\S+$"),
    ("letters and digits", r"^[A-Za-z0-9]+$"),
    ("one word with signs", r"^[\x21-\x7e]+$"),
    ("several words, ASCII", r"^[\x09-\x7e]+$"),
)
_OTHER_SHAPE = "other characters"


@dataclass(frozen=True, kw_only=True, slots=True)
class Basics:
    """What one pass tells of a column."""

    rows: int
    present: int
    distinct: int
    """How many values are different, where that matters; else as many as are present."""
    low: float | None = None
    """Smallest and largest value, of whole numbers only."""
    high: float | None = None


def holds(column: Column) -> str:
    """Return what the values of a column are, coarsely: columns that hold different things are not compared."""
    if column.kind in NUMERIC or column.kind == "duration":
        return "numbers"
    if column.kind in {"text", "boolean", "object"}:
        return "text"
    return {"date": "dates", "datetime": "dates", "empty": ""}.get(column.kind, f"{column.kind} values")


def form_of(column: Column, basics: Basics, *, asked: bool) -> tuple[Form, str]:
    """Return how to compare a column, and why not; `asked` where the configuration names it."""
    if not basics.present:
        return "empty", "it has no value"
    kind = holds(column)
    if kind == "dates":
        return ("moment", "") if asked else ("left-out", "dates move on by themselves")
    if kind == "numbers":
        if not asked and _is_id(column, basics):
            return "left-out", "each row has a number of its own, as ids have"
        return "number", ""
    if kind == "text":
        return ("category" if column.kind == "boolean" or _are_categories(basics) else "text"), ""
    return "left-out", f"it holds {kind}"


def _are_categories(basics: Basics) -> bool:
    few = basics.distinct <= ALWAYS_CATEGORIES or (
        basics.distinct <= MOST_CATEGORIES and basics.distinct * _ROWS_A_CATEGORY <= basics.present
    )
    return few and basics.distinct * 2 <= max(basics.present, 4)


def _is_id(column: Column, basics: Basics) -> bool:
    """Whether whole numbers are all different and either called an id or lie as close as numbered rows do."""
    if column.kind != "integer" or basics.present < _FEWEST_ROWS or basics.distinct < _NEARLY_ALL * basics.present:
        return False
    dense = basics.high is not None and basics.high - (basics.low or 0) <= _SPAN_OF_IDS * basics.present
    return dense or looks_like_id(column.name)


def looks_like_id(name: str) -> bool:
    """Whether a column is called as ids are."""
    return _ID.search(name) is not None


def numbers(column: Column) -> nw.Expr:
    """Return the numbers of a column: its values, seconds since 1970, or lengths of texts."""
    if column.kind == "duration":
        return column.expr.dt.total_seconds().cast(nw.Float64)
    if holds(column) == "dates":
        epoch = nw.lit(_EPOCH.replace(tzinfo=dt.UTC) if column.aware else _EPOCH)
        values = column.expr.cast(nw.Datetime) if column.kind == "date" else column.expr
        return (values - epoch).dt.total_seconds().cast(nw.Float64)
    if holds(column) == "text":
        return column.text.str.len_chars().cast(nw.Float64)
    return column.number.cast(nw.Float64)


def labels(column: Column, form: Form) -> nw.Expr:
    """Return the categories of a column, or the shapes of its texts."""
    if form != "text":
        return column.expr if column.kind == "boolean" else column.text
    shapes: Any = nw.lit(_OTHER_SHAPE)
    for name, pattern in reversed(_SHAPES):
        shapes = nw.when(column.text.str.contains(pattern)).then(nw.lit(name)).otherwise(shapes)
    return nw.when(~column.missing).then(shapes)


def key(value: Any) -> str:
    """Return the name of a category: truth values read the same from every format."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def shape(text: str) -> str:
    """Return the shape of one text."""
    return next((name for name, pattern in _SHAPES if re.search(pattern, text)), _OTHER_SHAPE)
