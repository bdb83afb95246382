"""Metrics that can be judged paired, by scikit-learn's names: each takes a `Part` and measures both sides of it."""

from __future__ import annotations

from collections.abc import Callable

from mlci.registry import Registry
from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured

PairedMetric = Callable[[Part], Measured]

METRICS: Registry[PairedMetric] = Registry("paired metric", "mlci.statistics.metrics")


def metric(function: PairedMetric) -> PairedMetric:
    """Register a paired metric under its function's name."""
    return METRICS.register(function.__name__, function)
