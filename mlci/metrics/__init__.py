"""Metrics under scikit-learn's names: each is one function of what is true and what was predicted."""

from __future__ import annotations

from mlci.metrics.scorer import Sample, Scorer
from mlci.registry import Registry

__all__ = ["METRICS", "Sample", "Scorer"]

METRICS: Registry[Scorer] = Registry("metric", "mlci.metrics")
