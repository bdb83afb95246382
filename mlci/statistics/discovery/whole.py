"""Testing single conditions on all rows, against what chance gives when the errors are handed out anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlci.statistics.discovery.search import Matrix, standardised
from mlci.statistics.paired import Bools, Floats

MOST_VALUES = 10_000_000
"""Rows times conditions: beyond, half of the rows show as much, and permutations take too long."""
PERMUTATIONS = (500, 5_000)
"""The fewest and the most; between them as many as give a dozen beyond the level."""
_CHUNK = 125
_TIE = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Unusual:
    """A condition whose rows have more errors than chance gives any condition."""

    condition: int
    p_value: float
    """Corrected for all conditions."""


def can_test(rows: int, conditions: int) -> bool:
    """Whether there are conditions, and few enough to be tested on all rows."""
    return 0 < rows * conditions <= MOST_VALUES


def unusual(holds: Bools, errors: Floats, *, smallest: int, level: float, most: int, seed: int) -> Iterator[Unusual]:
    """Yield up to `most` conditions with more errors than chance gives any of them, the largest excess first.

    The largest standardised excess is compared with the largest of any condition when the errors are permuted (Westfall
    and Young 1993, maxT), which takes into account how conditions overlap. Then the condition's rows are left out and
    the rest is tested at the same level, since it is only tested where the first was no chance.

    Args:
        holds: which row each condition holds for, an array of (rows, conditions).
        errors: of each row.
        smallest: the fewest rows of a condition.
        level: the chance of a false one.
        most: how many at most.
        seed: decides the permutations.
    """
    matrix, rest = holds.astype(np.float32), errors
    for _ in range(most):
        found = _largest(matrix, rest, smallest=smallest, level=level, random=np.random.default_rng(seed))
        if found is None:
            return
        yield found
        left = matrix[:, found.condition] == 0
        matrix, rest = matrix[left], rest[left]


def _largest(
    matrix: Matrix, errors: Floats, *, smallest: int, level: float, random: np.random.Generator
) -> Unusual | None:
    n, variance = len(errors), float(errors.var()) if len(errors) else 0.0
    if variance <= 0:
        return None
    rows = matrix.sum(axis=0, dtype=np.float64)
    usable = (rows >= smallest) & (rows < n)
    if not usable.any():
        return None
    centred = (errors - errors.mean()).astype(np.float32)
    draws = int(np.clip(12.5 / level, *PERMUTATIONS))

    def excess(sums: Floats) -> Floats:
        each = standardised(rows, sums, n=n, variance=variance)
        return np.where(usable, each, -np.inf)

    with threadpool_limits(1, user_api="blas"):  # small products: threads would wait for each other on a busy machine
        observed = excess((centred @ matrix).astype(np.float64))
        best = int(observed.argmax())
        reached = drawn = 0
        while drawn < draws and reached <= level * draws:
            permuted = random.permuted(np.broadcast_to(centred, (_CHUNK, n)), axis=1)
            largest = excess((permuted @ matrix).astype(np.float64)).max(axis=1)
            reached += int((largest >= observed[best] - _TIE).sum())
            drawn += _CHUNK
    p_value = (reached + 1) / (drawn + 1)
    return Unusual(condition=best, p_value=p_value) if p_value <= level else None
