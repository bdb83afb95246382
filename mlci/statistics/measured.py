"""One metric on one part of the examples, before it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlci.statistics.paired import Evidence, Floats, Ints, cluster_evidence


class NotMeasurableError(Exception):
    """The metric has no value on these examples; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A metric's two values, and what it takes to judge their difference."""

    baseline: float
    candidate: float
    higher_is_better: bool
    evidence: Callable[[], Evidence]
    """The metric's own paired test, for independent examples."""
    influence: Callable[[], Floats]
    """What each example adds to n times the drop beyond its mean; used where examples come in clusters."""
    clustered: Callable[[Ints], Evidence] | None = None
    """The metric's own test for examples in clusters, where the influence alone does not tell enough."""

    @property
    def drop(self) -> float:
        """How much worse the candidate is; below 0 it is better."""
        change = self.baseline - self.candidate
        return change if self.higher_is_better else -change

    def judged(self, clusters: Ints | None) -> Evidence:
        """Return the evidence of the drop, `clusters` being the number of each example's cluster."""
        if clusters is None:
            return self.evidence()
        if self.clustered is not None:
            return self.clustered(clusters)
        return cluster_evidence(self.drop, self.influence(), clusters)
