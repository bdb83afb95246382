"""Comparing columns with values and with each other."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw

from mlci.expectations.columns import CannotJudge, Column

Operand = Any
"""A column, an expression, or a plain value."""

SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "//": operator.floordiv,
}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def compare(sign: str, left: Operand, right: Operand) -> nw.Expr:
    """Return where `left` compares so with `right`, false where one of them is missing, but true for `!=`."""
    if not isinstance(left, Column) and isinstance(right, Column):
        return compare(_FLIPPED[sign], right, left)
    if isinstance(left, Column) and not isinstance(right, (Column, nw.Expr)):
        members = left.members([right])
        if not members and sign in {"==", "!="}:
            return ~left.missing & left.missing if sign == "==" else left.missing | ~left.missing
        right = members[0] if members else left.like(right)
    compared = SIGNS[sign](expr_of(left), expr_of(right))
    if not isinstance(compared, nw.Expr):
        raise CannotJudge("a row_condition compares two constants")
    return compared.fill_null(value=sign == "!=")


def is_in(left: Operand, right: Operand) -> nw.Expr:
    """Return where a column holds one of a list of values."""
    if not isinstance(left, Column) or not isinstance(right, (list, tuple)):
        raise CannotJudge("`in` stands between a column and a list")
    return left.is_one_of(right).fill_null(value=False)


def expr_of(operand: Operand) -> Any:
    """Return what an operand computes with."""
    return operand.expr if isinstance(operand, Column) else operand


def missing(operand: Operand) -> nw.Expr | None:
    """Return where an operand is missing; a plain value never is."""
    if isinstance(operand, Column):
        return operand.missing
    return operand.is_null() if isinstance(operand, nw.Expr) else None
