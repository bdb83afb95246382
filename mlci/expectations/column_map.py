"""Tests of each value of a column."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from mlci.expectations.bounds import Bounds, in_order, some
from mlci.expectations.columns import Column
from mlci.expectations.families import column_map
from mlci.expectations.requests import Repeats, RowTest


@column_map
def expect_column_values_to_not_be_null(column: Column) -> RowTest:
    """Every value is present.

    Else: are null.
    """
    return RowTest(ok=~column.missing, ignored=None, columns=(column,))


@column_map
def expect_column_values_to_be_null(column: Column) -> RowTest:
    """Every value is missing.

    Else: are not null.
    """
    return RowTest(ok=column.missing, ignored=None, columns=(column,))


@column_map
def expect_column_values_to_be_unique(column: Column) -> Repeats:  # noqa: ARG001 - the family knows the column
    """No value occurs twice.

    Every copy counts as a violation.

    Else: occur more than once.
    """
    return Repeats()


@column_map
def expect_column_values_to_be_in_set(column: Column, *, value_set: list[Any] | None) -> nw.Expr:
    """Every value is one of `value_set`.

    Without a set, every value is as expected.

    Else: are none of `value_set`.
    """
    return ~column.missing if value_set is None else column.is_one_of(value_set)


@column_map
def expect_column_values_to_not_be_in_set(column: Column, *, value_set: list[Any]) -> nw.Expr:
    """No value is one of `value_set`.

    Else: are one of `value_set`.
    """
    return ~column.is_one_of(value_set)


@column_map
def expect_column_values_to_be_between(
    column: Column, *, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> nw.Expr:
    """Every value lies between `min_value` and `max_value`.

    Bounds on dates may be given as text.

    Else: do not lie between `min_value` and `max_value`.
    """
    bounds = in_order(some(Bounds(min_value, max_value, strict_min, strict_max)).like(column))
    return bounds.test(column.expr)


@column_map
def expect_column_values_to_be_increasing(column: Column, *, strictly: bool = False) -> RowTest:
    """No value is lower than the one before it.

    In the order of the rows; with `strictly`, none is equal to it either.

    Else: are lower than the one before.
    """
    before = column.before
    return RowTest(
        ok=before.is_null() | (column.expr > before if strictly else column.expr >= before),
        ignored=column.missing,
        columns=(column,),
        neighbours=True,
    )


@column_map
def expect_column_values_to_be_decreasing(column: Column, *, strictly: bool = False) -> RowTest:
    """No value is higher than the one before it.

    In the order of the rows; with `strictly`, none is equal to it either.

    Else: are higher than the one before.
    """
    before = column.before
    return RowTest(
        ok=before.is_null() | (column.expr < before if strictly else column.expr <= before),
        ignored=column.missing,
        columns=(column,),
        neighbours=True,
    )
