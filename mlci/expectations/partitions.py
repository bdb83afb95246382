"""Partitions: expected weights of values, or of ranges of values, as Great Expectations writes them."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mlci.expectations.columns import CannotJudge, Column, counted
from mlci.expectations.requests import Scalars, ValueCounts

_TOLERANCE = 1e-5


@dataclass(frozen=True, kw_only=True, slots=True)
class Categories:
    """Values and the share that each is expected to have."""

    values: tuple[Any, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bins:
    """Edges of ranges, the share expected in each, and outside of all of them below and above."""

    edges: tuple[Any, ...]
    weights: tuple[float, ...]
    tails: tuple[float, float] | None = None


def partition_of(written: Any) -> Categories | Bins:
    """Return the partition that a mapping describes.

    Raises:
        CannotJudge: it describes none: weights that do not add up to 1, edges out of order, and the like.
    """
    if not isinstance(written, Mapping) or "weights" not in written or ("values" in written) == ("bins" in written):
        raise CannotJudge("the partition_object has no `weights` with either `values` or `bins`")
    weights = tuple(map(float, written["weights"]))
    if "values" in written:
        return _categories(tuple(written["values"]), weights)
    return _bins(tuple(written["bins"]), weights, written.get("tail_weights"))


def _categories(values: tuple[Any, ...], weights: tuple[float, ...]) -> Categories:
    if len(values) != len(weights):
        raise CannotJudge(f"the partition_object has {len(values)} values and {len(weights)} weights")
    _sum_to_one(weights)
    return Categories(values=values, weights=weights)


def _bins(edges: tuple[Any, ...], weights: tuple[float, ...], tails: Sequence[float] | None) -> Bins:
    if len(edges) != len(weights) + 1:
        raise CannotJudge(f"the partition_object has {len(edges)} edges of bins and {len(weights)} weights")
    if any(high <= low for low, high in pairwise(edges)):
        raise CannotJudge("the bins of the partition_object are not in order")
    if tails is not None and len(tails) != 2:  # noqa: PLR2004 - below and above
        raise CannotJudge("tail_weights are two: below and above the bins")
    _sum_to_one((*weights, *(tails or ())))
    return Bins(edges=edges, weights=weights, tails=(tails[0], tails[1]) if tails else None)


def _sum_to_one(weights: Sequence[float]) -> None:
    if any(weight < 0 for weight in weights) or not math.isclose(sum(weights), 1, abs_tol=_TOLERANCE):
        raise CannotJudge("the weights of the partition_object do not add up to 1")


def observed_bins(column: Column, edges: Sequence[Any]) -> Generator[Any, Any, tuple[int, list[int], int, int]]:
    """Return how many values lie below the first edge, in each bin, above the last edge, and are there at all.

    A bin holds its lower edge; the last one holds its upper edge too.
    """
    value = column.number
    pairs = list(pairwise(edges))
    inside = [(value >= low) & (value < high) for low, high in pairs[:-1]]
    inside.append((value >= pairs[-1][0]) & (value <= pairs[-1][1]))
    flags = (value < edges[0], *inside, value > edges[-1])
    exprs = tuple(counted(flag.fill_null(value=False)) for flag in flags)
    below, *counts, above, total = yield Scalars(exprs=(*exprs, value.count()), reads=(column.name,))
    return below or 0, [count or 0 for count in counts], above or 0, total


def observed_categories(
    column: Column, categories: Categories
) -> Generator[Any, Any, tuple[list[Any], list[int], list[float | None]]]:
    """Return the values expected or seen, how often each was seen, and its expected weight (None: not expected)."""
    counts = dict((yield ValueCounts(column=column)))
    weights: dict[Any, float | None] = {}
    for value, weight in zip(categories.values, categories.weights, strict=True):
        weights[(column.members([value]) or [value])[0]] = weight
    for value in counts:
        weights.setdefault(value, None)
    return list(weights), [counts.get(value, 0) for value in weights], list(weights.values())
