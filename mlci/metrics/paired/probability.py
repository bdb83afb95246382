"""Paired metrics of scores and probabilities."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from mlci.errors import UsageError
from mlci.metrics.paired.regression import mean_loss
from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured, NotMeasurableError
from mlci.statistics.paired import UNCHANGED, Evidence, Floats, floored, t_evidence
from mlci.statistics.ranking import auc_influence, codes_of, delong, placements
from mlci.statistics.ranking import average_precision as ap_of
from mlci.statistics.roc_swaps import swap_p_value
from mlci.statistics.shapes import Scores

SMALLEST = float(np.finfo(np.float64).eps)
SUM = 1e-3


def roc_auc(part: Part) -> Measured:
    """Probability that a positive example gets a higher score than a negative one: DeLong, swaps of few examples."""
    scores = _of_both_classes(part)
    before, after = (placements(codes, scores.positive) for codes in (scores.before_code, scores.after_code))
    changed = int(np.count_nonzero(scores.before != scores.after))

    def evidence() -> Evidence:
        by_delong = delong(before, after)
        if by_delong is UNCHANGED or changed == 0:
            return by_delong
        p_value = swap_p_value(
            scores.before_code,
            scores.after_code,
            scores.positive,
            beyond=by_delong.p_value,
            random=np.random.default_rng(0),
        )
        judged = by_delong if p_value is None else replace(by_delong, p_value=p_value)
        return floored(judged, changed)

    return Measured(
        baseline=before.auc,
        candidate=after.auc,
        higher_is_better=True,
        evidence=evidence,
        influence=lambda: auc_influence(before, scores.positive) - auc_influence(after, scores.positive),
    )


def average_precision(part: Part) -> Measured:
    """Area under the curve of precision against recall, by scikit-learn's step rule: influence function."""
    scores = _of_both_classes(part)
    then, before = ap_of(scores.before_code, scores.positive)
    now, after = ap_of(scores.after_code, scores.positive)
    changed = int(np.count_nonzero(scores.before != scores.after))
    return _from_influence(then, now, before - after, degrees=int(scores.positive.sum()) - 1, changed=changed)


def roc_auc_ovr(part: Part) -> Measured:
    """Mean area under the ROC curve of each label against the rest: influence function."""
    return _one_against_rest(part, weighted=False)


def roc_auc_ovr_weighted(part: Part) -> Measured:
    """Area under the ROC curve of each label against the rest, weighted by how often it is true: influence function."""
    return _one_against_rest(part, weighted=True)


def roc_auc_ovo(part: Part) -> Measured:
    """Mean area under the ROC curve of each pair of labels (Hand and Till 2001): influence function."""
    return _one_against_one(part, weighted=False)


def roc_auc_ovo_weighted(part: Part) -> Measured:
    """The same, pairs weighted by how often their labels are true: influence function."""
    return _one_against_one(part, weighted=True)


def log_loss(part: Part) -> Measured:
    """Mean negative logarithm of the probability given to the true label: paired t."""
    if not part.examples.has_a_score_for_each_class:
        scores = part.scores
        return mean_loss(*(_surprise(_of_true(side, scores)) for side in (scores.before, scores.after)))
    rows = part.probabilities
    index = np.arange(len(part)), rows.label
    return mean_loss(*(_surprise(_normalised(side)[index]) for side in (rows.before, rows.after)))


def brier_score(part: Part) -> Measured:
    """Mean squared distance between the probability of the positive label and what is true, 0 or 1: paired t."""
    scores = part.scores
    return mean_loss(*((1 - _of_true(side, scores)) ** 2 for side in (scores.before, scores.after)))


def _of_both_classes(part: Part) -> Scores:
    scores = part.scores
    found = int(scores.positive.sum())
    if found in (0, len(part)):
        raise NotMeasurableError(f"{'all' if found else 'none'} of the {len(part)} examples have the positive label")
    return scores


def _of_true(side: Floats, scores: Scores) -> Floats:
    return np.where(scores.positive, as_probability(side), 1 - side)


def as_probability(side: Floats) -> Floats:
    """Return the scores; raise `UsageError` where one lies outside 0 and 1."""
    if len(side) and (side.min() < 0 or side.max() > 1):
        raise UsageError(
            f"a score is {side.min() if side.min() < 0 else side.max():.6g}, and this metric needs probabilities.",
            fix="Give scores from 0 to 1.",
        )
    return side


def _normalised(rows: Floats) -> Floats:
    sums = as_probability(rows).sum(axis=1)
    if (np.abs(sums - 1) > SUM).any():
        raise UsageError("the probabilities of the classes do not sum to 1 in every example.")
    normal: Floats = rows / sums[:, None]
    return normal


def _surprise(probability: Floats) -> Floats:
    surprise: Floats = -np.log(np.clip(probability, SMALLEST, 1 - SMALLEST))
    return surprise


def _from_influence(then: float, now: float, influence: Floats, *, degrees: float, changed: int) -> Measured:
    def evidence() -> Evidence:
        if not influence.any():
            return UNCHANGED
        error = math.sqrt(float((influence**2).sum())) / len(influence)
        return floored(t_evidence(then - now, error, degrees), changed)

    return Measured(baseline=then, candidate=now, higher_is_better=True, evidence=evidence, influence=lambda: influence)


def _one_against_one(part: Part, *, weighted: bool) -> Measured:
    rows = part.probabilities
    n, classes = len(part), rows.before.shape[1]
    counts = np.bincount(rows.label, minlength=classes)
    if (counts == 0).any():
        raise NotMeasurableError("a label that has probabilities does not occur")
    values, influence = np.zeros(2), np.zeros(n)
    for one, other in itertools.combinations(range(classes), 2):
        among = np.flatnonzero((rows.label == one) | (rows.label == other))
        weight = len(among) / n / (classes - 1) if weighted else 2 / (classes * (classes - 1))
        for number in (one, other):
            positive = rows.label[among] == number
            sides = [placements(codes_of(side[among, number]), positive) for side in (rows.before, rows.after)]
            values += weight / 2 * np.asarray([side.auc for side in sides])
            change = auc_influence(sides[0], positive) - auc_influence(sides[1], positive)
            influence[among] += weight / 2 * change * n / len(among)
            if weighted:  # the weights are estimated too
                influence[among] += (sides[0].auc - sides[1].auc) / (classes - 1) / 2
    influence -= influence.mean()
    changed = int((rows.before != rows.after).any(axis=1).sum())
    then, now = values.tolist()
    return _from_influence(then, now, influence, degrees=int(counts.min()) - 1, changed=changed)


def _one_against_rest(part: Part, *, weighted: bool) -> Measured:
    rows = part.probabilities
    counts = np.bincount(rows.label, minlength=rows.before.shape[1])
    if (counts == 0).any():
        raise NotMeasurableError("a label that has probabilities does not occur")
    weights = counts / counts.sum() if weighted else np.full(len(counts), 1 / len(counts))
    then = now = 0.0
    influence = np.zeros(len(part))
    for number, weight in enumerate(weights):
        positive = rows.label == number
        before, after = (placements(codes_of(side[:, number]), positive) for side in (rows.before, rows.after))
        then, now = then + weight * before.auc, now + weight * after.auc
        influence += weight * (auc_influence(before, positive) - auc_influence(after, positive))
        if weighted:  # the weights are estimated too
            influence += positive * (before.auc - after.auc)
    influence -= influence.mean()
    changed = int((rows.before != rows.after).any(axis=1).sum())
    return _from_influence(float(then), float(now), influence, degrees=int(counts.min()) - 1, changed=changed)
