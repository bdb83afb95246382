"""One training of a recipe: the numbers of the model that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """One training, by a seed where one is given; its numbers are one draw of what the recipe gives."""

    __pydantic_config__ = READ

    said: str
    """A digest of all that its model predicted: two trainings of one digest gave one and the same model."""
    values: tuple[tuple[str, str | None, float], ...]
    """Its numbers: the metric's dotted name, the slice (nothing for all examples) and the value."""
    seed: int | None = None
    """The seed, where the configuration gives seeds."""

    def value(self, metric: str, part: str | None) -> float | None:
        """Return a number of it; None where it was not computed."""
        return next((value for name, own, value in self.values if (name, own) == (metric, part)), None)
