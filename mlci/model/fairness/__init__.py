"""Fairness: how far groups are treated apart, each measure with an interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlci.model.fairness.rates import Between, Rate
from mlci.registry import Registry

__all__ = ["MEASURES", "Measure", "measure"]

Kind = str
"""Of whom a rate is the share that gets the favourable prediction: `all`, `positive` or `negative` examples."""
Combine = Callable[[Sequence[Between]], Between]


@dataclass(frozen=True)
class Measure:
    """One measure between groups; its docstring is its function's."""

    name: str
    of: tuple[Kind, ...]
    """The rates that it compares."""
    compare: Callable[[Mapping[str, Rate], float], Between]
    """Compares one kind of rate between groups, at a confidence."""
    worst: Combine
    """Takes the worst of several kinds."""
    higher_is_better: bool
    doc: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.doc)

    def __call__(self, rates: Mapping[Kind, Mapping[str, Rate]], *, confidence: float = 0.95) -> Between:
        """Return the measure with its interval; `rates` has those of each kind by group, at least two of each.

        Where several kinds are combined each has its share of the error, so that the interval holds for the worst.
        """
        share = 1 - (1 - confidence) / len(self.of)
        return self.worst([self.compare(rates[kind], share) for kind in self.of])


MEASURES: Registry[Measure] = Registry("fairness measure", "mlci.model.fairness")


def measure(name: str, measure: Measure) -> None:
    """Register a measure under `name`."""
    MEASURES.register(name, measure)
