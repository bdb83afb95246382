"""Confirming on one half of the rows what was found on the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr

from mlci.statistics.paired import Bools, Floats


def confirmed(slices: Sequence[Bools], errors: Floats, *, level: float) -> list[float]:
    """Return the adjusted p-value of each slice, given best first; at or below `level` it is confirmed.

    Bonferroni with falling weights 1/2, 1/4, …: the order was set on other rows, so most of the level can go to the
    likeliest. Rows of a slice already confirmed are left out of those after it, which must show an excess of their own.
    """
    explained = np.zeros(len(errors), dtype=bool)
    adjusted = []
    for place, inside in enumerate(slices):
        weight = 0.5 ** min(place + 1, len(slices) - 1 or 1) if len(slices) > 1 else 1.0
        value = min(1.0, excess_p_value(errors[inside & ~explained], errors[~inside & ~explained]) / weight)
        adjusted.append(value)
        if value <= level:
            explained |= inside
    return adjusted


def excess_p_value(inside: Floats, outside: Floats) -> float:
    """Return the one-sided p-value of a larger mean error inside: Fisher's exact test of 0/1 errors, else Welch's t."""
    if min(len(inside), len(outside)) < 2:  # noqa: PLR2004 - a spread needs two
        return 1.0
    if np.isin(inside, (0.0, 1.0)).all() and np.isin(outside, (0.0, 1.0)).all():
        return _fisher(inside, outside)
    parts = (float(inside.var(ddof=1)) / len(inside), float(outside.var(ddof=1)) / len(outside))
    gain = float(inside.mean() - outside.mean())
    if sum(parts) == 0:
        return 0.0 if gain > 0 else 1.0
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / (len(inside) - 1) + parts[1] ** 2 / (len(outside) - 1))
    return float(stdtr(degrees, -gain / math.sqrt(sum(parts))))


def _fisher(inside: Floats, outside: Floats) -> float:
    from scipy.stats import hypergeom

    wrong = int(inside.sum())
    total = len(inside) + len(outside)
    return float(hypergeom.sf(wrong - 1, total, wrong + int(outside.sum()), len(inside)))
