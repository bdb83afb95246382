"""Settings with which an expectation could never fail, or never hold, are mistakes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlci.errors import UsageError


def check_settings(of: str, settings: Mapping[str, Any]) -> None:
    """Raise `UsageError` for NaN, for a tolerance that is no distance, and for a score of nothing."""
    for name, value in settings.items():
        if isinstance(value, float) and math.isnan(value):
            raise UsageError(f"{of}: {name} is NaN, which nothing equals")
        if name in ("tolerance", "by", "relative") and not 0 <= value < math.inf:
            raise UsageError(f"{of}: {name} is a number from 0 on, not {value!r}")
        if name == "score" and value is not None and not _weighs(value.values()):
            raise UsageError(f"{of}: score gives at least one class a weight, as {{positive: 1}}, not {value!r}")


def _weighs(weights: Any) -> bool:
    return any(weights) and all(map(math.isfinite, weights))


def check_range(of: str, low: float | None, high: float | None) -> None:
    """Raise `UsageError` unless at least one end is given and they are in order."""
    if low is None and high is None:
        raise UsageError(f"{of}: give `min`, `max` or both")
    if low is not None and high is not None and low > high:
        raise UsageError(f"{of}: min is {low:g} and max {high:g}: no number lies between")
