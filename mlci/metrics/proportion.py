"""How much a share of so many examples can say."""

from __future__ import annotations

from mlci.errors import CannotRun
from mlci.metrics.scorer import INSTALL


def exact_interval(successes: float, trials: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a binomial share (Clopper and Pearson 1934), for 0 or more trials.

    Both counts may be effective sizes, which are not whole numbers. Raises `CannotRun` without SciPy.
    """
    if trials <= 0:
        return 0.0, 1.0
    try:
        from scipy.special import betaincinv
    except ImportError:
        raise CannotRun("intervals need SciPy, which is not installed", fix=INSTALL) from None
    tail = (1 - confidence) / 2
    low = float(betaincinv(successes, trials - successes + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    return low, high
