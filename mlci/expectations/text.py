"""Tests of values as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from typing import Any

import narwhals as nw

from mlci.expectations.bounds import Bounds, some
from mlci.expectations.columns import CannotJudge, Column
from mlci.expectations.families import column_map
from mlci.expectations.patterns import Found, found, like
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
def expect_column_values_to_match_regex(column: Column, *, regex: str) -> Found:
    """The regular expression `regex` is found in every text.

    Else: do not match `regex`.
    """
    return (yield from found(column, [regex]))


@column_map
def expect_column_values_to_not_match_regex(column: Column, *, regex: str) -> Found:
    """The regular expression `regex` is found in no text.

    Else: match `regex`.
    """
    return (yield from found(column, [regex], refuse=True))


@column_map
def expect_column_values_to_match_regex_list(
    column: Column, *, regex_list: list[str], match_on: str | None = "any"
) -> Found:
    """Every text matches `match_on` of the regular expressions `regex_list`.

    Else: do not match `match_on` of `regex_list`.
    """
    return (yield from found(column, regex_list, match_on=match_on or "any"))


@column_map
def expect_column_values_to_not_match_regex_list(column: Column, *, regex_list: list[str]) -> Found:
    """No text matches any of the regular expressions `regex_list`.

    Else: match one of `regex_list`.
    """
    return (yield from found(column, regex_list, refuse=True))


@column_map
def expect_column_values_to_match_like_pattern(
    column: Column, *, like_pattern: str, escape: str | None = None
) -> Found:
    """Every text is like `like_pattern`.

    As in SQL, `%` stands for any text and `_` for any character, unless `escape` goes before.

    Else: are not like `like_pattern`.
    """
    return (yield from found(column, [like(like_pattern, escape)]))


@column_map
def expect_column_values_to_not_match_like_pattern(
    column: Column, *, like_pattern: str, escape: str | None = None
) -> Found:
    """No text is like `like_pattern`.

    Else: are like `like_pattern`.
    """
    return (yield from found(column, [like(like_pattern, escape)], refuse=True))


@column_map
def expect_column_values_to_match_like_pattern_list(
    column: Column, *, like_pattern_list: list[str], match_on: str | None = "any", escape: str | None = None
) -> Found:
    """Every text is like `match_on` of the patterns `like_pattern_list`.

    Else: are not like `match_on` of `like_pattern_list`.
    """
    patterns = [like(pattern, escape) for pattern in like_pattern_list]
    return (yield from found(column, patterns, match_on=match_on or "any"))


@column_map
def expect_column_values_to_not_match_like_pattern_list(
    column: Column, *, like_pattern_list: list[str], escape: str | None = None
) -> Found:
    """No text is like any of the patterns `like_pattern_list`.

    Else: are like one of `like_pattern_list`.
    """
    patterns = [like(pattern, escape) for pattern in like_pattern_list]
    return (yield from found(column, patterns, refuse=True))


@column_map
def expect_column_values_to_match_strftime_format(
    column: Column, *, strftime_format: str
) -> Generator[Any, Any, RowTest]:
    """Every text is a date or time written as `strftime_format`.

    Else: are not written as `strftime_format`.
    """
    _texts(column)
    try:
        dt.datetime.strptime(dt.datetime(2024, 1, 31, tzinfo=dt.UTC).strftime(strftime_format), strftime_format)
    except ValueError as error:
        raise CannotJudge(f"the format {strftime_format!r} is wrong: {error}") from error

    def holds(value: str) -> bool:
        try:
            dt.datetime.strptime(value, strftime_format)  # noqa: DTZ007 - only whether it can be read
        except ValueError:
            return False
        return True

    return (yield from where_python(column, holds))


@column_map
def expect_column_values_to_be_dateutil_parseable(column: Column) -> Generator[Any, Any, RowTest]:
    """Every text is a date or time that the library dateutil can read.

    Else: cannot be read as a date or time.
    """
    _texts(column)
    try:
        from dateutil import parser
    except ImportError as error:
        raise CannotJudge("this needs the library dateutil: `pip install python-dateutil`") from error

    def holds(value: str) -> bool:
        try:
            parser.parse(value)
        except (ValueError, OverflowError):
            return False
        return True

    return (yield from where_python(column, holds))


def _texts(column: Column) -> None:
    if "text" not in {column.kind, *column.kinds} and column.kind not in {"object", "empty"}:
        raise CannotJudge(f"column `{column.name}` holds {column.kind} values ({column.native}), not text")
