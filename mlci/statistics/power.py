"""How small a drop a test set can show, and how large it would have to be."""

from __future__ import annotations

import math

from scipy.special import ndtri

POWER = 0.8


def minimum_detectable_effect(standard_error: float, *, level: float, power: float = POWER) -> float:
    """Return the true drop that a one-sided test at `level` finds with probability `power`.

    The normal approximation: (z(1 - level) + z(power)) standard errors; Bloom (1995).
    """
    return float(ndtri(1 - level) + ndtri(power)) * standard_error


def examples_needed(n: int, *, effect: float, target: float) -> int | None:
    """Return how many examples see a drop of `target` where `n` see one of `effect`; None for a target of 0."""
    if target <= 0 or not math.isfinite(effect):
        return None
    return math.ceil(n * (effect / target) ** 2)
