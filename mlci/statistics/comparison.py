"""What a paired comparison of two models gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["regression", "pass", "inconclusive", "shown"]
Requirement = Literal["no-regression", "non-inferiority"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedGate:
    """One metric on one slice, or one behaviour suite, before and now.

    `drop` is in the metric's own unit and direction: above 0 it got worse. A value that cannot be computed is None,
    and `reason` says why.
    """

    metric: str
    """The metric's name, or the suite's."""
    slice: str | None
    """The part of the examples; None is all of them."""
    kind: Literal["metric", "suite"]
    """Whether this is a metric or the pass rate of a behaviour suite."""
    n: int
    """Examples or cases that both sides have."""
    higher_is_better: bool | None
    """The metric's direction."""
    baseline: float | None
    """The value before."""
    candidate: float | None
    """The value now."""
    drop: float | None
    """How much worse it got; below 0 it got better."""
    max_drop: float | None
    """How much worse it may get; None is not judged, only shown."""
    p_value: float | None
    """One-sided: how often a harmless change would look this much worse or more."""
    adjusted_p_value: float | None
    """The same for the whole family of gates, to be held against the false-alarm rate."""
    upper_bound: float | None
    """The drop is at most this, with 95 % confidence."""
    mde: float | None
    """Minimum detectable effect: the smallest true drop found with 80 % power after correction."""
    n_needed: int | None
    """Examples it would take to find a drop of `max_drop` with that power."""
    verdict: Verdict
    """regression, pass, inconclusive, or shown where no `max_drop` judges it."""
    level: float | None = None
    """The part of the false-alarm rate that is this gate's own, which `mde` is of."""
    reason: str | None = None
    """Why it did not pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ByExample:
    """A metric that is the mean of a number for each example."""

    column: str
    """The column with the numbers, on both sides."""
    higher_is_better: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedSlice:
    """A declared slice that was not judged."""

    slice: str
    n: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two models on the examples that both have predicted."""

    gates: tuple[PairedGate, ...]
    """Overall metrics, suites, then slices."""
    false_alarm_rate: float
    """At most this share of harmless changes is called a regression, over all gates together."""
    n: int
    """Examples that both sides have; 0 where only suites were compared."""
    only_in_baseline: int = 0
    """Examples without a partner in the candidate; they are not judged."""
    only_in_candidate: int = 0
    """Examples without a partner in the baseline; they are not judged."""
    churn: float | None = None
    """Share of the examples whose prediction changed."""
    skipped: tuple[SkippedSlice, ...] = ()
    """Declared slices that are empty or too small to judge."""
    require: Requirement = "no-regression"
    """`non-inferiority`: what is not shown to be within its limit blocks too."""

    @property
    def verdict(self) -> Verdict:
        """The verdict that decides: regression before inconclusive before pass."""
        seen = {gate.verdict for gate in self.gates}
        order: tuple[Verdict, ...] = ("regression", "inconclusive", "pass")
        return next((verdict for verdict in order if verdict in seen), "shown")

    @property
    def blocks(self) -> bool:
        """Whether the change must not be merged."""
        return self.verdict == "regression" or (self.require == "non-inferiority" and self.verdict == "inconclusive")
