"""Tests of each value against the middle and the spread of its column."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import narwhals as nw

from mlci.expectations.bounds import Bounds
from mlci.expectations.columns import CannotJudge, Column
from mlci.expectations.families import column_map
from mlci.expectations.quantiles import quantiles
from mlci.expectations.requests import Scalars

Test = Generator[Any, Any, nw.Expr]


@column_map
def expect_column_value_z_scores_to_be_less_than(
    column: Column, *, threshold: float, double_sided: bool = True
) -> Test:
    """The z-score of every value is less than `threshold`.

    A value's distance from the mean in sample standard deviations; with `double_sided` in both directions. Where
    they are not defined, as in a constant column, no value violates.

    Else: have a z-score of `threshold` or more.
    """
    mean, deviation = yield from _mean_and_deviation(column)
    if not deviation:
        return ~column.missing
    score = (column.number - mean) / deviation
    size: nw.Expr = score.abs() if double_sided else score
    return size < (abs(threshold) if double_sided else threshold)


@column_map
def expect_column_values_to_not_be_outliers(
    column: Column, *, method: str | None = "iqr", multiplier: float | None = None
) -> Test:
    """No value is an outlier.

    By `iqr`, further than `multiplier` (1.5) times the range of the quartiles outside of them; by `std`, further than
    `multiplier` (3) sample standard deviations from the mean.

    Else: are outliers.
    """
    if method in {None, "iqr"}:
        factor = 1.5 if multiplier is None else multiplier
        low, high = yield from quantiles(column, (0.25, 0.75))
        if low is None:
            return ~column.missing
        reach = factor * (high - low)
        low, high = low - reach, high + reach
    elif method == "std":
        mean, deviation = yield from _mean_and_deviation(column)
        if deviation is None:
            return ~column.missing
        reach = (3 if multiplier is None else multiplier) * deviation
        low, high = mean - reach, mean + reach
    else:
        raise CannotJudge(f'method is "iqr" or "std", not {method!r}')
    return Bounds(low, high).test(column.number)


def _mean_and_deviation(column: Column) -> Generator[Any, Any, tuple[Any, Any]]:
    """Return mean and sample standard deviation, or nothing where there are none or a value is infinite."""
    finite = nw.when(column.number.abs() < math.inf).then(column.number)
    exprs = (finite.mean(), finite.std(ddof=1), finite.count(), column.number.count())
    mean, deviation, finite_count, count = yield Scalars(exprs=exprs, reads=(column.name,))
    return (mean, deviation) if finite_count == count else (None, None)
