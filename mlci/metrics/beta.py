"""The beta distribution, whose quantiles are the bounds of an exact interval.

It is computed here because SciPy takes longer to import than most behaviour suites take to be judged.
"""

from __future__ import annotations

import math

_TINY = 1e-300
_CLOSE = 1e-15
_MOST_TERMS = 100_000
_MOST_STEPS = 200


def beta_share(x: float, a: float, b: float) -> float:
    """Return the share of the beta distribution below `x`, for `a` and `b` above 0 (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the continued fraction of the other tail converges faster
        return 1 - beta_share(1 - x, b, a)
    return x * (1 - x) * _density(x, a, b) * _fraction(x, a, b) / a


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return below which x a share between 0 and 1 of the beta distribution lies: Newton's steps inside a bracket."""
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_MOST_STEPS):
        off = beta_share(x, a, b) - share
        low, high = (low, x) if off > 0 else (x, high)
        density = _density(x, a, b)
        step = off / density if density else math.inf
        following = x - step if low < x - step < high else (low + high) / 2
        if abs(following - x) <= _CLOSE * following:
            break
        x = following
    return x


def _density(x: float, a: float, b: float) -> float:
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - log_beta) if 0 < x < 1 else 0.0


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        before = value
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(value - before) <= _CLOSE * abs(value):
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
