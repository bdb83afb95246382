"""Clusters of mistakes: regions of the features where more is wrong than elsewhere, found on half of the examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlci.statistics.discovery.confirm import confirmed
from mlci.statistics.discovery.search import standardised
from mlci.statistics.paired import Bools, Floats, Ints

SEED = 0
FEWEST = 10
"""Mistakes that a cluster starts from."""
NUMBERS = (2, 4, 8)
"""How many clusters are tried at once."""
REACH = (0.5, 0.8)
"""A region reaches as far as that share of its cluster's mistakes."""
TESTED = 5
COPY = 0.5
LEVEL = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A region with more than its share of mistakes."""

    inside: Bools
    error: float
    """Mean error of its examples."""
    elsewhere: float
    p_value: float
    """Corrected for every region that was tested."""


def clusters(points: Floats, errors: Floats, *, level: float = LEVEL) -> tuple[Cluster, ...]:
    """Return the confirmed clusters of mistakes, surest first; with at most `level` chance of any where there is none.

    `points` is an array of (examples, features), `errors` an error for each. K-means on the mistakes of one half gives
    regions, the best of which are tested on the other half; then the halves change over.
    """
    if len(errors) < 4 * FEWEST or float(errors.var()) == 0:
        return ()
    order = np.random.default_rng(SEED).permutation(len(errors))
    halves = (np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :]))
    found = [each for one, other in (halves, halves[::-1]) for each in _confirmed(points, errors, one, other, level)]
    return tuple(_without_copies(found))


def _confirmed(points: Floats, errors: Floats, explore: Ints, test: Ints, level: float) -> Iterator[Cluster]:
    regions = _best(list(_regions(points, errors, explore)), errors, explore)
    values = confirmed([inside[test] for inside in regions], errors[test], level=level / 2)
    for inside, value in zip(regions, values, strict=True):
        if value <= level / 2:
            error, elsewhere = float(errors[inside].mean()), float(errors[~inside].mean())
            yield Cluster(inside=inside, error=error, elsewhere=elsewhere, p_value=min(1.0, 2 * value))


def _regions(points: Floats, errors: Floats, explore: Ints) -> Iterator[Bools]:
    """Yield, as truth values over all examples, balls around the centres of the mistakes of `explore`."""
    from sklearn.cluster import KMeans

    wrong = explore[errors[explore] > errors[explore].mean()]
    if len(wrong) < FEWEST:
        return
    for number in NUMBERS:
        if len(wrong) < number * FEWEST:
            continue
        fitted = KMeans(number, n_init=3, random_state=SEED).fit(points[wrong])
        for at, centre in enumerate(fitted.cluster_centers_):
            distance = np.linalg.norm(points - centre, axis=1)
            own = distance[wrong[fitted.labels_ == at]]
            for share in REACH if len(own) >= FEWEST else ():
                yield distance <= float(np.quantile(own, share))


def _best(regions: Sequence[Bools], errors: Floats, explore: Ints) -> list[Bools]:
    """Return the regions with the largest excess of errors on `explore`, best first, without near copies."""
    if not regions:
        return []
    rest = errors[explore]
    sizes = np.asarray([inside[explore].sum() for inside in regions], dtype=float)
    excess = np.asarray([(rest[inside[explore]] - rest.mean()).sum() for inside in regions])
    scores = standardised(sizes, excess, n=len(explore), variance=float(rest.var()))
    kept: list[Bools] = []
    for at in np.argsort(-scores, kind="stable").tolist():
        if scores[at] > 0 and sizes[at] >= FEWEST and not any(_overlap(regions[at], other) > COPY for other in kept):
            kept.append(regions[at])
    return kept[:TESTED]


def _without_copies(found: Sequence[Cluster]) -> list[Cluster]:
    kept: list[Cluster] = []
    for each in sorted(found, key=lambda one: (one.p_value, -one.error)):
        if not any(_overlap(each.inside, other.inside) > COPY for other in kept):
            kept.append(each)
    return kept


def _overlap(one: Bools, other: Bools) -> float:
    return float((one & other).sum()) / max(1, min(int(one.sum()), int(other.sum())))
