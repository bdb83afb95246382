"""Aggregates of right and wrong predictions: the confusion matrix, the calibration curve, residuals."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mlci.metrics.proportion import exact_interval

MOST_CLASSES = 15
"""Further labels, the rarest, are counted together."""
OTHERS = "(all others)"
BINS = 10


def confusion(labels: Sequence[Any], said: Sequence[Any], before: Sequence[Any] | None = None) -> dict[str, Any]:
    """Return the names of labels and how often each (row) was predicted as each (column).

    With predictions from `before` on the same examples, `change` says how much each count rose.
    """
    common = Counter([*labels, *said, *(before or ())]).most_common()
    names = sorted((name for name, _ in common[:MOST_CLASSES]), key=lambda one: (str(type(one)), one))
    shown = [str(name)[:60] for name in names] + ([OTHERS] if len(common) > len(names) else [])
    place = {name: at for at, name in enumerate(names)}
    counts = _counts(labels, said, place, len(shown))
    found = {"labels": shown, "counts": counts}
    if before is not None:
        then = _counts(labels, before, place, len(shown))
        found["change"] = [
            [now - old for now, old in zip(*rows, strict=True)] for rows in zip(counts, then, strict=True)
        ]
    return found


def _counts(labels: Sequence[Any], said: Sequence[Any], place: Mapping[Any, int], size: int) -> list[list[int]]:
    table = [[0] * size for _ in range(size)]
    for true, one in zip(labels, said, strict=True):
        table[place.get(true, size - 1)][place.get(one, size - 1)] += 1
    return table


def calibration(confidence: Sequence[float], right: Sequence[bool]) -> list[dict[str, Any]]:
    """Return, for each of ten bins of confidence that has examples, how many, their mean confidence and accuracy.

    The interval of the accuracy is the exact binomial one at 95 %.
    """
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for share, hit in zip(confidence, right, strict=True):
        bins[min(int(share * BINS), BINS - 1)].append((share, hit))
    return [_bin(each) for each in bins if each]


def _bin(members: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    hits = sum(hit for _, hit in members)
    low, high = exact_interval(hits, len(members))
    return {
        "n": len(members),
        "confidence": math.fsum(share for share, _ in members) / len(members),
        "accuracy": hits / len(members),
        "low": low,
        "high": high,
    }


def residuals(labels: Sequence[float], said: Sequence[float]) -> list[dict[str, Any]]:
    """Return, for each tenth of the examples by predicted value, the mean prediction and quantiles of the residuals.

    A residual is the true value less the predicted one: above 0 the model said too little.
    """
    order = sorted(range(len(said)), key=lambda at: (said[at], at))
    edges = [round(part * len(order) / BINS) for part in range(BINS + 1)]
    parts = [order[low:high] for low, high in itertools.pairwise(edges) if high > low]
    return [_tenth([said[at] for at in part], sorted(labels[at] - said[at] for at in part)) for part in parts]


def _tenth(said: Sequence[float], ordered: Sequence[float]) -> dict[str, Any]:
    def quantile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return {
        "n": len(said),
        "predicted": math.fsum(said) / len(said),
        "low": quantile(0.1),
        "median": quantile(0.5),
        "high": quantile(0.9),
    }
