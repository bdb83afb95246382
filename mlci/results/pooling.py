"""The false-alarm rate is the pull request's: legs of a matrix that each decide alone share it when they are merged.

Each leg holds its adjusted p-values against the whole rate, so that k legs would block up to k times as many harmless
changes. Merged, each has 1/k of it (Bonferroni, whatever the legs have in common). Legs whose numbers are all the same
are one chance of a false alarm, and those in which no example changed are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist

from mlci.limits import exceeds, tolerance
from mlci.numbers import number
from mlci.results.comparison import Change, Comparison
from mlci.results.model import Results
from mlci.results.status import Status, Verdict, verdict_of, worst

_POWER = 0.8
_TOLD_FALLS: tuple[Status, ...] = ("failed", "warned")


def pooled(parts: Sequence[Results]) -> tuple[Results, ...]:
    """Return the results of several legs, each decided with its part of the false-alarm rate.

    A drop that is not significant any more is inconclusive, unless its number must be shown to be within its limit.
    The verdict of a leg that failed for nothing else is passed then.
    """
    chances = len({signature for part in parts if (signature := tuple(_signature(part)))})
    return tuple(parts) if chances < 2 else tuple(_shared(part, chances) for part in parts)  # noqa: PLR2004


def _signature(part: Results) -> Iterator[object]:
    """Yield what tells one leg from another: every number that was judged by chance, unless nothing changed."""
    for at, comparison in enumerate(_comparisons(part)):
        for one in comparison.changes:
            if one.rate is not None and not _unchanged(one):
                yield at, one.metric, one.slice, one.baseline, one.candidate, one.drop, one.n, one.p_value, one.rate


def _unchanged(change: Change) -> bool:
    """Whether no example changed, so that no drop could have been seen."""
    return change.drop == 0 and change.upper_bound == 0


def _comparisons(part: Results) -> list[Comparison]:
    found = [part.comparison, part.anchor.comparison if part.anchor else None]
    return [one for one in found if one is not None]


def _shared(part: Results, chances: int) -> Results:
    comparison = part.comparison and _held(part.comparison, chances)
    anchor = part.anchor and replace(part.anchor, comparison=_held(part.anchor.comparison, chances))
    after = replace(part, comparison=comparison, anchor=anchor)
    explained = part.verdict == "failed" and _follows(part) == "failed"
    return replace(after, verdict=_follows(after)) if explained else after


def _follows(part: Results) -> Verdict:
    """Return the verdict that follows from what is told."""
    statuses = [gate.status for gate in part.gates] + [check.status for gate in part.gates for check in gate.checks]
    statuses += [one.status for one in _comparisons(part)] + [one.status for one in part.waivers]
    return verdict_of(["errored", *statuses] if part.problems else statuses)


def _held(comparison: Comparison, chances: int) -> Comparison:
    """Return the comparison with the p-values of so many chances, and what follows from them."""
    changes = tuple(_decided(one, chances) if one.rate is not None else one for one in comparison.changes)
    if changes == comparison.changes:
        return comparison
    status = worst(one.status for one in changes)
    reason = next((one.reason for one in changes if one.status == status), None)
    return replace(comparison, changes=changes, status=status, reason=reason)


def _decided(change: Change, chances: int) -> Change:
    before, rate, level = change.p_value, change.rate, change.level
    if before is None or rate is None:
        return change
    p_value = min(1.0, before * chances)
    said = (change.reason or "").replace(f"adjusted p = {before:.2g}", f"adjusted p = {p_value:.2g}")
    mde = change.mde
    if mde is not None and level is not None and 0 < level < 1:
        mde *= _factor(level / chances) / _factor(level)
    now = replace(
        change, p_value=p_value, mde=mde, level=level and level / chances, reason=said if change.reason else None
    )
    if change.status not in _TOLD_FALLS or change.waiver or not _fell_by_chance(change) or p_value <= rate:
        return now
    reason = (
        f"its leg alone would block it: {change.metric} fell by {number(change.drop or 0)}, and {_told(now, chances)}"
    )
    if change.strict:
        return replace(now, reason=f"{change.metric} is not shown to be within its limit (non-inferiority): {reason}")
    return replace(now, status="inconclusive", reason=reason)


def _fell_by_chance(change: Change) -> bool:
    """Whether it was judged to be more than chance, and beyond its limit."""
    if change.drop is None or change.max_drop is None or change.p_value is None or change.rate is None:
        return False
    try:
        beyond = exceeds(change.drop, tolerance(change.max_drop, change.baseline or 0.0))
    except ValueError:  # a limit that was not written by mlci
        return False
    return beyond and change.p_value <= change.rate


def _told(change: Change, chances: int) -> str:
    shown = f"; they show drops of {number(change.mde)} or more" if change.mde is not None else ""
    return f"over {chances} legs that is no more than chance (adjusted p = {change.p_value:.2g}){shown}"


def _factor(level: float) -> float:
    return NormalDist().inv_cdf(1 - level) + NormalDist().inv_cdf(_POWER)
