"""Tests of two columns' values, row by row."""

from __future__ import annotations

from typing import Any

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
    if not _alike(column_A, column_B):
        kinds = f"{column_A.kind} values and `{column_B.name}` {column_B.kind} values"
        raise CannotJudge(f"column `{column_A.name}` holds {kinds}: they have no order")
    if "empty" in {column_A.kind, column_B.kind}:
        return column_A.missing & ~column_A.missing
    a, b = _operands(column_A, column_B)
    return a >= b if or_equal else a > b


@pair_map
def expect_column_pair_values_to_be_equal(column_A: Column, column_B: Column) -> nw.Expr:  # noqa: N803
    """In every row the values of `column_A` and `column_B` are equal.

    Two missing values are not, unless rows without both are ignored.

    Else: have different values.
    """
    return equal(column_A, column_B)


@pair_map
def expect_column_pair_values_to_be_in_set(
    column_A: Column,  # noqa: N803
    column_B: Column,  # noqa: N803
    *,
    value_pairs_set: list[Any] | None,
) -> nw.Expr:
    """In every row the values of `column_A` and `column_B` are a pair of `value_pairs_set`.

    Without a set, every pair is as expected.

    Else: are no pair of the set.
    """
    if value_pairs_set is None:
        return column_A.missing | ~column_A.missing
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value_pairs_set):  # noqa: PLR2004
        raise CannotJudge("value_pairs_set is a list of pairs")
    partners: dict[Any, list[Any]] = {}
    for a, b in value_pairs_set:
        partners.setdefault(a, []).append(b)
    tests = [_is(column_A, [a]) & _is(column_B, bs) for a, bs in partners.items()]
    return nw.any_horizontal(*tests, ignore_nulls=False) if tests else column_A.missing & ~column_A.missing


def equal(a: Column, b: Column) -> nw.Expr:
    """Return where the values of two columns are equal, false where one is missing or they cannot be compared."""
    if not _alike(a, b) or "empty" in {a.kind, b.kind}:
        return a.missing & ~a.missing
    left, right = _operands(a, b)
    return (left == right).fill_null(value=False)


def same(a: Column, b: Column) -> nw.Expr:
    """Return where the values of two columns are equal, or both missing."""
    return equal(a, b) | (a.missing & b.missing)


def _is(column: Column, values: list[Any]) -> nw.Expr:
    inside = column.is_one_of(values).fill_null(value=False)
    return inside | column.missing if None in values else inside


def _operands(a: Column, b: Column) -> tuple[nw.Expr, nw.Expr]:
    """Return the values of two columns so that engines compare them: true counts as 1, decimals as numbers."""
    if "decimal" in {a.kind, b.kind} and {a.kind, b.kind} <= NUMERIC:
        return a.number, b.number
    if a.kind != b.kind and "boolean" in {a.kind, b.kind} and {a.kind, b.kind} <= NUMERIC | {"boolean"}:
        return a.number, b.number
    return a.expr, b.expr


def _alike(a: Column, b: Column) -> bool:
    numeric = NUMERIC | {"boolean"}
    temporal = {"date", "datetime"}
    anything = {"object", "empty"}
    return bool(
        a.kind == b.kind or {a.kind, b.kind} <= numeric or {a.kind, b.kind} <= temporal or {a.kind, b.kind} & anything
    )
