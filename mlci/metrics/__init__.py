"""Metrics under scikit-learn's names: each has a value, a direction and a paired test, which needs more libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci.metrics.scorer import PairedTest, Sample, Scorer
from mlci.registry import Registry

__all__ = ["METRICS", "PairedTest", "Sample", "Scorer", "metric"]

METRICS: Registry[Scorer] = Registry("metric", "mlci.metrics")


def metric(name: str, settings: Mapping[str, Any]) -> Scorer:
    """Return the metric called `name`, or the one that `metric` among `settings` names, with the others filled in.

    Raises `UsageError` for an unknown metric, and for a setting that it does not take.
    """
    others = {key: value for key, value in settings.items() if key != "metric"}
    return METRICS[settings.get("metric", name)].bound(others)
