"""Two samples of categories beside each other: pure functions of their counts, without any library."""

from __future__ import annotations

import math
from collections.abc import Mapping

_EXPECTED = 5
_TINY = 1e-300
_STEPS = 10_000
_PRECISION = 1e-15


def total_variation(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Return half the sum of the differences of the shares: the share of one sample that would need another category.

    Both samples must have something in them.
    """
    n, m = sum(one.values()), sum(other.values())
    return sum(abs(one.get(name, 0) / n - other.get(name, 0) / m) for name in {*one, *other}) / 2


def chi_square(one: Mapping[str, int], other: Mapping[str, int]) -> tuple[float, int]:
    """Return Pearson's statistic that two samples come from one distribution, and its degrees of freedom.

    Categories of which fewer than 5 are expected in one of the samples are taken together, after Cochran (1954).
    """
    n, m = sum(one.values()), sum(other.values())
    rare: list[tuple[int, int]] = []
    cells: list[tuple[int, int]] = []
    for name in sorted({*one, *other}):
        pair = one.get(name, 0), other.get(name, 0)
        (cells if min(n, m) * sum(pair) / (n + m) >= _EXPECTED else rare).append(pair)
    if rare:
        cells.append((sum(a for a, _ in rare), sum(b for _, b in rare)))
    statistic = sum((m * a - n * b) ** 2 / (a + b) for a, b in cells if a + b) / (n * m)
    return statistic, len(cells) - 1


def chi_square_p_value(statistic: float, freedom: int) -> float:
    """Return how often chance alone gives at least this statistic; 1 without a degree of freedom.

    The regularised upper incomplete gamma function, by its series and its continued fraction (Numerical Recipes, 6.2).
    """
    if freedom < 1 or statistic <= 0:
        return 1.0
    a, x = freedom / 2, statistic / 2
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1 - scale * _series(a, x) if x < a + 1 else scale * _fraction(a, x)


def absent(one: Mapping[str, int], other: Mapping[str, int], false_alarm_rate: float) -> list[str]:
    """Return the categories of `one` that `other` has not, where chance leaves them out of so many more rarely.

    A category with the share s of `one` is left out of m independent draws with probability (1 - s)^m, which is held
    against `false_alarm_rate` over the number of categories.
    """
    n, m = sum(one.values()), sum(other.values())
    limit = false_alarm_rate / len(one)
    return sorted(name for name, times in one.items() if not other.get(name) and (1 - times / n) ** m < limit)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for step in range(1, _STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """Return the continued fraction by Lentz's method."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    found = d
    for step in range(1, _STEPS):
        numerator = -step * (step - a)
        b += 2
        d = 1 / ((numerator * d + b) or _TINY)
        c = (b + numerator / c) or _TINY
        found *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return found
