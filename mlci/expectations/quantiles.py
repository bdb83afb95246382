"""Expectations of quantiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from mlci.expectations.bounds import Bounds
from mlci.expectations.columns import CannotJudge, Column
from mlci.expectations.families import column_aggregate
from mlci.expectations.requests import Finding, Quantiles, Scalars

_ROUNDED: Mapping[str, Callable[[float], int]] = {"nearest": round, "lower": math.floor, "higher": math.ceil}


@column_aggregate
def expect_column_quantile_values_to_be_between(
    column: Column, *, quantile_ranges: dict[str, Any], allow_relative_error: Any = None
) -> Generator[Any, Any, Finding]:
    """The quantiles lie in their ranges.

    `quantile_ranges` holds `quantiles` and, for each, in `value_ranges`, the lowest and the highest value, either of
    which may be missing. A quantile between two values is the nearest of them, unless `allow_relative_error` names
    another interpolation (linear, lower, higher, midpoint).
    """
    shares, ranges = _ranges(quantile_ranges)
    way = allow_relative_error if isinstance(allow_relative_error, str) else "nearest"
    (count,) = yield Scalars(exprs=(column.number.count(),), reads=(column.name,))
    values: list[Any] = [None] * len(shares)
    if count:
        exact = [_exact(share, count, way) for share in shares]
        found = list((yield from quantiles(column, [at for ends in exact for at in ends])))
        ends = [[found.pop(0) for _ in each] for each in exact]
        values = [sum(each) / len(each) for each in ends]
    within = [Bounds(low, high).hold_computed(value) for value, (low, high) in zip(values, ranges, strict=True)]
    return Finding(
        success=all(within),
        observed_value={"quantiles": shares, "values": values},
        details={"success_details": within},
    )


def quantiles(column: Column, shares: Sequence[float]) -> Generator[Any, Any, tuple[Any, ...]]:
    """Return the values at `shares` of the way through the sorted values, interpolated; None where there is none."""
    if "quantile" in column.lacks:
        return tuple((yield Quantiles(column=column, shares=tuple(shares))))
    exprs = tuple(column.number.quantile(share, interpolation="linear") for share in shares)
    return tuple((yield Scalars(exprs=exprs, reads=(column.name,))))


def _ranges(quantile_ranges: dict[str, Any]) -> tuple[list[float], list[tuple[Any, Any]]]:
    shares, ranges = quantile_ranges.get("quantiles"), quantile_ranges.get("value_ranges")
    if not isinstance(shares, list) or not isinstance(ranges, list) or len(shares) != len(ranges) or not shares:
        raise CannotJudge("quantile_ranges holds `quantiles` and as many `value_ranges`")
    for pair in ranges:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:  # noqa: PLR2004 - low and high
            raise CannotJudge("each of value_ranges is a pair: lowest, highest")
        if None not in pair and pair[0] > pair[1]:
            raise CannotJudge("quantile_ranges must consist of ordered pairs")
    if not all(0 <= share <= 1 for share in shares):
        raise CannotJudge("quantiles lie between 0 and 1")
    return [float(share) for share in shares], [(pair[0], pair[1]) for pair in ranges]


def _exact(share: float, count: int, way: str) -> tuple[float, ...]:
    """Return the shares at which linear interpolation gives the values that `way` takes, and no value in between."""
    if way == "linear":
        return (share,)
    position = share * (count - 1)
    if way == "midpoint":
        return _share(math.floor(position), count), _share(math.ceil(position), count)
    if way not in _ROUNDED:
        raise CannotJudge(f'the interpolation is one of linear, midpoint, {", ".join(_ROUNDED)}, not "{way}"')
    return (_share(_ROUNDED[way](position), count),)


def _share(position: int, count: int) -> float:
    """Return the share whose product with `count` - 1 is exactly `position` in floating point."""
    if count == 1:
        return 0.0
    share = position / (count - 1)
    for each in (share, math.nextafter(share, 2), math.nextafter(share, -1)):
        if each * (count - 1) == position and 0 <= each <= 1:
            return each
    return share
