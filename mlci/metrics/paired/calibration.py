"""The expected calibration error: how far the confidence of predictions is from how often they are right."""

from __future__ import annotations

import math

import numpy as np

from mlci.metrics.paired.probability import as_probability
from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured
from mlci.statistics.paired import UNCHANGED, Bools, Evidence, Floats, Ints, floored, t_evidence


def binned(confidence: Floats, bins: int) -> Ints:
    """Return the number of each confidence's bin, `bins` of one width from 0 to 1; 1 is in the last."""
    number: Ints = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    return number


def gaps(confidence: Floats, right: Bools, bins: int) -> tuple[float, Floats]:
    """Return the expected calibration error, and what each example adds to n times it.

    Guo et al. (2017): the mean over examples of the distance between a bin's mean confidence and its accuracy. An
    example adds its own distance, with the sign of that of its bin.
    """
    number = binned(confidence, bins)
    excess = right - confidence
    signs = np.sign(np.bincount(number, weights=excess, minlength=bins))
    added: Floats = signs[number] * excess
    return float(added.mean()), added


def most_confident(probabilities: Floats, label: Ints) -> tuple[Floats, Bools]:
    """Return the largest probability of each row of (examples, classes), and whether it is that of the label."""
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == label


def expected_calibration_error(part: Part, *, bins: int = 10) -> Measured:
    """Measure the expected calibration error: influence function, the signs of the bins' gaps being given."""
    if part.examples.has_a_score_for_each_class:
        rows = part.probabilities
        label, sides = rows.label, (rows.before, rows.after)
    else:
        scores = part.scores
        as_probability(scores.before), as_probability(scores.after)
        label = scores.positive.astype(np.int64)
        sides = (np.stack([1 - scores.before, scores.before], 1), np.stack([1 - scores.after, scores.after], 1))
    (then, before), (now, after) = (gaps(*most_confident(side, label), bins) for side in sides)
    change = after - before
    changed = int((sides[0] != sides[1]).any(axis=1).sum())

    def evidence() -> Evidence:
        if not changed:
            return UNCHANGED
        error = float(change.std(ddof=1)) / math.sqrt(len(change)) if len(change) > 1 else math.inf
        return floored(t_evidence(now - then, error, len(change) - 1), changed)

    return Measured(
        baseline=then,
        candidate=now,
        higher_is_better=False,
        evidence=evidence,
        influence=lambda: change - change.mean(),
    )
