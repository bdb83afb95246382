"""Tests of two columns' values, row by row."""

from __future__ import annotations

import narwhals as nw

from mlci.expectations.columns import NUMERIC, CannotJudge, Column
from mlci.expectations.families import pair_map


@pair_map
def expect_column_pair_values_a_to_be_greater_than_b(
    column_A: Column,  # noqa: N803 - the argument's name
    column_B: Column,  # noqa: N803
    *,
    or_equal: bool = False,
) -> nw.Expr:
    """In every row the value of `column_A` is greater than that of `column_B`.

    Else: have no greater value in `column_A`.
    """
    _comparable(column_A, column_B)
    a, b = column_A.expr, column_B.expr
    return a >= b if or_equal else a > b


@pair_map
def expect_column_pair_values_to_be_equal(column_A: Column, column_B: Column) -> nw.Expr:  # noqa: N803
    """In every row the values of `column_A` and `column_B` are equal.

    Two missing values are not, unless rows without both are ignored.

    Else: have different values.
    """
    if not _alike(column_A, column_B):
        return column_A.missing & ~column_A.missing
    return column_A.expr == column_B.expr


def _alike(a: Column, b: Column) -> bool:
    numeric = NUMERIC | {"boolean"}
    temporal = {"date", "datetime"}
    anything = {"object", "empty"}
    return bool(
        a.kind == b.kind or {a.kind, b.kind} <= numeric or {a.kind, b.kind} <= temporal or {a.kind, b.kind} & anything
    )


def _comparable(a: Column, b: Column) -> None:
    if not _alike(a, b):
        raise CannotJudge(f"column `{a.name}` holds {a.kind} values and `{b.name}` {b.kind} values: they have no order")
