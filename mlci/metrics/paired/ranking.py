"""Paired metrics of rankings, each a mean over groups: Student's paired t-test on the groups' values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured, NotMeasurableError
from mlci.statistics.paired import Floats, Ints, mean_evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """Examples by group and falling score; places are from 0, and tied examples form a block."""

    relevance: Floats
    group: Ints
    """From 0 without gaps; so is `block`."""
    place: Ints
    block: Ints


def ranked(relevance: Floats, scores: Floats, groups: Ints) -> Ranked:
    """Put the examples of each group in order of their scores, the highest first."""
    group = np.unique(groups, return_inverse=True)[1]
    order = np.lexsort((-scores, group))
    group, scores = group[order], scores[order]
    first = np.append(True, group[1:] != group[:-1])
    place = np.arange(len(group)) - np.flatnonzero(first)[group]
    block = np.cumsum(first | np.append(True, scores[1:] != scores[:-1])) - 1
    return Ranked(relevance=relevance[order], group=group, place=place, block=block)


def gains(of: Ranked, weights: Floats) -> Floats:
    """Return each group's sum of relevance times the weight of its place, tied examples sharing their places alike.

    McSherry and Najork (2008), "Computing information retrieval performance measures efficiently in the presence of
    tied scores": the mean over all orders of the ties.
    """
    size = np.bincount(of.block)
    mean = np.bincount(of.block, weights=of.relevance) / size
    weight = np.bincount(of.block, weights=weights)
    group = of.group[np.append(True, of.block[1:] != of.block[:-1])]
    return np.bincount(group, weights=mean * weight).astype(np.float64)


def ndcg(of: Ranked, *, k: int | None = None) -> Floats:
    """Return each group's normalised discounted cumulative gain (Järvelin and Kekäläinen 2002); 0 without relevance."""
    weights = np.where(of.place < (k or len(of.place)), 1 / np.log2(of.place + 2.0), 0.0)
    ideal = ranked(of.relevance, of.relevance, of.group)
    best = np.bincount(ideal.group, weights=ideal.relevance * weights)
    value: Floats = np.where(best > 0, gains(of, weights) / np.where(best > 0, best, 1.0), 0.0)
    return value


def reciprocal_rank(of: Ranked, *, k: int | None = None) -> Floats:
    """Return 1 / the place of each group's first relevant example, behind all irrelevant ones that it ties with."""
    relevant = of.relevance > 0
    behind = np.bincount(of.block, weights=~relevant)
    starts = np.flatnonzero(np.append(True, of.block[1:] != of.block[:-1]))
    rank = of.place[starts][of.block] + behind[of.block] + 1
    value = np.zeros(int(of.group[-1]) + 1)
    np.maximum.at(value, of.group, np.where(relevant & (rank <= (k or np.inf)), 1 / rank, 0.0))
    return value


def recall(of: Ranked, *, k: int = 10) -> Floats:
    """Return the share of relevant examples among the first `k`, of each group that has any, in order."""
    relevant = Ranked(relevance=(of.relevance > 0).astype(float), group=of.group, place=of.place, block=of.block)
    total = np.bincount(relevant.group, weights=relevant.relevance)
    found = gains(relevant, (of.place < k).astype(float))
    value: Floats = found[total > 0] / total[total > 0]
    return value


def mrr_test(part: Part, *, k: int | None = None) -> Measured:
    """Measure the mean reciprocal rank: paired t over groups."""
    return _mean(part, lambda of: reciprocal_rank(of, k=k))


def ndcg_test(part: Part, *, k: int | None = None) -> Measured:
    """Measure the normalised discounted cumulative gain: paired t over groups."""
    return _mean(part, lambda of: ndcg(of, k=k))


def recall_at_k_test(part: Part, *, k: int = 10) -> Measured:
    """Measure the share of relevant examples among the first: paired t over groups that have any."""
    return _mean(part, lambda of: recall(of, k=k), relevant_only=True)


def _mean(part: Part, values: Callable[[Ranked], Floats], *, relevant_only: bool = False) -> Measured:
    of = part.ranking
    if of.relevance.min(initial=0) < 0:
        raise NotMeasurableError("a label is below 0, and labels say how relevant an example is")
    before, after = (values(ranked(of.relevance, side, of.group)) for side in (of.before, of.after))
    if not len(before):
        raise NotMeasurableError("no example is relevant")
    drop = before - after

    def influence() -> Floats:
        """Share what a group adds to the drop among its examples."""
        group = np.unique(of.group, return_inverse=True)[1]
        size = np.bincount(group)
        counted = np.bincount(group, weights=of.relevance) > 0 if relevant_only else np.full(len(size), fill_value=True)
        added = np.zeros(len(size))
        added[counted] = (drop - drop.mean()) * len(part) / len(drop)
        each: Floats = (added / size)[group]
        return each

    return Measured(
        baseline=float(before.mean()),
        candidate=float(after.mean()),
        higher_is_better=True,
        evidence=lambda: mean_evidence(drop),
        influence=influence,
    )
