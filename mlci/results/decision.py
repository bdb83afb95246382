"""What a decision tells beside the numbers: waivers, changed predictions, and how numbers went so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Waived:
    """A waiver, and what became of it in this run."""

    __pydantic_config__ = READ

    metric: str
    """The number that it is about."""
    status: Literal["warned", "failed"]
    """`failed` when it has expired."""
    note: str
    """What it did, or why it did nothing."""
    max_loss: float | str
    """The largest drop accepted."""
    reason: str
    """Why it is accepted."""
    owner: str
    """Who answers for it."""
    until: str
    """The last day that it holds."""
    slice: str | None = None
    """The slice that it is about."""
    applied: bool = False
    """Whether a drop was let pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Churn:
    """How many predictions of a model changed, of the examples that both runs have."""

    __pydantic_config__ = READ

    model: str
    """The model."""
    n: int
    """Examples that both runs have."""
    changed: int
    """Those whose prediction changed."""
    newly_wrong: int | None = None
    """Those that were right and are wrong; nothing where predictions are numbers on a scale."""
    newly_right: int | None = None
    """Those that were wrong and are right."""
    file: str | None = None
    """The CSV file in the report folder that lists them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A number as one run of the past has stored it."""

    __pydantic_config__ = READ

    value: float
    """The value."""
    commit: str | None = None
    """The commit that it belongs to."""
    created: str | None = None
    """When it was computed, in UTC by ISO 8601."""
    broken: str | None = None
    """Why it is about something else than the point before it: other evaluation data, labels or metric code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """How a number went: what was stored of it, the oldest first, and this run's value last."""

    __pydantic_config__ = READ

    metric: str
    """The number's dotted name."""
    points: tuple[Point, ...]
    """Its values."""
    spread: float | None = None
    """The standard deviation of the stored values from run to run; of the last two or more that are comparable."""
    higher_is_better: bool | None = None
    """Its direction, where it has one."""
