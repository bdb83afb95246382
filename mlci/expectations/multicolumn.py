"""Tests of several columns' values, row by row."""

from __future__ import annotations

import operator
from functools import reduce
from itertools import combinations

import narwhals as nw

from mlci.expectations.columns import CannotJudge, Column
from mlci.expectations.families import multicolumn_map
from mlci.expectations.pairs import same
from mlci.expectations.requests import Repeats


@multicolumn_map
def expect_compound_columns_to_be_unique(column_list: tuple[Column, ...]) -> Repeats:  # noqa: ARG001 - the family knows
    """No combination of values of the columns occurs twice.

    Every copy counts as a violation.

    Else: occur more than once.
    """
    return Repeats()


@multicolumn_map
def expect_select_column_values_to_be_unique_within_record(column_list: tuple[Column, ...]) -> nw.Expr:
    """The values of the columns differ from each other in every row.

    Two missing values do not differ.

    Else: hold a value twice.
    """
    pairs = list(combinations(column_list, 2))
    if not pairs:
        raise CannotJudge("column_list names fewer than two columns")
    return ~nw.any_horizontal(*(same(a, b) for a, b in pairs), ignore_nulls=False)


@multicolumn_map
def expect_multicolumn_values_to_be_equal(column_list: tuple[Column, ...]) -> nw.Expr:
    """The values of the columns are equal in every row.

    Two missing values are equal.

    Else: hold different values.
    """
    first, *others = column_list
    if not others:
        raise CannotJudge("column_list names fewer than two columns")
    return nw.all_horizontal(*(same(first, other) for other in others), ignore_nulls=False)


@multicolumn_map
def expect_multicolumn_sum_to_equal(column_list: tuple[Column, ...], *, sum_total: float) -> nw.Expr:
    """The values of the columns add up to `sum_total` in every row.

    A row in which a value is missing has no sum.

    Else: do not add up to `sum_total`.
    """
    return reduce(operator.add, (column.number for column in column_list)) == sum_total
