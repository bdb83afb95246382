"""The numbers of a run beside those of its baseline, and where the baseline came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlci.results.decision import Churn
from mlci.results.status import Status

# pydantic reads these where results are checked; unknown fields of a newer writer are ignored.
READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One number beside its baseline."""

    __pydantic_config__ = READ

    metric: str
    """The metric's dotted name."""
    status: Status
    """passed, failed, warned, skipped (nothing to compare with) or inconclusive."""
    slice: str | None = None
    """The slice, when it is one."""
    baseline: float | None = None
    """The value before."""
    candidate: float | None = None
    """The value now."""
    drop: float | None = None
    """How much worse it got in the metric's own direction; below 0 it got better."""
    max_drop: float | str | None = None
    """How much worse it may get."""
    n: int | None = None
    """Examples that the value now was computed on."""
    higher_is_better: bool | None = None
    """Its direction, where it has one."""
    p_value: float | None = None
    """Where examples were paired: how often a harmless change looks this much worse, corrected for all comparisons."""
    upper_bound: float | None = None
    """Where examples were paired: the drop is at most this, with 95 % confidence."""
    mde: float | None = None
    """Where examples were paired: the smallest true drop that so many examples show, with 80 % power."""
    rate: float | None = None
    """Where chance counts: the part of the false-alarm rate that `p_value` may be at most for a drop to fail."""
    level: float | None = None
    """Where chance counts: the part of `rate` that is this number's own, which `mde` is of."""
    strict: bool = False
    """Whether it fails too where it is not shown to be within its limit (`require: non-inferiority`)."""
    basis: str | None = None
    """What chance was judged by where that is not examples: the trainings of a recipe, before and now."""
    reason: str | None = None
    """Why it did not pass."""
    waiver: str | None = None
    """Until when, by whom and why the drop is accepted, where it is."""
    comparable: bool = True
    """Whether the baseline's number is about the same thing; where it is not, it is left out, and `reason` says why."""

    @property
    def verdict(self) -> str:
        """The status in words, or `not comparable`."""
        return self.status if self.comparable else "not comparable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One place where a baseline was looked for."""

    __pydantic_config__ = READ

    source: str
    """The place, as `mlci-baseline.json at 1a2b3c4`."""
    found: bool
    """Whether it had a baseline that can be compared with."""
    note: str = ""
    """What was found, or why not."""
    broken: bool = False
    """Something is there and cannot be used: then nothing is compared, and that is an error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Where the baseline came from."""

    __pydantic_config__ = READ

    rungs: tuple[Rung, ...] = ()
    """Every place tried, in order."""
    source: str | None = None
    """The one that was taken; nothing when there is no baseline."""
    commit: str | None = None
    """The commit that its numbers belong to."""
    created: str | None = None
    """When it was computed, in UTC by ISO 8601."""
    commits_behind: int | None = None
    """How many commits lie between it and the merge-base."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The numbers of this run beside the baseline's."""

    __pydantic_config__ = READ

    status: Status
    """The worst of its changes; skipped without a baseline."""
    reason: str | None = None
    """Why it did not pass."""
    rule: str = ""
    """The rule that judged, in words."""
    changes: tuple[Change, ...] = ()
    """One for each number that either side has."""
    churn: tuple[Churn, ...] = ()
    """How many predictions changed, of each model whose predictions both sides have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """The numbers of this run beside those of a pinned release."""

    __pydantic_config__ = READ

    name: str
    """The tag, commit or file that is pinned."""
    comparison: Comparison
    """The numbers beside the release's."""
    baseline: Receipt
    """Where the release's numbers came from."""
