"""The search: conjunctions of conditions where errors are more than their share, best first, each beyond the last."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlci.statistics.paired import Bools, Floats

Matrix = npt.NDArray[np.float32]

PICKS = 5
BLOCK = 20_000
BEAM = 20
LEAST = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Rows and errors of each condition (the diagonal) and each pair of conditions."""

    rows: Floats
    errors: Floats


def search(holds: Bools, errors: Floats, *, smallest: int, max_depth: int) -> list[tuple[int, ...]]:
    """Return up to five slices as tuples of column numbers of `holds` (rows by conditions), best first.

    A slice scores the square of its standardised excess of errors, less 2 ln(conditions) for each condition beyond the
    first, so that a longer one must earn its length. After each pick its excess is taken out of the errors and the rest
    is searched again, so that a near copy of a slice is not found a second time.
    """
    with threadpool_limits(1, user_api="blas"):  # small products: threads would wait for each other on a busy machine
        return _search(holds, errors, smallest=smallest, max_depth=max_depth)


def _search(holds: Bools, errors: Floats, *, smallest: int, max_depth: int) -> list[tuple[int, ...]]:
    matrix = holds.astype(np.float32)
    rest = errors - errors.mean()
    rows = _pair_sums(matrix, None)
    picked: list[tuple[int, ...]] = []
    while len(picked) < PICKS:
        sums = Sums(rows=rows, errors=_pair_sums(matrix, rest))
        best = _best(matrix, rest, sums, smallest=smallest, max_depth=max_depth)
        if best is None or best in picked:
            break
        picked.append(best)
        inside = holds[:, list(best)].all(axis=1)
        rest = np.where(inside, rest - rest[inside].mean(), rest - rest[~inside].mean())
    return picked


def standardised(rows: Floats, errors: Floats, *, n: int, variance: float) -> Floats:
    """Return the excess of errors over their share in standard deviations of a random slice of as many rows."""
    spread = np.sqrt(np.maximum(variance * rows * (1 - rows / n), 1e-300))
    return np.where((rows > 0) & (rows < n), errors / spread, -np.inf)


def penalty(conditions: int) -> float:
    """Return what one more condition costs a slice's score, choosing among so many."""
    return 2 * math.log(max(conditions, 2))


def _pair_sums(matrix: Matrix, weights: Floats | None) -> Floats:
    total = np.zeros((matrix.shape[1],) * 2)
    for start in range(0, len(matrix), BLOCK):
        block = matrix[start : start + BLOCK]
        right = block if weights is None else block * weights[start : start + BLOCK, None].astype(np.float32)
        total += block.T @ right
    return total


def _best(matrix: Matrix, rest: Floats, sums: Sums, *, smallest: int, max_depth: int) -> tuple[int, ...] | None:
    n, variance = len(rest), float(rest.var())
    if variance <= 0:
        return None
    excess = standardised(sums.rows, sums.errors, n=n, variance=variance)
    excess[sums.rows < smallest] = -np.inf
    cost = penalty(matrix.shape[1])
    single = int(excess.diagonal().argmax())
    found: list[tuple[float, tuple[int, ...]]] = [(_score(excess[single, single], 0, cost), (single,))]
    if max_depth > 1:
        above = np.triu(excess, 1) + np.tril(np.full_like(excess, -np.inf))
        order = np.argsort(above, axis=None)[::-1][:BEAM]
        pairs = [tuple(int(i) for i in np.unravel_index(index, above.shape)) for index in order]
        found += [(_score(above[pair], 1, cost), pair) for pair in pairs[:1]]
        found += _longer(matrix, rest, pairs, smallest=smallest, max_depth=max_depth, variance=variance)
    score, best = max(found, key=lambda each: (each[0], [-index for index in each[1]]))
    return best if score >= LEAST**2 else None


def _longer(
    matrix: Matrix, rest: Floats, beam: list[tuple[int, ...]], *, smallest: int, max_depth: int, variance: float
) -> list[tuple[float, tuple[int, ...]]]:
    """Extend the best conjunctions of each length by one more condition, keeping as many as the beam is wide."""
    found: list[tuple[float, tuple[int, ...]]] = []
    cost = penalty(matrix.shape[1])
    for depth in range(3, max_depth + 1):
        grown: dict[tuple[int, ...], float] = {}
        for base in beam:
            inside = np.flatnonzero(matrix[:, list(base)].all(axis=1))
            block = matrix[inside]
            rows = block.sum(axis=0, dtype=np.float64)
            errors = (rest[inside].astype(np.float32) @ block).astype(np.float64)
            excess = standardised(rows, errors, n=len(rest), variance=variance)
            excess[rows < smallest] = -np.inf
            excess[list(base)] = -np.inf
            more = int(excess.argmax())
            grown[tuple(sorted((*base, more)))] = float(excess[more])
        beam = sorted(grown, key=grown.__getitem__, reverse=True)
        found += [(_score(grown[beam[0]], depth - 1, cost), beam[0])] if beam else []
    return found


def _score(excess: float, further: int, cost: float) -> float:
    return excess**2 - further * cost if excess > 0 else -math.inf
