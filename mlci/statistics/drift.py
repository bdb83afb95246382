"""How far two distributions lie apart, and how often chance alone would put them there: pure functions of counts.

Both sides are counts of the same cells in the same order: bins of a number, or categories. SciPy is imported on first
use by the three functions that return p-values; the distances need nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

Counts = Sequence[float]

SMOOTHING = 0.5
LEAST_EXPECTED = 5.0
"""Cells of which either side expects fewer rows are merged before the chi-square test (Cochran 1954)."""


def psi(reference: Counts, current: Counts) -> float:
    """Return the population stability index: the sum over cells of (q − p)·ln(q / p); 0 where both are alike.

    Half a row is added to every cell, so that an empty one gives a finite number. By custom 0.1 is a moderate shift and
    0.25 a large one; a normal distribution that moves by d standard deviations has an index of d².
    """
    p, q = _smoothed(reference), _smoothed(current)
    return math.fsum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))


def js_distance(reference: Counts, current: Counts) -> float:
    """Return the Jensen–Shannon distance to base 2: 0 where both are alike, 1 where they share no cell.

    The square root of the Jensen–Shannon divergence (Lin 1991; Endres and Schindelin 2003 show that it is a metric).
    """
    p, q = _shares(reference), _shares(current)
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return math.sqrt(max(0.0, (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2))


def total_variation(reference: Counts, current: Counts) -> float:
    """Return the share of rows that would have to move to other cells to make both alike."""
    return math.fsum(abs(a - b) for a, b in zip(_shares(reference), _shares(current), strict=True)) / 2


def ks_distance(reference: Counts, current: Counts) -> float:
    """Return the largest difference of the two cumulative shares at the bounds of ordered cells.

    It is never larger than the Kolmogorov–Smirnov distance of the values in them.
    """
    rises, falls = signed_ks(reference, current)
    return max(rises, falls)


def signed_ks(reference: Counts, current: Counts) -> tuple[float, float]:
    """Return how far the current shares run below and above the reference's: larger first where values went up."""
    before, now = accumulate(_shares(reference)), accumulate(_shares(current))
    differences = [a - b for a, b in zip(before, now, strict=True)]
    return max(0.0, *differences), max(0.0, *(-each for each in differences))


def standardised_difference(mean: float, deviation: float, other_mean: float, other_deviation: float) -> float:
    """Return how far the second mean lies above the first, in pooled standard deviations (Cohen's d); inf if constant.

    By custom 0.2 is small, 0.5 medium and 0.8 large.
    """
    spread = math.sqrt((deviation**2 + other_deviation**2) / 2)
    moved = other_mean - mean
    return moved / spread if spread else math.copysign(math.inf, moved) if moved else 0.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm (1979) for their number, in the order given.

    Raises:
        CannotRun: SciPy is not installed.
    """
    _special()
    from mlci.statistics import multiplicity

    return multiplicity.holm(p_values)


def merged(counts: Counts, groups: Iterable[Sequence[int]]) -> list[float]:
    """Return the counts of cells put together: one for each group of their positions."""
    return [math.fsum(counts[position] for position in group) for group in groups]


def coarse(reference: Counts, cells: int = 10) -> list[list[int]]:
    """Return groups of neighbouring cells that hold about equal shares of the reference, at most `cells` of them."""
    total, groups, held = math.fsum(reference), [[]], 0.0  # type: ignore[var-annotated]
    for position, amount in enumerate(reference):
        if groups[-1] and held + amount / 2 >= total * len(groups) / cells and len(groups) < cells:
            groups.append([])
        groups[-1].append(position)
        held += amount
    return groups


def ks_p_value(distance: float, n: int, m: int) -> float:
    """Return the p-value of the two-sample Kolmogorov–Smirnov test for a distance between `n` and `m` values.

    The limiting distribution (Smirnov 1939). It errs on the safe side for few values, for ties, and for a distance that
    was only looked for at the bounds of cells, which is at most the true one.
    """
    if not n or not m:
        return 1.0
    return float(_special().kolmogorov(distance * math.sqrt(n * m / (n + m))))


def ks_least_distance(p_value: float, n: int, m: int) -> float:
    """Return the distance between `n` and `m` values whose p-value is `p_value`: what so few can show."""
    return float(_special().kolmogi(p_value)) * math.sqrt((n + m) / (n * m)) if n and m else math.inf


def chi_square_p_value(reference: Counts, current: Counts) -> float:
    """Return the p-value of Pearson's chi-square test that both are drawn from one distribution over the cells.

    Cells with an expected count below 5 on either side are merged into one. 1 where fewer than two cells are left.
    """
    n, m = math.fsum(reference), math.fsum(current)
    pairs = _expected_enough(reference, current, min(n, m) / (n + m)) if n and m else []
    if len(pairs) < 2:  # noqa: PLR2004 - one cell has no distribution
        return 1.0
    statistic = 0.0
    for a, b in pairs:
        for seen, side in ((a, n), (b, m)):
            expected = side * (a + b) / (n + m)
            statistic += (seen - expected) ** 2 / expected
    return float(_special().chdtrc(len(pairs) - 1, statistic))


def share_p_value(before: int, n: int, now: int, m: int) -> float:
    """Return the two-sided p-value of `before` rows of `n` against `now` of `m`.

    The chi-square test; where it expects fewer than 5 in a cell, the exact test of two rates, which errs on the safe
    side.
    """
    affected = before + now
    if not n or not m or not affected or affected == n + m:
        return 1.0
    least = min(affected, n + m - affected) * min(n, m) / (n + m)
    if least >= LEAST_EXPECTED:
        return chi_square_p_value([before, n - before], [now, m - now])
    if affected * 2 > n + m:
        return share_p_value(n - before, n, m - now, m)
    share, special = m / (n + m), _special()
    below = float(special.bdtr(now, affected, share))
    above = float(special.bdtrc(now - 1, affected, share)) if now else 1.0
    return min(1.0, 2 * min(below, above))


def unseen_p_value(largest: int, pooled: Iterable[int], n: int, m: int, *, left_out: int = 0) -> float:
    """Return how often a category of which the reference's `n` rows have none has `largest` of the current `m` rows.

    The union over categories of the chance that a random split leaves all rows of one of that size on the current
    side; `pooled` are the sizes of all categories in both. Where the reference leaves out categories of up to
    `left_out` rows, the one that is new to it may be such a one.
    """
    share = n / (n + m)
    chances = (_special().bdtr(left_out, size, share) for size in pooled if size >= largest)
    return min(1.0, float(math.fsum(map(float, chances))))


def _expected_enough(reference: Counts, current: Counts, share: float) -> list[tuple[float, float]]:
    pairs = [(a, b) for a, b in zip(reference, current, strict=True) if a + b]
    large = [pair for pair in pairs if sum(pair) * share >= LEAST_EXPECTED]
    small = [pair for pair in pairs if sum(pair) * share < LEAST_EXPECTED]
    rest = (math.fsum(a for a, _ in small), math.fsum(b for _, b in small))
    if sum(rest) * share >= LEAST_EXPECTED or not large:
        return [*large, rest] if small else large
    least = min(large, key=sum)
    large.remove(least)
    return [*large, (least[0] + rest[0], least[1] + rest[1])]


def _shares(counts: Counts) -> list[float]:
    total = math.fsum(counts)
    return [count / total for count in counts] if total else [0.0] * len(counts)


def _smoothed(counts: Counts) -> list[float]:
    return _shares([count + SMOOTHING for count in counts])


def _relative_entropy(p: Sequence[float], q: Sequence[float]) -> float:
    return math.fsum(a * math.log2(a / b) for a, b in zip(p, q, strict=True) if a > 0)


def _special() -> Any:
    """Return SciPy's functions; raise `CannotRun` with the command that installs it where it is missing."""
    try:
        from scipy import special
    except ImportError as missing:
        from mlci.errors import CannotRun

        raise CannotRun("testing for drift needs SciPy, which is not installed", fix='pip install "mlci[data]"') from (
            missing
        )
    return special
