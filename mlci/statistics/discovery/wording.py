"""Leaving out of a slice's words what does not earn its place."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlci.statistics.discovery.conditions import Condition
from mlci.statistics.discovery.search import penalty
from mlci.statistics.paired import Bools, Floats

MARGIN = 1.0


def rows_of(conditions: Sequence[Condition]) -> Bools:
    """Return the rows for which all conditions hold."""
    holds: Bools = np.logical_and.reduce([condition.holds for condition in conditions])
    return holds


def shortened(conditions: tuple[Condition, ...], errors: Floats, *, choices: int) -> tuple[Condition, ...]:
    """Return the conditions without those whose rows are hardly worse than the ones they shut out.

    A condition chosen for the largest excess among `choices` that do nothing has a squared excess near 2 ln(choices);
    one that stays must exceed that by a margin.
    """
    while len(conditions) > 1:
        gains = [_gain(conditions, left_out, errors) for left_out in range(len(conditions))]
        least = min(range(len(gains)), key=gains.__getitem__)
        if gains[least] > 0 and gains[least] ** 2 >= penalty(choices) + MARGIN:
            break
        conditions = conditions[:least] + conditions[least + 1 :]
    return conditions


def _gain(conditions: tuple[Condition, ...], left_out: int, errors: Floats) -> float:
    """Return how much worse the slice is than the rows that one condition shuts out, in standard errors."""
    wider = rows_of(conditions[:left_out] + conditions[left_out + 1 :])
    inside = wider & conditions[left_out].holds
    outside = wider & ~inside
    if not (inside.any() and outside.any()):
        return 0.0
    spread = float(errors[wider].var()) * (1 / int(inside.sum()) + 1 / int(outside.sum()))
    gain = float(errors[inside].mean() - errors[outside].mean())
    return gain / math.sqrt(spread) if spread > 0 else 0.0
