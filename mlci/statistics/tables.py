"""Metrics of a table of labels and predictions: a joint count of label, prediction before, prediction now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mlci.statistics.paired import UNCHANGED, Attainable, Bools, Evidence, Floats, Ints, t_evidence

FEW_CHANGED = 50
ENUMERATED = 20_000
FEW_CLASSES = 20
DRAWS = 20_000
CHUNK = 200
ENOUGH = 100
TIE = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """The cells that occur: `label`, `before`, `after` are class numbers below `classes`, `count` how many examples."""

    classes: int
    label: Ints
    before: Ints
    after: Ints
    count: Ints

    @property
    def n(self) -> int:
        """Examples in the table."""
        return int(self.count.sum())

    def changed(self) -> int:
        """Examples whose prediction changed."""
        return int(self.count[self.before != self.after].sum())


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Shares of the examples by class, the last axis: right predictions, predictions, labels.

    Every metric here is a function of these; leading axes are independent tables.
    """

    right: Floats
    predicted: Floats
    true: Floats


Value = Callable[[Shares], Floats]
Gradient = Callable[[Shares], Shares]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMetric:
    """A metric of `Shares`, and its derivative with respect to each share."""

    value: Value
    gradient: Gradient


def joint_table(label: Ints, before: Ints, after: Ints, classes: int) -> Table:
    """Count the examples of each cell in one pass."""
    code = (label * classes + before) * classes + after
    if classes**3 <= max(4096, 4 * len(code)):
        counts = np.bincount(code, minlength=classes**3)
        cells = np.flatnonzero(counts)
        count = counts[cells]
    else:
        cells, count = np.unique(code, return_counts=True)
    rest, now = np.divmod(cells, classes)
    true, then = np.divmod(rest, classes)
    return Table(classes=classes, label=true, before=then, after=now, count=count.astype(np.int64))


def shares(table: Table, predicted: Ints) -> Shares:
    """Return the shares of one side, whose predictions by cell are `predicted`."""
    n = max(table.n, 1)

    def of(code: Ints, count: Ints) -> Floats:
        return np.bincount(code, weights=count, minlength=table.classes) / n

    return Shares(
        right=of(table.label, np.where(predicted == table.label, table.count, 0)),
        predicted=of(predicted, table.count),
        true=of(table.label, table.count),
    )


def influence(table: Table, predicted: Ints, metric: TableMetric) -> Floats:
    """Return for each cell what one of its examples adds to n times the metric, beyond the mean.

    The influence function (Hampel 1974), by the chain rule through the shares.
    """
    slope = metric.gradient(shares(table, predicted))
    raw = slope.predicted[predicted] + slope.true[table.label]
    raw += np.where(predicted == table.label, slope.right[table.label], 0.0)
    centred: Floats = raw - float((raw * table.count).sum()) / max(table.n, 1)
    return centred


def table_evidence(table: Table, metric: TableMetric, *, seed: int = 0) -> Evidence:
    """Judge a drop of a table metric: influence-function z, or the swap permutation where few examples changed.

    With few changed, the standard error counts two more, as Bonett and Price (2012) do for a share.
    """
    if table.changed() == 0:
        return UNCHANGED
    drop = float(metric.value(shares(table, table.before)) - metric.value(shares(table, table.after)))
    difference = influence(table, table.before, metric) - influence(table, table.after, metric)
    n = table.n
    error = float(np.sqrt((difference**2 * table.count).sum())) / n
    changed = table.changed()
    if changed >= FEW_CHANGED:
        return t_evidence(drop, error, np.inf)
    normal = t_evidence(drop, error * np.sqrt((changed + 2) / changed), np.inf)
    p_value, attainable = swap_test(table, metric, drop, np.random.default_rng(seed))
    return replace(normal, p_value=p_value, attainable=attainable)


def swap_test(
    table: Table, metric: TableMetric, drop: float, random: np.random.Generator
) -> tuple[float, Attainable | None]:
    """Return how often a drop as large or larger comes from swapping predictions within changed examples at random.

    The permutation test of Yeh (2000). Examples of one cell are alike, so a swap is a count for each cell: all of them
    are enumerated with their binomial weights where there are few, else drawn, ending early once a hundred draws
    reached the drop (Besag and Clifford 1991). Draws count the observed table too (Phipson and Smyth 2010). Beside it,
    where all are enumerated, every p-value that there could have been.
    """
    moved = table.before != table.after
    counts = table.count[moved]
    if np.prod((counts + 1).astype(float)) * max(table.classes, FEW_CLASSES) <= ENUMERATED * FEW_CLASSES:
        swaps, weights = _every_swap(counts)
        drops = _drops(table, metric, moved, swaps)
        return min(1.0, float(weights[drops >= drop - TIE].sum())), _attainable(drops, weights)
    reached = drawn = 0
    while drawn < DRAWS and reached < ENOUGH:
        swaps = random.binomial(counts, 0.5, size=(CHUNK, len(counts)))
        reached += int((_drops(table, metric, moved, swaps) >= drop - TIE).sum())
        drawn += CHUNK
    return (reached + 1) / (drawn + 1), None


def _attainable(drops: Floats, weights: Floats) -> Attainable:
    order = np.argsort(-drops, kind="stable")
    last_of_tie = np.append(np.diff(drops[order]) < -TIE, True)
    chances = np.minimum(np.cumsum(weights[order])[last_of_tie], 1.0)
    return Attainable(p_values=chances, chances=chances)


def _every_swap(counts: Ints) -> tuple[Ints, Floats]:
    from scipy.stats import binom

    grids = np.meshgrid(*(np.arange(count + 1) for count in counts), indexing="ij")
    swaps = np.stack([grid.ravel() for grid in grids], axis=1)
    weights = np.prod(binom.pmf(swaps, counts, 0.5), axis=1)
    return swaps, weights


def _drops(table: Table, metric: TableMetric, moved: Bools, swaps: Ints) -> Floats:
    rows = max(1, 1_000_000 // table.classes)
    pieces = (swaps[start : start + rows] for start in range(0, len(swaps), rows))
    return np.concatenate([_drops_of(table, metric, moved, piece) for piece in pieces])


def _drops_of(table: Table, metric: TableMetric, moved: Bools, swaps: Ints) -> Floats:
    """Return the drop for each row of `swaps`, the number of examples swapped in each changed cell."""
    before, after = shares(table, table.before), shares(table, table.after)
    right, predicted = np.zeros((2, int(moved.sum()), table.classes))
    for cell, (true, then, now) in enumerate(_cells(table, moved)):
        predicted[cell, then] -= 1
        predicted[cell, now] += 1
        right[cell, true] += int(now == true) - int(then == true)
    by_right, by_predicted = swaps @ right / table.n, swaps @ predicted / table.n
    then_ = Shares(right=before.right + by_right, predicted=before.predicted + by_predicted, true=before.true)
    now_ = Shares(right=after.right - by_right, predicted=after.predicted - by_predicted, true=after.true)
    drops: Floats = metric.value(then_) - metric.value(now_)
    return drops


def _cells(table: Table, moved: Bools) -> Iterator[tuple[int, int, int]]:
    yield from zip(*(side[moved].tolist() for side in (table.label, table.before, table.after)), strict=True)
