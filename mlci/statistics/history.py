"""Judging a retrained model by the runs before it, where the noise of seeds counts."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from scipy.special import stdtrit

from mlci.statistics.paired import CONFIDENCE, Evidence, t_evidence

FEWEST_RUNS = 5


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
