"""Expectations of a column's type."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from mlci.expectations.columns import CannotJudge, Column
from mlci.expectations.families import column_aggregate, column_map
from mlci.expectations.requests import Finding
from mlci.expectations.typenames import KINDS, is_type, known


@column_map
def expect_column_values_to_be_of_type(column: Column, *, type_: str) -> nw.Expr:
    """Every value is of type `type_`.

    The type may go by the name it has in Python, NumPy, pandas, SQL or Spark; for a CSV file, by that which pandas
    would give the column.

    Else: are not of type `type_`.
    """
    return _of_types(column, (type_,))


@column_map
def expect_column_values_to_be_in_type_list(column: Column, *, type_list: list[str] | None) -> nw.Expr:
    """Every value is of one of the types `type_list`.

    Names that no engine knows are passed over; without a list, every value is as expected.

    Else: are of none of the types `type_list`.
    """
    return ~column.missing if type_list is None else _of_types(column, [name for name in type_list if name in KINDS])


@column_aggregate
def expect_column_type_to_be(column: Column, *, type_: str) -> Finding:
    """The column's type, in the engine's own words, is `type_`."""
    known(type_)
    return Finding(success=is_type(column, type_), observed_value=column.native)


def _of_types(column: Column, names: Sequence[str]) -> nw.Expr:
    if column.kind == "object":
        raise CannotJudge(f"column `{column.name}` holds values of several types")
    fits = any(is_type(column, name) for name in map(known, names))
    return ~column.missing if fits else column.missing
