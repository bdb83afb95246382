"""Judging a retrained model by the runs before it, where the noise of seeds counts."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from scipy.special import stdtrit

from mlci.statistics.paired import CONFIDENCE, ROUNDING, Evidence, t_evidence

FEWEST_RUNS = 5
FEWEST_TRAININGS = FEWEST_RUNS + 1
"""Before and now together; five before and one now are the fewest of `FEWEST_RUNS`."""


def predicted_from_history(history: Sequence[float], value: float, *, higher_is_better: bool) -> Evidence | None:
    """Judge `value` as one more draw from the runs since the last accepted baseline; None below five of them.

    The drop is from their mean, with the standard error s * sqrt(1 + 1/h) of a new run (Student's t with h - 1
    degrees; Hahn and Meeker 1991, prediction of one future observation).
    """
    runs = len(history)
    if runs < FEWEST_RUNS or not all(map(math.isfinite, (*history, value))):
        return None
    mean = statistics.fmean(history)
    drop = mean - value if higher_is_better else value - mean
    return t_evidence(drop, statistics.stdev(history) * math.sqrt(1 + 1 / runs), runs - 1)


def prediction_limit(history: Sequence[float], *, level: float = 1 - CONFIDENCE) -> float:
    """Return the value that one more run falls below with probability `level`: mean - t(h-1) * s * sqrt(1 + 1/h)."""
    runs = len(history)
    spread = statistics.stdev(history) * math.sqrt(1 + 1 / runs)
    return statistics.fmean(history) - float(stdtrit(runs - 1, 1 - level)) * spread


def compared_trainings(
    before: Sequence[float],
    now: Sequence[float],
    others: Sequence[float] = (),
    *,
    higher_is_better: bool,
    unit: float = 0.0,
) -> Evidence | None:
    """Judge whether trainings `now` are worse than those `before`; None below six trainings that tell of the noise.

    Student's t-test of two samples (1908), their standard deviation pooled over both and `others`, trainings of the
    same recipe at another level: s * sqrt(1/h + 1/k). With one training now it is the prediction of one more run.
    Where all are alike, s is what rounding to multiples of `unit` leaves: unit / sqrt(12).
    """
    samples = [sample for sample in (before, now, others) if sample]
    degrees = sum(len(sample) - 1 for sample in samples)
    if not before or not now or degrees < FEWEST_TRAININGS - 2:
        return None
    if not all(math.isfinite(value) for sample in samples for value in sample):
        return None
    squares = sum((value - statistics.fmean(sample)) ** 2 for sample in samples for value in sample)
    spread = math.sqrt(squares / degrees)
    drop = statistics.fmean(before) - statistics.fmean(now)
    spread = spread if spread > ROUNDING * max(map(abs, before)) else unit / math.sqrt(12)
    error = spread * math.sqrt(1 / len(before) + 1 / len(now))
    return t_evidence(drop if higher_is_better else -drop, error, degrees)
