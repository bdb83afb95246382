"""How much a share of so many examples can say."""

from __future__ import annotations

from mlci.metrics.beta import beta_quantile


def exact_interval(successes: float, trials: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a binomial share (Clopper and Pearson 1934), for 0 or more trials.

    Both counts may be effective sizes, which are not whole numbers.
    """
    if trials <= 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = beta_quantile(tail, successes, trials - successes + 1) if successes > 0 else 0.0
    high = beta_quantile(1 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    return low, high
