"""Metrics of how scores rank examples, and the influence of each example on them, in time linear in the examples.

Scores enter as codes: whole numbers in the order of the scores, equal where the scores are. Long sums are NumPy's own
and not products of vectors, whose threads wait for each other where the machine is busy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlci.statistics.paired import UNCHANGED, Bools, Evidence, Floats, Ints, t_evidence

EXACT_UP_TO = 200_000
BINS = 16_384


def codes_of(scores: Floats) -> Ints:
    """Return the rank of each distinct score; past 200,000 examples the number of one of 16,384 quantile bins.

    Bins keep the tables of many slices small. Equal scores share a bin; different ones may, and then count as equal.
    """
    if len(scores) <= EXACT_UP_TO:
        return np.unique(scores, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(scores)
    ordered = scores[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    codes = np.empty(len(scores), dtype=np.int64)
    codes[order] = np.maximum.accumulate(np.where(new, np.arange(len(scores)), 0)) * BINS // len(scores)
    return codes


def dense(codes: Ints) -> Ints:
    """Return the codes renumbered without gaps where a table of all of them would be mostly empty."""
    if len(codes) and int(codes.max()) > 8 * len(codes):
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return codes


@dataclass(frozen=True, kw_only=True, slots=True)
class Placements:
    """Where the examples of each class lie among those of the other: DeLong's structural components."""

    auc: float
    positives: Floats
    """For each positive example the share of negatives below it, ties counting half."""
    negatives: Floats
    """For each negative example the share of positives above it, ties counting half."""


def placements(codes: Ints, positive: Bools) -> Placements:
    """Return the structural components of the area under the ROC curve; both classes must occur.

    DeLong, DeLong, Clarke-Pearson (1988); ranks in place of pairs as in Sun and Xu (2014).
    """
    codes = dense(codes)
    size = int(codes.max()) + 1
    ups = np.bincount(codes[positive], minlength=size)
    downs = np.bincount(codes[~positive], minlength=size)
    below = (np.cumsum(downs) - downs / 2) / downs.sum()
    above = 1 - (np.cumsum(ups) - ups / 2) / ups.sum()
    return Placements(
        auc=float((ups * below).sum() / ups.sum()), positives=below[codes[positive]], negatives=above[codes[~positive]]
    )


def delong(baseline: Placements, candidate: Placements) -> Evidence:
    """Judge a drop of the area under the ROC curve of two models on the same examples.

    DeLong's variance of the difference; Student's t with the degrees of Welch and Satterthwaite (1946), because the
    variance is a sum over two samples of which one may be small.
    """
    positives = baseline.positives - candidate.positives
    negatives = baseline.negatives - candidate.negatives
    if not (positives.any() or negatives.any()):
        return UNCHANGED
    if len(positives) < 2 or len(negatives) < 2:  # noqa: PLR2004 - a spread needs two
        return t_evidence(baseline.auc - candidate.auc, math.inf, 0)
    parts = [float(side.var(ddof=1)) / len(side) for side in (positives, negatives)]
    weights = [part**2 / (len(side) - 1) for part, side in zip(parts, (positives, negatives), strict=True)]
    degrees = sum(parts) ** 2 / sum(weights) if sum(weights) else math.inf
    return t_evidence(baseline.auc - candidate.auc, math.sqrt(sum(parts)), degrees)


def auc_influence(places: Placements, positive: Bools) -> Floats:
    """Return what each example adds to n times the area under the ROC curve, beyond the mean."""
    n, ups = len(positive), len(places.positives)
    influence = np.empty(n)
    influence[positive] = (places.positives - places.auc) * (n / ups)
    influence[~positive] = (places.negatives - places.auc) * (n / (n - ups))
    return influence


def average_precision(codes: Ints, positive: Bools) -> tuple[float, Floats]:
    """Return the average precision by scikit-learn's step rule, and each example's influence on n times it.

    AP is the mean over positives of T/R at their score, with T positives and R examples at or above it; the influence
    is its derivative with respect to the weight of one example (the infinitesimal jackknife; Efron 1982, chapter 6).
    """
    codes = dense(codes)
    n, size = len(codes), int(codes.max()) + 1
    ups = np.bincount(codes[positive], minlength=size)
    ranked = np.bincount(codes, minlength=size)[::-1].cumsum()[::-1]
    found = ups[::-1].cumsum()[::-1]
    precision = found / np.maximum(ranked, 1)
    total = int(ups.sum())
    value = float((ups * precision).sum()) / total
    gained = np.cumsum(ups / np.maximum(ranked, 1))
    lost = np.cumsum(ups * precision / np.maximum(ranked, 1))
    own = np.where(positive, precision[codes] + gained[codes] - value, 0.0)
    return value, (own - lost[codes]) * (n / total)
