"""Losses that are accepted for a time: a drop within them warns, with whose word it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mlci.config.waivers import Waiver
from mlci.decisions.changes import with_changes
from mlci.errors import did_you_mean
from mlci.limits import exceeds, tolerance
from mlci.numbers import number
from mlci.results.decision import Waived
from mlci.results.model import Change, Comparison

_Key = tuple[str, str | None]


def apply(comparison: Comparison, waivers: Sequence[Waiver], *, today: date) -> Comparison:
    """Return the comparison with every drop that a waiver accepts turned from a failure into a warning.

    A drop beyond the accepted loss, or past the waiver's last day, fails as it would without.
    """
    valid = {(one.metric, one.slice): one for one in waivers if not _expired(one, today)}
    changes = tuple(_waived(change, valid.get((change.metric, change.slice))) for change in comparison.changes)
    return comparison if changes == comparison.changes else with_changes(comparison, changes)


def told(
    waivers: Sequence[Waiver], comparisons: Sequence[Comparison], *, today: date, whole: bool
) -> tuple[Waived, ...]:
    """Return what became of each waiver in the comparisons, to which they were applied.

    A run of a part (`whole=False`) does not say of a waiver that it waives nothing.
    """
    found = [_told(waiver, comparisons, today=today) for waiver in waivers]
    return tuple(one for one in found if whole or one.applied or one.status == "failed")


def _waived(change: Change, waiver: Waiver | None) -> Change:
    if waiver is None or change.status != "failed" or change.drop is None:
        return change
    accepted = tolerance(waiver.max_loss, change.baseline or 0.0)
    if exceeds(change.drop, accepted):
        said = f"{change.reason}; the waiver of {waiver.owner} accepts a loss of {_shown(waiver)}"
        return replace(change, reason=said)
    said = f"waived until {waiver.until} by {waiver.owner}, up to {_shown(waiver)}: {waiver.reason}"
    return replace(change, status="warned", waiver=said, reason=f"{change.reason}; {said}")


def _told(waiver: Waiver, comparisons: Sequence[Comparison], *, today: date) -> Waived:
    changes = [
        change
        for comparison in comparisons
        for change in comparison.changes
        if (change.metric, change.slice) == (waiver.metric, waiver.slice)
    ]
    applied = any(change.waiver for change in changes)
    expired = _expired(waiver, today)
    return Waived(
        metric=waiver.metric,
        slice=waiver.slice,
        status="failed" if expired else "warned",
        note=_note(waiver, changes, _names(comparisons), applied=applied, expired=expired),
        max_loss=waiver.max_loss,
        reason=waiver.reason,
        owner=waiver.owner,
        until=waiver.until,
        applied=applied,
    )


def _note(
    waiver: Waiver, changes: Sequence[Change], known: Mapping[str, Collection[str]], *, applied: bool, expired: bool
) -> str:
    if expired:
        return f"the waiver expired on {waiver.until}: take it out, or have {waiver.owner} renew it"
    if applied:
        drops = [change.drop for change in changes if change.waiver and change.drop is not None]
        return f"a drop of {number(max(drops))} is let pass until {waiver.until}, up to {_shown(waiver)} is accepted"
    if changes:
        beyond = any(change.status == "failed" for change in changes)
        return "the drop is larger than it accepts" if beyond else "it waives nothing: no limit is broken"
    advice = did_you_mean(waiver.metric, known)
    if waiver.metric in known:
        advice = did_you_mean(waiver.slice or "", known[waiver.metric])
        return f'it waives nothing: "{waiver.metric}" is not compared on "{waiver.slice}"{_and(advice)}'
    return f'it waives nothing: no number called "{waiver.metric}" is compared{_and(advice)}'


def _and(advice: str) -> str:
    return f", {advice}" if advice else ""


def _names(comparisons: Sequence[Comparison]) -> dict[str, set[str]]:
    """Return every number that was compared, with its slices."""
    known: dict[str, set[str]] = {}
    for comparison in comparisons:
        for change in comparison.changes:
            known.setdefault(change.metric, set()).update({change.slice} if change.slice else ())
    return known


def _expired(waiver: Waiver, today: date) -> bool:
    return today > date.fromisoformat(waiver.until)


def _shown(waiver: Waiver) -> str:
    return waiver.max_loss if isinstance(waiver.max_loss, str) else number(waiver.max_loss)
