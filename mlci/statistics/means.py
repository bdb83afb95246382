"""Metrics that are the mean of a number for each example, whatever the number is."""

from __future__ import annotations

from mlci.statistics.examples import PairedMetric, Part
from mlci.statistics.measured import Measured
from mlci.statistics.paired import Floats, mean_evidence


def mean_of(before: Floats, after: Floats, *, higher_is_better: bool) -> PairedMetric:
    """Return what measures the mean of the numbers of all examples, `before` and `after`: a paired t-test."""

    def measure(part: Part) -> Measured:
        old, new = part.of(before), part.of(after)
        drop = old - new if higher_is_better else new - old
        return Measured(
            baseline=float(old.mean()),
            candidate=float(new.mean()),
            higher_is_better=higher_is_better,
            evidence=lambda: mean_evidence(drop),
            influence=lambda: drop - drop.mean(),
        )

    return measure
