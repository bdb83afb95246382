"""What the parts of the configuration share: how keys are read, severities, and limits on a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


def _key(attribute: str) -> str:
    return attribute.replace("_", "-")


CHECKED: dict[str, Any] = {
    "allow_inf_nan": False,
    "extra": "forbid",
    "alias_generator": _key,
    "use_attribute_docstrings": True,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a number must keep to."""

    __pydantic_config__ = CHECKED

    min: float | None = None
    """Smallest value that passes."""
    max: float | None = None
    """Largest value that passes."""
    max_drop: float | str | None = None
    """How much worse than the baseline it may get: in its own unit, or relative to the baseline as `2%`."""
    direction: Literal["higher", "lower"] | None = None
    """Which way is better; known for registered metrics, needed for any other number with a `max-drop`."""
    severity: Severity = "error"
    """`warning` reports and does not block."""
