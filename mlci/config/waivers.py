"""What `waivers:` says: losses that are accepted for a time."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.config.common import CHECKED, ruled


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A loss that is accepted until a date: a drop up to it warns and does not block."""

    __pydantic_config__ = CHECKED
    __rules__ = ruled(named="metric slice", lower="max_loss", earlier="until", shown="reason owner")

    metric: str
    """The number's dotted name, as `model.topics.accuracy`."""
    slice: str | None = None
    """The slice that it is about, as reports name it; without it, all examples."""
    max_loss: float | str
    """The largest drop accepted: in the number's own unit, or relative to the baseline as `2%`."""
    reason: str
    """Why it is accepted."""
    owner: str
    """Who answers for it."""
    until: str
    """The last day that it holds, in UTC, as `2026-12-31`; past it the waiver fails."""
