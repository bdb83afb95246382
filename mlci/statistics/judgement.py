"""From evidence to verdicts, for all gates of a change together."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from mlci.statistics.comparison import PairedGate, Verdict
from mlci.statistics.dependence import correlation
from mlci.statistics.examples import PairedMetric, Part
from mlci.statistics.multiplicity import shares, step_down
from mlci.statistics.paired import Evidence
from mlci.statistics.power import examples_needed, minimum_detectable_effect


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """One gate as it was measured, before the others are known."""

    metric: str
    slice: str | None
    kind: Literal["metric", "suite"]
    n: int
    max_drop: float | None
    higher_is_better: bool | None = None
    baseline: float | None = None
    candidate: float | None = None
    drop: float | None = None
    evidence: Evidence | None = None
    reason: str | None = None
    """Why there is no value, or no evidence."""
    part: Part | None = None
    """The examples that it was measured on; a suite has cases of its own."""
    measure: PairedMetric | None = None
    """What measured it, and can measure a sample of them."""

    @property
    def family(self) -> str:
        """Gates that share a part of the false-alarm rate."""
        return "overall" if self.slice is None else "slices"

    @property
    def judged(self) -> bool:
        """Whether it takes part in the decision."""
        return self.evidence is not None and self.max_drop is not None


def judge(drafts: Sequence[Draft], *, false_alarm_rate: float) -> tuple[PairedGate, ...]:
    """Return the gates with their verdicts, such that a harmless change is blocked at most at the rate given.

    Overall metrics and suites have a fifth of the rate at least, and slices too; among them, gates that can see
    little leave most of theirs to the others (`shares`). What metrics of the same examples have in common is taken into
    account.
    """
    judged = [draft for draft in drafts if draft.judged]
    tested = [_evidence(draft) for draft in judged]
    weights = shares([draft.family for draft in judged], _seen(judged, tested))
    adjusted_values = step_down(
        [each.p_value for each in tested], weights, correlation(judged), [each.attainable for each in tested]
    )
    found = iter(zip(adjusted_values, weights, strict=True))
    gates = []
    for draft in drafts:
        if not draft.judged:
            gates.append(_unjudged(draft))
            continue
        adjusted, weight = next(found)
        gates.append(_decided(draft, adjusted, level=false_alarm_rate * weight, rate=false_alarm_rate))
    return tuple(gates)


def _evidence(draft: Draft) -> Evidence:
    if draft.evidence is None:
        raise ValueError(f"{draft.metric} has no evidence")
    return draft.evidence


def _seen(judged: Sequence[Draft], tested: Sequence[Evidence]) -> list[float | None]:
    """Return each gate's tolerance in standard errors of its drop, None where either is 0 or not known.

    What an example adds to the error is the median over the gates of one metric in one family: a slice that changed
    more than the others has a larger error of its own, and would be given the less to show it with.
    """
    by_example = [
        evidence.standard_error * math.sqrt(draft.n) if 0 < evidence.standard_error < math.inf else None
        for draft, evidence in zip(judged, tested, strict=True)
    ]
    alike: dict[tuple[str, str], list[float]] = defaultdict(list)
    for draft, one in zip(judged, by_example, strict=True):
        if one is not None:
            alike[draft.family, draft.metric].append(one)
    return [
        draft.max_drop * math.sqrt(draft.n) / median(alike[draft.family, draft.metric])
        if draft.max_drop and one is not None
        else None
        for draft, one in zip(judged, by_example, strict=True)
    ]


def _gate(draft: Draft) -> PairedGate:
    evidence = draft.evidence
    return PairedGate(
        metric=draft.metric,
        slice=draft.slice,
        kind=draft.kind,
        n=draft.n,
        higher_is_better=draft.higher_is_better,
        baseline=draft.baseline,
        candidate=draft.candidate,
        drop=draft.drop,
        max_drop=draft.max_drop,
        p_value=evidence.p_value if evidence else None,
        adjusted_p_value=None,
        upper_bound=_finite(evidence.upper_bound) if evidence else None,
        mde=None,
        n_needed=None,
        verdict="shown",
        reason=draft.reason,
    )


def _unjudged(draft: Draft) -> PairedGate:
    if draft.max_drop is None:
        return replace(_gate(draft), reason=draft.reason or "it has no max_drop, so it is only shown")
    return replace(_gate(draft), verdict="inconclusive")


def _decided(draft: Draft, adjusted: float, *, level: float, rate: float) -> PairedGate:
    evidence, gate = _evidence(draft), _gate(draft)
    limit, drop = float(draft.max_drop or 0.0), float(draft.drop or 0.0)
    mde = minimum_detectable_effect(evidence.standard_error, level=level)
    needed = examples_needed(draft.n, effect=mde, target=limit)
    if evidence.standard_error == 0:  # nothing varied, so nothing is known of what would have been seen
        mde, needed = math.inf, None
    verdict = _verdict(drop, limit, adjusted=adjusted, rate=rate, bound=evidence.upper_bound)
    return replace(
        gate,
        adjusted_p_value=adjusted,
        mde=_finite(mde),
        n_needed=needed,
        verdict=verdict,
        level=level,
        reason=_reason(verdict, replace(gate, mde=_finite(mde), n_needed=needed), adjusted),
    )


def _verdict(drop: float, limit: float, *, adjusted: float, rate: float, bound: float) -> Verdict:
    if adjusted <= rate and drop > limit:
        return "regression"
    return "pass" if bound <= limit else "inconclusive"


def _reason(verdict: Verdict, gate: PairedGate, adjusted: float) -> str | None:
    if verdict == "pass":
        return None
    if verdict == "regression":
        return f"it got worse by {gate.drop:.4g}, more than {gate.max_drop:.4g} (adjusted p {adjusted:.2g})"
    if gate.mde is None:
        return f"{gate.n} examples are too few to say how much the value varies"
    needed = f"; a drop of {gate.max_drop:.4g} needs about {gate.n_needed:,} examples" if gate.n_needed else ""
    return f"{gate.n:,} examples show drops of {gate.mde:.3g} or more{needed}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
