"""Expectations of one number or value observed over a column."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import narwhals as nw

from mlci.expectations.bounds import Bounds, computed_within, within
from mlci.expectations.columns import Column
from mlci.expectations.families import column_aggregate
from mlci.expectations.quantiles import quantiles
from mlci.expectations.requests import Distinct, Finding, Observe, Scalars


@column_aggregate
def expect_column_min_to_be_between(
    column: Column, *, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Observe:
    """The smallest value lies between `min_value` and `max_value`."""
    bounds = Bounds(min_value, max_value, strict_min, strict_max)
    return Observe(exprs=(column.expr.min(),), judge=_within(column, bounds))


@column_aggregate
def expect_column_max_to_be_between(
    column: Column, *, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Observe:
    """The largest value lies between `min_value` and `max_value`."""
    bounds = Bounds(min_value, max_value, strict_min, strict_max)
    return Observe(exprs=(column.expr.max(),), judge=_within(column, bounds))


@column_aggregate
def expect_column_mean_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Observe:
    """The mean lies between `min_value` and `max_value`."""
    return Observe(
        exprs=(column.number.mean(),), judge=computed_within(Bounds(min_value, max_value, strict_min, strict_max))
    )


@column_aggregate
def expect_column_median_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Generator[Any, Any, Finding | Observe]:
    """The median lies between `min_value` and `max_value`."""
    judge = computed_within(Bounds(min_value, max_value, strict_min, strict_max))
    if "quantile" in column.lacks:
        return judge(*(yield from quantiles(column, (0.5,))))
    return Observe(exprs=(column.number.median(),), judge=judge)


@column_aggregate
def expect_column_stdev_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Observe:
    """The sample standard deviation lies between `min_value` and `max_value`."""
    return Observe(
        exprs=(column.number.std(ddof=1),), judge=computed_within(Bounds(min_value, max_value, strict_min, strict_max))
    )


@column_aggregate
def expect_column_sum_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Observe:
    """The sum lies between `min_value` and `max_value`.

    Where there is no value, there is no sum.
    """
    judge = computed_within(Bounds(min_value, max_value, strict_min, strict_max))
    return Observe(exprs=(column.number.sum(), column.expr.count()), judge=lambda total, n: judge(total if n else None))


@column_aggregate
def expect_column_unique_value_count_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Generator[Any, Any, Finding]:
    """The number of distinct values lies between `min_value` and `max_value`."""
    distinct, _ = yield from _distinct(column)
    return within(Bounds(min_value, max_value, strict_min, strict_max))(distinct)


@column_aggregate
def expect_column_proportion_of_unique_values_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Generator[Any, Any, Finding]:
    """The number of distinct values, by the number of values present, lies between `min_value` and `max_value`."""
    distinct, present = yield from _distinct(column)
    return within(Bounds(min_value, max_value, strict_min, strict_max))(distinct / present if present else 0)


@column_aggregate
def expect_column_proportion_of_non_null_values_to_be_between(
    column: Column,
    *,
    min_value: float | None = None,
    max_value: float | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
) -> Observe:
    """The share of values that are present lies between `min_value` and `max_value`."""
    judge = within(Bounds(min_value, max_value, strict_min, strict_max))
    return Observe(exprs=(column.expr.count(), nw.len()), judge=lambda n, total: judge(n / total if total else 0))


def _distinct(column: Column) -> Generator[Any, Any, tuple[int, int]]:
    """Return how many distinct values there are, and how many values; missing ones are not counted."""
    if "distinct" in column.lacks:
        (present,) = yield Scalars(exprs=(column.expr.count(),), reads=(column.name,))
        return (yield Distinct(column=column)), present
    exprs = (column.expr.n_unique(), column.expr.count(), nw.len())
    distinct, present, total = yield Scalars(exprs=exprs, reads=(column.name,))
    return (distinct or 0) - (total > 0 and present < total), present  # of no row some engines count none at all


def _within(column: Column, bounds: Bounds) -> Any:
    return within(bounds.like(column))
