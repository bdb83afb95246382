"""From what was seen of a table to expectations that a person would keep, each with the reason for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.data.drift.features import looks_like_id
from mlci.data.profile.facts import Facts, day
from mlci.data.profile.padding import (
    above,
    below,
    fewest_rows,
    is_heavy,
    least_share,
    length_limit,
    most_rows,
)
from mlci.numbers import count, number, percent

_WELL_SUPPORTED, _SUPPORTED = 20, 5
_MOST_VALUES = 20
_FEWEST = 20
_MOSTLY_THERE = 0.5
_NEARLY = 0.99
_LONG_TAILED = 0.98
_EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]+$"
_WEB = r"^https?://\S+$"
_TYPES: Mapping[str, list[str]] = {
    "integer": ["int", "float", "decimal"],
    "number": ["int", "float", "decimal"],
    "decimal": ["int", "float", "decimal"],
    "boolean": ["bool"],
    "date": ["date", "datetime"],
    "datetime": ["date", "datetime"],
    "text": ["str"],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """One expectation and why it is suggested."""

    name: str
    kwargs: Mapping[str, Any]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """What is suggested for the table or one of its columns, under a line that says what was seen."""

    seen: str
    suggestions: tuple[Suggestion, ...]


def suggest(rows: int, columns: Sequence[Facts]) -> list[Group]:
    """Return what is suggested for a table and each of its columns."""
    table = Group(
        seen=f"the table: {count(rows, 'row')}, {count(len(columns), 'column')}",
        suggestions=tuple(_table(rows, columns)),
    )
    return [table, *(Group(seen=_seen(one), suggestions=tuple(_column(one))) for one in columns)]


def _table(rows: int, columns: Sequence[Facts]) -> Iterator[Suggestion]:
    names = [one.name for one in columns]
    yield Suggestion(
        name="expect_table_columns_to_match_set",
        kwargs={"column_set": names, "exact_match": False},
        why="a column that is gone breaks what reads it; another one does not",
    )
    yield Suggestion(
        name="expect_table_row_count_to_be_between",
        kwargs={"min_value": fewest_rows(rows), "max_value": most_rows(rows)},
        why="a file cut short or written several times over; loose, since files grow",
    )


def _column(one: Facts) -> Iterator[Suggestion]:
    if not one.present:
        return
    yield _type(one)
    yield from _nulls(one)
    yield from _unique(one)
    closed = tuple(_values(one))
    yield from closed
    if one.form in ("number", "id") or (one.form == "category" and one.kind == "integer"):
        yield from () if closed else _range(one)
    elif one.form == "text" or (one.form == "category" and one.kind == "text"):
        yield from _texts(one, closed=bool(closed))
    elif one.form == "moment":
        yield from _dates(one)


def _type(one: Facts) -> Suggestion:
    types = ["int"] if one.form == "id" else _TYPES.get(one.kind, [])
    why = f"{_what(one)}, no other"
    if not types:
        return Suggestion(name="expect_column_to_exist", kwargs={"column": one.name}, why=f"holds {one.kind} values")
    return Suggestion(
        name="expect_column_values_to_be_in_type_list", kwargs={"column": one.name, "type_list": types}, why=why
    )


def _nulls(one: Facts) -> Iterator[Suggestion]:
    if one.form == "id" or (one.is_unique and looks_like_id(one.name)):
        yield Suggestion(
            name="expect_column_values_to_not_be_null",
            kwargs={"column": one.name},
            why="names its row, and is never missing",
        )
        return
    share = least_share(one.missing, one.rows)
    if share < _MOSTLY_THERE:
        return
    seen = f"{percent(one.missing / one.rows)} missing" if one.missing else "none missing"
    hint = "" if one.missing else "; leave out `mostly` where none may be"
    yield Suggestion(
        name="expect_column_values_to_not_be_null",
        kwargs={"column": one.name, "mostly": share},
        why=f"{seen}{hint}",
    )


def _unique(one: Facts) -> Iterator[Suggestion]:
    named = looks_like_id(one.name) or bool(one.pattern)
    if one.is_unique and one.rows >= _FEWEST and (one.form == "id" or named) and one.kind in ("integer", "text"):
        why = "an id: each row has its own"
        yield Suggestion(name="expect_column_values_to_be_unique", kwargs={"column": one.name}, why=why)


def _values(one: Facts) -> Iterator[Suggestion]:
    """Suggest a closed set where every value was seen often enough to believe that there are no others."""
    amounts = one.categories.values()
    least = _WELL_SUPPORTED if one.kind == "integer" else _SUPPORTED
    if not amounts or len(amounts) > _MOST_VALUES or min(amounts) < least or one.form == "id":
        return
    kwargs: dict[str, Any] = {"column": one.name, "value_set": list(one.categories)}
    why = f"{count(len(amounts), 'value')}, each seen {_WELL_SUPPORTED} times or more"
    if min(amounts) < _WELL_SUPPORTED and one.kind != "boolean":
        kwargs["mostly"] = least_share(0, one.present)
        why = f"{count(len(amounts), 'value')}; some are rare, so there may be others"
    yield Suggestion(name="expect_column_values_to_be_in_set", kwargs=kwargs, why=why)


def _range(one: Facts) -> Iterator[Suggestion]:
    if one.form == "id" or not math.isfinite(one.low) or not math.isfinite(one.high):
        return
    first, median, third = one.quartiles
    spread = one.high - one.low
    low, high = (
        below(one.low, spread, n=one.present, least=one.low),
        above(one.high, spread, n=one.present, most=one.high),
    )
    if one.kind == "integer":
        low, high = math.floor(low), math.ceil(high)
    heavy = is_heavy(one.high, median, third) or is_heavy(one.low, median, first)
    limits = {"min_value": _plain(low), "max_value": _plain(high)}
    mostly = least_share(0, one.present)
    why = "beyond what was seen" + (", and 0 for the sign" if 0 in (low, high) else "")
    if heavy:
        mostly = min(mostly, _LONG_TAILED)
        why += "; long tails, so some may lie outside"
    kwargs: dict[str, Any] = {"column": one.name, **limits, "mostly": mostly}
    yield Suggestion(name="expect_column_values_to_be_between", kwargs=kwargs, why=why)
    if third > first and one.present >= _FEWEST * 5:
        room = third - first
        yield Suggestion(
            name="expect_column_median_to_be_between",
            kwargs={
                "column": one.name,
                "min_value": _plain(below(median, room * 2, n=10**9, least=one.low)),
                "max_value": _plain(above(median, room * 2, n=10**9, most=one.high)),
            },
            why="another unit, or another column under this name",
        )


def _plain(value: float) -> float | int:
    return int(value) if value == round(value) else value


def _texts(one: Facts, *, closed: bool) -> Iterator[Suggestion]:
    for shape, regex, said in (
        ("an e-mail address", _EMAIL, "e-mail addresses"),
        ("a web address", _WEB, "web addresses"),
    ):
        if one.shapes.get(shape, 0) >= _NEARLY * one.present:
            mostly = least_share(one.present - one.shapes[shape], one.present)
            yield _matching(one, regex, mostly, said)
    if one.pattern:
        yield _matching(one, one.pattern, least_share(0, one.present), "codes of one pattern")
    if not closed:
        longest = length_limit(int(one.high))
        yield Suggestion(
            name="expect_column_value_lengths_to_be_between",
            kwargs={"column": one.name, "min_value": 1, "max_value": longest, "mostly": least_share(0, one.present)},
            why="texts of some length, none of them cut or glued together",
        )


def _matching(one: Facts, regex: str, mostly: float, said: str) -> Suggestion:
    return Suggestion(
        name="expect_column_values_to_match_regex",
        kwargs={"column": one.name, "regex": regex, **({"mostly": mostly} if mostly > 0 else {})},
        why=said,
    )


def _dates(one: Facts) -> Iterator[Suggestion]:
    if not math.isfinite(one.low):
        return
    span = max(day(one.high).year - day(one.low).year, 1)
    earliest = max(1, day(one.low).year - span)
    yield Suggestion(
        name="expect_column_values_to_be_between",
        kwargs={"column": one.name, "min_value": f"{earliest:04d}-01-01"},
        why="no date far before those seen; `freshness:` watches the newest",
    )


def _seen(one: Facts) -> str:
    if not one.present:
        return f"{one.name}: no value at all, so nothing is suggested"
    missing = f", {percent(round(one.missing / one.rows, 3))} missing" if one.missing else ""
    different = f", {count(one.distinct, 'different value')}" if one.form in ("category", "text", "id") else ""
    return f"{one.name}: {_what(one)}, {count(one.present, 'value')}{missing}{different}{_about(one)}"


def _what(one: Facts) -> str:
    if one.form == "id":
        return "numbers that name rows"
    if one.form == "text" and one.pattern:
        return "codes"
    words = {"number": "numbers", "integer": "whole numbers", "decimal": "decimal numbers", "text": "texts"}
    words |= {"boolean": "truth values", "date": "dates", "datetime": "times"}
    return words.get(one.kind, f"{one.kind} values")


def _about(one: Facts) -> str:
    """Return roughly where the middle of what was seen lies; its extremes are nobody's business."""
    first, _, third = one.quartiles
    if one.form == "number" and math.isfinite(first) and math.isfinite(third):
        return f", half of them {_from_to(first, third)}"
    if one.form == "moment" and math.isfinite(first):
        return f", half of them {day(first)} to {day(third)}"
    if one.form == "text" and math.isfinite(first):
        return f", half of them {_from_to(first, third)} characters long"
    return ""


def _from_to(low: float, high: float) -> str:
    return _rough(low) if _rough(low) == _rough(high) else f"{_rough(low)} to {_rough(high)}"


def _rough(value: float) -> str:
    return number(float(f"{value:.2g}")).replace("−", "-")
