"""Expectations of the set of a column's distinct values."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import narwhals as nw

from mlci.expectations.columns import Column
from mlci.expectations.families import column_aggregate
from mlci.expectations.requests import Finding, Scalars, ValueCounts

Found = Generator[Any, Any, Finding]


@column_aggregate
def expect_column_distinct_values_to_be_in_set(column: Column, *, value_set: list[Any] | None) -> Found:
    """The distinct values are all among `value_set`.

    Counts distinct values, not rows.
    """
    distinct = yield ValueCounts(column=column)
    extra = [] if value_set is None else _without(distinct, column.members(value_set))
    return Finding(success=not extra, unexpected_count=len(extra), unexpected_values=tuple(extra))


@column_aggregate
def expect_column_distinct_values_to_contain_set(column: Column, *, value_set: list[Any]) -> Found:
    """The distinct values contain all of `value_set`.

    Counts members of the set that are missing.
    """
    distinct = yield ValueCounts(column=column)
    missing = _missing(column, value_set, distinct)
    return Finding(success=not missing, missing_count=len(missing), details={"missing": missing})


@column_aggregate
def expect_column_distinct_values_to_equal_set(column: Column, *, value_set: list[Any]) -> Found:
    """The distinct values are exactly `value_set`.

    Counts distinct values, and members of the set that are missing.
    """
    distinct = yield ValueCounts(column=column)
    extra, missing = _without(distinct, column.members(value_set)), _missing(column, value_set, distinct)
    return Finding(
        success=not extra and not missing,
        missing_count=len(missing),
        unexpected_count=len(extra),
        unexpected_values=tuple(extra),
        details={"missing": missing},
    )


@column_aggregate
def expect_column_most_common_value_to_be_in_set(
    column: Column, *, value_set: list[Any], ties_okay: bool = False
) -> Found:
    """The most common value is one of `value_set`.

    Where several are equally common, one of them is enough with `ties_okay`; without, there must be only one.
    """
    total, present = yield Scalars(exprs=(nw.len(), column.expr.count()), reads=(column.name,))
    counts = yield ValueCounts(column=column)
    most = max(counts.values(), default=0)
    modes = [value for value, count in counts.items() if count == most]
    inside = [value for value in modes if value in column.members(value_set)]
    return Finding(
        success=bool(inside) and (ties_okay or len(modes) == 1),
        observed_value=modes,
        element_count=total,
        missing_count=total - present,
    )


def _without(values: Any, members: Any) -> list[Any]:
    return [value for value in values if value not in members]


def _missing(column: Column, value_set: list[Any], distinct: dict[Any, int]) -> list[Any]:
    wanted = {str(value): column.members([value]) for value in value_set}
    return [name for name, members in wanted.items() if not members or members[0] not in distinct]
