"""Confirming on one half of the rows what was found on the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

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
    """Return the one-sided p-value of a larger mean error inside, where it is chance which rows are inside.

    Fisher's exact test of 0/1 errors. Of others the permutation distribution of their sum, by its first three moments
    (a Pearson type III distribution; Mielke and Berry 2007, "Permutation Methods"): a t-test takes a slice that happens
    to have none of a few large values for one that varies little.
    """
    if min(len(inside), len(outside)) < 2:  # noqa: PLR2004 - a spread needs two
        return 1.0
    if np.isin(inside, (0.0, 1.0)).all() and np.isin(outside, (0.0, 1.0)).all():
        return _fisher(inside, outside)
    return _permuted(inside, outside)


def _permuted(inside: Floats, outside: Floats) -> float:
    """Return how often as many rows drawn without replacement have as large a sum."""
    from scipy.stats import pearson3

    errors = np.concatenate([inside, outside])
    n, k = len(errors), len(inside)
    centred = errors - errors.mean()
    second, third = float((centred**2).mean()), float((centred**3).mean())
    variance = k * (n - k) / (n - 1) * second
    if variance <= 0:
        return 1.0
    cumulant = k * (n - k) * (n - 2 * k) / ((n - 1) * (n - 2)) * third
    excess = float(centred[:k].sum())
    return float(pearson3.sf(excess / math.sqrt(variance), cumulant / variance**1.5))


def _fisher(inside: Floats, outside: Floats) -> float:
    from scipy.stats import hypergeom

    wrong = int(inside.sum())
    total = len(inside) + len(outside)
    return float(hypergeom.sf(wrong - 1, total, wrong + int(outside.sum()), len(inside)))
