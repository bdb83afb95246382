"""Metrics under scikit-learn's names: each has a value, a direction and a paired test, which needs more libraries."""

from __future__ import annotations

from mlci.metrics.scorer import PairedTest, Sample, Scorer
from mlci.registry import Registry

__all__ = ["METRICS", "PairedTest", "Sample", "Scorer"]

METRICS: Registry[Scorer] = Registry("metric", "mlci.metrics")
