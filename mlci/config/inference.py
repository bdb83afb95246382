"""Checks of inference itself: what a model does with inputs as such, how fast, and how large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlci.config.common import CHECKED, Severity, ruled

Odd = Literal["empty", "long", "unicode", "missing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inference:
    """What must hold of predictions whatever they are: they load, are valid, repeat, and do not depend on the batch."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        higher="examples long min", lower="tolerance max", more="robust_to", other="labels", severity="severity"
    )

    examples: int = 32
    """How many inputs these checks are made on, drawn by `seed`."""
    tolerance: float = 1e-4
    """How far a probability or a number may lie from itself, alone or in a batch, once or again; relative above 1."""
    robust_to: tuple[Odd, ...] = ("empty", "long", "unicode")
    """Inputs that must be answered: empty and very long texts, odd Unicode, and `missing` values."""
    long: int = 20_000
    """The characters of a very long text."""
    labels: tuple[str | int | bool, ...] = ()
    """The labels that there are; any when left out."""
    min: float | None = None
    """The smallest number that may be predicted."""
    max: float | None = None
    """The largest number that may be predicted."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Latency:
    """Limits on the time of a call, measured where the model runs."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(
        lower="p50_ms p95_ms p99_ms max_drop",
        higher="throughput",
        other="batch_size calls warm_up rounds",
        severity="severity",
    )

    p50_ms: float | None = None
    """Most milliseconds of the median call."""
    p95_ms: float | None = None
    """Most milliseconds that 95 % of calls stay below."""
    p99_ms: float | None = None
    """Most milliseconds that 99 % of calls stay below."""
    throughput: float | None = None
    """Fewest inputs a second."""
    max_drop: str | None = None
    """How much slower than the base's model, measured in turns with it, as `20%`; needs `baseline: {recompute}`."""
    batch_size: int = 1
    """Inputs of one call."""
    calls: int = 200
    """Calls that are measured; fewer where they take longer than `timeout` together."""
    warm_up: int = 10
    """Calls before those, which are not counted."""
    rounds: int = 20
    """Turns that the two models are measured in."""
    severity: Severity = "error"
    """`warning` reports and does not block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SizeLimits:
    """Limits on a number of bytes."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(lower="max max_drop", severity="severity")

    max: str | None = None
    """The largest size that passes, as `50MB` or `1GiB`."""
    max_drop: str | None = None
    """How much larger than the baseline it may get, as `10%`."""
    severity: Severity = "error"
    """`warning` reports and does not block."""
