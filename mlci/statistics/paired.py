"""Tests of a paired difference; every p-value is one-sided, small where the candidate is worse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, ndtr, ndtri, stdtr, stdtrit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CONFIDENCE = 0.95
ROUNDING = 1e-9
FEWEST_ALIKE = 5
MOST_ATTAINABLE = 100
"""With more changed examples than that, p-values lie so close that they count as any number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attainable:
    """The p-values that a test of few changed examples can have, and how likely each or a smaller one is by chance."""

    p_values: Floats
    """Ascending."""
    chances: Floats
    """Of that p-value or a smaller one, where the change is harmless; the last is 1."""

    def at(self, quantiles: Floats) -> Floats:
        """Return the p-values at these quantiles, each from 0 to 1."""
        found: Floats = self.p_values[np.searchsorted(self.chances[:-1], quantiles)]
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a test says of one drop."""

    p_value: float
    """One-sided."""
    standard_error: float
    """Of the drop; infinite where there is too little to estimate it."""
    upper_bound: float
    """The drop is at most this, with 95 % confidence."""
    attainable: Attainable | None = None
    """The p-values that there can be, where they are few; without it, every one."""


UNCHANGED = Evidence(p_value=1.0, standard_error=0.0, upper_bound=0.0)


def mcnemar(newly_wrong: int, newly_right: int) -> float:
    """Return the one-sided mid-p value of McNemar's test, from the two counts of examples that changed.

    Fagerland, Lydersen, Laake (2013), "The McNemar test for binary matched-pairs data": mid-p and asymptotic are
    better than exact conditional. P(X > b) + P(X = b) / 2 for X binomial of the changed examples and 1/2.
    """
    changed = newly_wrong + newly_right
    if changed == 0:
        return 1.0
    at_least = float(bdtrc(newly_wrong - 1, changed, 0.5)) if newly_wrong else 1.0
    return (float(bdtrc(newly_wrong, changed, 0.5)) + at_least) / 2


def mcnemar_attainable(changed: int) -> Attainable | None:
    """Return the p-values that `mcnemar` can give for so many changed examples, where they are few."""
    if not 0 < changed <= MOST_ATTAINABLE:
        return None
    wrong = np.arange(changed, -1, -1)
    chances = np.where(wrong > 0, bdtrc(wrong - 1, changed, 0.5), 1.0)
    beyond = bdtrc(wrong, changed, 0.5)
    return Attainable(p_values=(chances + beyond) / 2, chances=chances)


def bonett_price(newly_wrong: int, newly_right: int, n: int) -> tuple[float, float]:
    """Return centre and standard error of the drop of a share among `n` pairs.

    Bonett and Price (2012), "Adjusted Wald confidence interval for a difference of binomial proportions based on
    paired data": one is added to both counts of changed pairs and two to the pairs.
    """
    wrong, right = (newly_wrong + 1) / (n + 2), (newly_right + 1) / (n + 2)
    return wrong - right, math.sqrt((wrong + right - (wrong - right) ** 2) / (n + 2))


def share_evidence(newly_wrong: int, newly_right: int, n: int) -> Evidence:
    """Judge a drop of a share of `n` pairs: mid-p McNemar, and the bound of Bonett and Price."""
    centre, error = bonett_price(newly_wrong, newly_right, n)
    if newly_wrong + newly_right == 0:
        return Evidence(p_value=1.0, standard_error=error, upper_bound=0.0)
    return Evidence(
        p_value=mcnemar(newly_wrong, newly_right),
        standard_error=error,
        upper_bound=centre + float(ndtri(CONFIDENCE)) * error,
        attainable=mcnemar_attainable(newly_wrong + newly_right),
    )


def t_evidence(drop: float, standard_error: float, degrees: float) -> Evidence:
    """Judge a drop whose ratio to its standard error follows Student's t with `degrees` of freedom.

    Infinite degrees are the normal distribution. Below one degree nothing can be said: p is 1 and the bound infinite.
    """
    if degrees < 1 - ROUNDING:
        return Evidence(p_value=1.0, standard_error=math.inf, upper_bound=math.inf)
    if standard_error == 0:
        return Evidence(p_value=0.0 if drop > 0 else 1.0, standard_error=0.0, upper_bound=drop)
    ratio = drop / standard_error
    normal = math.isinf(degrees)
    quantile = float(ndtri(CONFIDENCE) if normal else stdtrit(degrees, CONFIDENCE))
    return Evidence(
        p_value=float(ndtr(-ratio) if normal else stdtr(degrees, -ratio)),
        standard_error=standard_error,
        upper_bound=drop + quantile * standard_error,
    )


def mean_evidence(differences: Floats) -> Evidence:
    """Judge the mean of paired differences by Student's paired t-test (1908); above 0 is worse."""
    n = len(differences)
    if n == 0 or not differences.any():
        return UNCHANGED
    drop, changed = float(differences.mean()), int(np.count_nonzero(differences))
    spread = rounded_off(float(differences.std(ddof=1)), differences) if n > 1 else 0.0
    if spread == 0 and changed < FEWEST_ALIKE:
        return t_evidence(drop, math.inf, 0)
    return floored(t_evidence(drop, spread / math.sqrt(n), n - 1), changed)


def floored(evidence: Evidence, changed: int) -> Evidence:
    """Return the evidence with a p-value no smaller than that many changed examples can give.

    If each of them was as likely to change for the better, all of them change for the worse with probability
    1/2^changed; a standard error estimated from very few, or from values that repeat, can claim less than that.
    """
    return replace(evidence, p_value=max(evidence.p_value, 0.5**changed))


def rounded_off(spread: float, values: Floats) -> float:
    """Return `spread`, or 0 where it is no more than the rounding of `values` that are all the same."""
    return 0.0 if spread <= 4 * np.finfo(float).eps * float(np.abs(values).max()) else spread


def cluster_evidence(drop: float, influence: Floats, clusters: Ints) -> Evidence:
    """Judge a drop whose examples come in clusters, each of which may be right or wrong as a whole.

    `influence` is what each example adds to `n` times the drop beyond its mean, so it sums to 0. Student's t on the
    sums of the clusters: the t-test of cluster means where clusters are of one size. Where they are not, each sum is
    scaled for its cluster's weight in the mean (CR2; Bell and McCaffrey 2002) and the degrees are those of the
    effective number of clusters, (sum of sizes)^2 / sum of squares, less one (Carter, Schnepel, Steigerwald 2017).
    """
    sizes = np.bincount(clusters)
    n, effective = len(influence), len(influence) ** 2 / float((sizes**2).sum())
    if not influence.any():
        alike = t_evidence(drop, 0.0, effective - 1)
        return UNCHANGED if drop == 0 else floored(alike, int((sizes > 0).sum()))
    if int((sizes > 0).sum()) < 2:  # noqa: PLR2004 - a spread needs two
        return t_evidence(drop, math.inf, 0)
    squares = np.bincount(clusters, weights=influence) ** 2 / (1 - sizes / n)
    return t_evidence(drop, math.sqrt(float(squares.sum())) / n, effective - 1)


def corpus_p_value(
    statistic: Callable[[Sequence[Any]], float],
    baseline: Sequence[Any],
    candidate: Sequence[Any],
    *,
    higher_is_better: bool = True,
    resamples: int = 9_999,
    seed: int = 0,
) -> float:
    """Return the one-sided p-value of a metric that exists only for a whole corpus, as BLEU does.

    `statistic` gets one side's outputs, paired by position, and returns the metric; outputs are swapped within pairs by
    `scipy.stats.permutation_test(permutation_type="samples")` (approximate randomisation, Noreen 1989).
    """
    from scipy.stats import permutation_test

    sign = 1.0 if higher_is_better else -1.0
    index = np.arange(2 * len(baseline))
    outputs = [*baseline, *candidate]

    def drop(before: Ints, after: Ints) -> float:
        return sign * (statistic([outputs[i] for i in before]) - statistic([outputs[i] for i in after]))

    result = permutation_test(
        (index[: len(baseline)], index[len(baseline) :]),
        drop,
        permutation_type="samples",
        vectorized=False,
        n_resamples=resamples,
        alternative="greater",
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)
