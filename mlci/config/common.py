"""What the parts of the configuration share: how keys are read, severities, and limits on a number."""

from __future__ import annotations

from collections.abc import Mapping
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


def ruled(**kinds: str) -> dict[str, str]:
    """Declare what the keys of a part are to the rules of a change: `ruled(higher="min", lower="max max_drop")`.

    Each name is a kind of `mlci/rules/kinds/`: which way a value is stricter, or that it is a `binding`, which is the
    change's own, or only `shown`. Every key has one.
    """
    found: dict[str, str] = {}
    for kind, names in kinds.items():
        for name in names.split():
            if name in found:
                raise ValueError(f"{name} is declared twice")
            found[name] = kind
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a number must keep to."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(higher="min", lower="max max_drop", other="direction", severity="severity")

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


def rules_of(part: type) -> Mapping[str, str]:
    """Return the kind of rule of each key of a part of the configuration, by attribute."""
    found: Mapping[str, str] = getattr(part, "__rules__", {})
    return found
