"""Times of calls: percentiles, whether one is above its limit, whether one model is slower; pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

CONFIDENCE = 0.95
LEVEL = 0.01
"""A model that is exactly as much slower as it may be is called slower with at most this probability."""

Verdict = Literal["passed", "failed", "inconclusive"]


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile: the smallest of `seconds` that at least `share` of them do not exceed."""
    ordered = sorted(seconds)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def lower_bound(seconds: Sequence[float], share: float) -> float:
    """Return what the true percentile exceeds with 95 % confidence; 0 where so few calls say nothing.

    The order statistic whose rank the binomial distribution gives: nothing is assumed of how times are distributed.
    """
    from scipy.stats import binom

    rank = int(binom.ppf(1 - CONFIDENCE, len(seconds), share))
    return sorted(seconds)[rank - 1] if rank >= 1 else 0.0


def judge(seconds: Sequence[float], share: float, most: float) -> Verdict:
    """Judge a percentile against the most seconds it may be: failed only where chance does not explain it."""
    if percentile(seconds, share) <= most:
        return "passed"
    return "failed" if lower_bound(seconds, share) > most else "inconclusive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turns:
    """Two models measured in turns: what the rounds say together."""

    verdict: Verdict
    ratio: float
    """Median over the rounds of the time now as a multiple of the time before."""
    slower: int
    """Rounds in which the model now took more than it may."""
    rounds: int
    p_value: float
    """The chance of so many rounds if the model now took exactly what it may (sign test, one-sided)."""


def in_turns(before: Sequence[float], now: Sequence[float], allowed: float) -> Turns:
    """Judge the median times of each round, in pairs; `allowed` is the largest ratio that passes, as 1.2."""
    ratios = [new / old for old, new in zip(before, now, strict=True)]
    slower = sum(ratio > allowed for ratio in ratios)
    p_value = _at_least(slower, len(ratios))
    middle = median(ratios)
    verdict: Verdict = "passed" if middle <= allowed else "failed" if p_value <= LEVEL else "inconclusive"
    return Turns(verdict=verdict, ratio=middle, slower=slower, rounds=len(ratios), p_value=p_value)


def _at_least(successes: int, trials: int) -> float:
    """Return the probability of so many heads or more of a fair coin."""
    outcomes = sum(math.comb(trials, heads) for heads in range(successes, trials + 1))
    return float(outcomes / 2**trials)
