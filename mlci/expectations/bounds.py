"""Lower and upper bounds, strict or not, on values and on what was observed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mlci.expectations.columns import Column, WrongArgument
from mlci.expectations.requests import Finding

_ROUNDING = 1e-10
"""How far two sums of the same numbers may lie apart, of their size."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`low` and `high`, either of which may be missing; a strict bound is itself outside."""

    low: Any
    high: Any
    strict_low: bool = False
    strict_high: bool = False

    def hold(self, value: Any) -> bool:
        """Whether `value` lies between the bounds; a missing value never does."""
        if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
            return False
        return self._above(value) and self._below(value)

    def hold_computed(self, value: Any) -> bool:
        """Whether a number computed of many lies between the bounds, apart from its rounding.

        Another order of the same sum ends in other digits; a suite whose limit is the value itself must not see that.
        """
        return self.hold(next((bound for bound in (self.low, self.high) if _is_close(value, bound)), value))

    def test(self, expr: nw.Expr) -> nw.Expr:
        """Return where the values of `expr` lie between the bounds."""
        tests: list[nw.Expr] = []
        if self.low is not None:
            tests.append(expr > self.low if self.strict_low else expr >= self.low)
        if self.high is not None:
            tests.append(expr < self.high if self.strict_high else expr <= self.high)
        return tests[0] if len(tests) == 1 else nw.all_horizontal(*tests, ignore_nulls=False)

    def like(self, column: Column) -> Bounds:
        """Return the bounds in the form in which they can be compared with the values of `column`."""
        return Bounds(column.like(self.low), column.like(self.high), self.strict_low, self.strict_high)

    def _above(self, value: Any) -> bool:
        if self.low is None:
            return True
        return bool(value > self.low) if self.strict_low else bool(value >= self.low)

    def _below(self, value: Any) -> bool:
        if self.high is None:
            return True
        return bool(value < self.high) if self.strict_high else bool(value <= self.high)


def _is_close(value: Any, bound: Any) -> bool:
    numbers = isinstance(value, float) and isinstance(bound, int | float)
    return numbers and math.isclose(value, bound, rel_tol=_ROUNDING)


def within(bounds: Bounds) -> Callable[..., Finding]:
    """Return the judgement that one observed value lies between `bounds`; nothing observed does not."""

    def judge(value: Any) -> Finding:
        return Finding(success=bounds.hold(value), observed_value=value)

    return judge


def computed_within(bounds: Bounds) -> Callable[..., Finding]:
    """Return the judgement that a number computed of many lies between `bounds`, apart from its rounding."""

    def judge(value: Any) -> Finding:
        return Finding(success=bounds.hold_computed(value), observed_value=value)

    return judge


def some(bounds: Bounds) -> Bounds:
    """Return `bounds`, which must not both be missing."""
    if bounds.low is None and bounds.high is None:
        raise WrongArgument("min_value and max_value cannot both be missing")
    return bounds


def in_order(bounds: Bounds) -> Bounds:
    """Return `bounds`, of which the lower must not be above the upper."""
    if bounds.low is not None and bounds.high is not None and bounds.low > bounds.high:
        raise WrongArgument(f"min_value ({bounds.low}) is greater than max_value ({bounds.high})")
    return bounds
