"""Profiles of values in memory, as predictions are: pure functions."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mlci.data.drift.cells import bounds
from mlci.data.drift.features import ALWAYS_CATEGORIES, key
from mlci.data.drift.profiling import most_cells, rounded_median, with_rest, without_rare
from mlci.results.profile import ColumnProfile


def profile_of_values(values: Sequence[Any]) -> ColumnProfile:
    """Return the profile of values that may be stored: numbers, or categories where they are texts or a few codes."""
    if _are_numbers(values):
        ordered = sorted(map(float, values))
        cells = most_cells(len(ordered))
        at = [ordered[math.ceil(position / cells * len(ordered)) - 1] for position in range(1, cells)]
        return without_rare(_numbers(values, tuple(bounds(at))))
    return without_rare(_categories(values))


def counted_like(reference: ColumnProfile, values: Sequence[Any]) -> ColumnProfile:
    """Return the profile of other values in the cells of the reference's."""
    if reference.form == "number" and all(isinstance(value, int | float) for value in values):
        return _numbers(values, reference.edges)
    if reference.form == "category" and not (_are_numbers(values) and any(isinstance(one, float) for one in values)):
        return _categories(values)
    return ColumnProfile(form="left-out", holds="other values", rows=len(values))


def _are_numbers(values: Sequence[Any]) -> bool:
    """Whether they are numbers, and not the codes of classes."""
    if any(isinstance(value, str | bool) for value in values):
        return False
    return any(isinstance(value, float) for value in values) or len(set(values)) > ALWAYS_CATEGORIES


def _numbers(values: Sequence[Any], edges: tuple[float, ...]) -> ColumnProfile:
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_left(edges, float(value))] += 1
    middle = sorted(map(float, values))[(len(values) - 1) // 2 :][:1]
    return ColumnProfile(
        form="number",
        holds="numbers",
        rows=len(values),
        edges=edges,
        counts=tuple(counts),
        median=rounded_median(middle),
    )


def _categories(values: Sequence[Any]) -> ColumnProfile:
    counted = Counter(key(value) for value in values)
    named = dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
    return with_rest(replace(ColumnProfile(form="category", holds="classes", rows=len(values)), categories=named))
