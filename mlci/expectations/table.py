"""Expectations of the table as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Any

import narwhals as nw

from mlci.expectations.bounds import Bounds, in_order, within
from mlci.expectations.columns import MissingColumn, Table
from mlci.expectations.families import table_check
from mlci.expectations.requests import Finding, Observe, OtherRows, Query, Scalars


@table_check
def expect_column_to_exist(table: Table, *, column: str, column_index: int | None = None) -> Finding:
    """The column `column` exists.

    At position `column_index`, from 0, where that is given.
    """
    try:
        name = table.column(column).name
    except MissingColumn:
        return Finding(success=False)
    return Finding(success=column_index is None or list(table.columns).index(name) == column_index)


@table_check
def expect_table_columns_to_match_ordered_list(table: Table, *, column_list: list[str] | None) -> Finding:
    """The columns are `column_list`, in that order."""
    columns = list(table.columns)
    if column_list is None:
        return Finding(success=True, observed_value=columns)
    longest = max(len(columns), len(column_list))
    found, expected = (names + [None] * (longest - len(names)) for names in (list(columns), list(column_list)))
    mismatched = [
        {"position": i, "expected": e, "found": f}
        for i, (e, f) in enumerate(zip(expected, found, strict=True))
        if e != f
    ]
    missing, extra = (
        sorted((Counter(a) - Counter(b)).elements()) for a, b in ((column_list, columns), (columns, column_list))
    )
    details = {"mismatched": mismatched, "missing": missing, "unexpected": extra} if mismatched else {}
    return Finding(success=not mismatched, observed_value=columns, details=details)


@table_check
def expect_table_columns_to_match_set(
    table: Table, *, column_set: list[str] | None, exact_match: bool | None = True
) -> Finding:
    """The columns are those of `column_set`, in any order.

    Without `exact_match` there may be others.
    """
    columns = list(table.columns)
    if column_set is None and not exact_match:
        return Finding(success=True, observed_value=sorted(columns))
    wanted = set(column_set or ())
    missing, extra = sorted(wanted - set(columns)), sorted(set(columns) - wanted)
    mismatched = {name: names for name, names in (("unexpected", extra), ("missing", missing)) if names}
    return Finding(
        success=not missing and not (exact_match and extra),
        observed_value=sorted(columns),
        details={"mismatched": mismatched},
    )


@table_check
def expect_table_column_count_to_equal(table: Table, *, value: int) -> Finding:
    """The table has `value` columns."""
    return Finding(success=len(table.columns) == value, observed_value=len(table.columns))


@table_check
def expect_table_column_count_to_be_between(
    table: Table,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Finding:
    """The number of columns lies between `min_value` and `max_value`."""
    return within(Bounds(min_value, max_value, strict_min, strict_max))(len(table.columns))


@table_check
def expect_table_row_count_to_equal(table: Table, *, value: int) -> Observe:  # noqa: ARG001
    """The table has `value` rows."""
    return Observe(exprs=(nw.len(),), judge=lambda n: Finding(success=n == value, observed_value=n))


@table_check
def expect_table_row_count_to_be_between(
    table: Table,  # noqa: ARG001
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Observe:
    """The number of rows lies between `min_value` and `max_value`."""
    return Observe(exprs=(nw.len(),), judge=within(in_order(Bounds(min_value, max_value, strict_min, strict_max))))


@table_check
def expect_table_row_count_to_equal_other_table(
    table: Table,  # noqa: ARG001
    *,
    other_table_name: str,
) -> Generator[Any, Any, Finding]:
    """The table has as many rows as `other_table_name`."""
    (rows,) = yield Scalars(exprs=(nw.len(),))
    others = yield OtherRows(name=other_table_name)
    return Finding(success=rows == others, observed_value={"self": rows, "other": others})


@table_check
def expect_table_row_count_ratio_to_other_table_to_be_between(
    table: Table,  # noqa: ARG001
    *,
    other_table_name: str,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Generator[Any, Any, Finding]:
    """The number of rows over that of `other_table_name` lies between `min_value` and `max_value`.

    Against a table without rows there is no ratio, and that is a violation.
    """
    (rows,) = yield Scalars(exprs=(nw.len(),))
    others = yield OtherRows(name=other_table_name)
    bounds = in_order(Bounds(min_value, max_value, strict_min, strict_max))
    return within(bounds)(rows / others if others else None)


@table_check
def unexpected_rows_expectation(
    table: Table,  # noqa: ARG001
    *,
    unexpected_rows_query: str,
) -> Generator[Any, Any, Finding]:
    """The query `unexpected_rows_query` returns no row.

    It is SQL in which {batch} stands for the data.
    """
    count, first = yield Query(sql=unexpected_rows_query)
    return Finding(success=count == 0, observed_value=count, unexpected_count=count, unexpected_values=tuple(first))
