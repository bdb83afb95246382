"""Tests of values as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from typing import Any

import narwhals as nw

from mlci.expectations.bounds import Bounds, some
from mlci.expectations.columns import Column
from mlci.expectations.families import column_map
from mlci.expectations.predicates import where_python
from mlci.expectations.requests import RowTest


@column_map
def expect_column_value_lengths_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> nw.Expr:
    """The length of every text lies between `min_value` and `max_value` characters.

    Else: are not between `min_value` and `max_value` characters long.
    """
    return some(Bounds(min_value, max_value, strict_min, strict_max)).test(column.text.str.len_chars())


@column_map
def expect_column_value_lengths_to_equal(column: Column, *, value: float) -> nw.Expr:
    """The length of every text is `value` characters.

    Else: are not `value` characters long.
    """
    return column.text.str.len_chars() == value


@column_map
def expect_column_values_to_match_regex(column: Column, *, regex: str) -> Any:
    """The regular expression `regex` is found in every text.

    Else: do not match `regex`.
    """
    return column.text.str.contains(regex)


@column_map
def expect_column_values_to_not_match_regex(column: Column, *, regex: str) -> Any:
    """The regular expression `regex` is found in no text.

    Else: match `regex`.
    """
    return ~column.text.str.contains(regex)


@column_map
def expect_column_values_to_match_strftime_format(
    column: Column, *, strftime_format: str
) -> Generator[Any, Any, RowTest]:
    """Every text is a date or time written as `strftime_format` says.

    Else: are not written as `strftime_format`.
    """

    def holds(value: str) -> bool:
        try:
            dt.datetime.strptime(value, strftime_format)  # noqa: DTZ007 - only whether it can be read
        except ValueError:
            return False
        return True

    return (yield from where_python(column, holds))
