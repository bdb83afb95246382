"""Perturbations: small changes of an input that should, or should not, change what a model says.

Each is a pure function of the input, a random generator and its own settings. Each says where it changes
nothing, and can be asked whether it applies to an input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from mlci.registry import Registry

Kind = Literal["text", "row", "image"]
Learn = Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any]], Mapping[str, Any]]

__all__ = ["PERTURBATIONS", "Perturbation", "find", "perturbation"]


@dataclass(frozen=True)
class Perturbation:
    """One perturbation; its docstring is its function's."""

    name: str
    of: Kind
    """What it changes: a text, a row (a mapping of columns to values), or an image file."""
    function: Callable[..., Any]
    unchanged: str
    """Its no-op rule in words: where it changes nothing."""
    applies: Callable[..., bool]
    """Its no-op rule as a predicate of the input and the settings: whether there is anything to change."""
    learn: Learn | None = None
    """Fills in settings that depend on all rows of a test, such as the categories of a column."""
    in_worker: bool = False
    """Whether it is the project's own: an image is then given by its path, with the folder for changed ones."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.function.__doc__)

    def __call__(self, value: Any, rng: Random, **settings: Any) -> Any:
        """Return the changed input; an equal one where there is nothing to change."""
        return self.function(value, rng, **settings) if self.applies(value, **settings) else value


PERTURBATIONS: Registry[Perturbation] = Registry("perturbation", "mlci.perturbations")


def perturbation(
    name: str, *, of: Kind, unchanged: str, applies: Callable[..., bool], learn: Learn | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function under `name`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        entry = Perturbation(name=name, of=of, function=function, unchanged=unchanged, applies=applies, learn=learn)
        PERTURBATIONS.register(name, entry)
        return function

    return register


def find(name: str) -> Perturbation:
    """Return the perturbation called `name`, dashes and underscores alike; raise `UsageError` when there is none."""
    return PERTURBATIONS[name.replace("_", "-")]
