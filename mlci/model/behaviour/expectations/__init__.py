"""What may be expected of a prediction, on its own or beside the prediction of the unchanged input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlci.metrics.scorer import Label
from mlci.model.predictions import Prediction
from mlci.registry import Registry

__all__ = ["EXPECTATIONS", "Expectation", "Judge", "expectation"]

Judge = Callable[[tuple[Prediction, ...], "Label | None"], tuple["bool | None", ...]]
"""Judges the predictions of one case: the first is that of the original where the case has one.

The second argument is the case's own label. The answer has one entry for each prediction looked at: whether it is
as expected, or None where the expectation does not apply.
"""


@dataclass(frozen=True)
class Expectation:
    """One kind of expectation; its docstring is its function's."""

    name: str
    build: Callable[..., Callable[..., Any]]
    """Makes the judgement of one pair (original, changed, label) out of the settings."""
    compares: bool
    """Whether it needs an original to compare with."""
    whole: bool = False
    """Whether it judges all predictions of a case at once, instead of pair by pair."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.build.__doc__)

    def __call__(self, **settings: Any) -> Callable[..., Any]:
        """Return the judgement with these settings."""
        return self.build(**settings)


EXPECTATIONS: Registry[Expectation] = Registry("behaviour expectation", "mlci.model.behaviour.expectations")


def expectation(
    name: str, *, compares: bool, whole: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function under `name`."""

    def register(build: Callable[..., Any]) -> Callable[..., Any]:
        EXPECTATIONS.register(name, Expectation(name=name, build=build, compares=compares, whole=whole))
        return build

    return register
