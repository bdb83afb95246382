"""What is said of a column that was compared, without values of rows: those are in `values` alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from mlci.data.drift.cells import just_below
from mlci.data.drift.judging import Evidence, Judged, new_categories, shares
from mlci.numbers import number, percent
from mlci.results.profile import ColumnProfile
from mlci.statistics import drift

_TINY = 1e-6
_SHOWN = 10
_ONE_WAY = 3.0


def summary_of(judged: Judged, reference: str) -> str:
    """Return one line that says what was compared."""
    name, form = judged.name, judged.before.form
    tested = [each for each in judged.evidence if each.what in ("distribution", "shapes")]
    if form == "left-out":
        return f"`{name}`: missing values as in {reference}; its distribution is not compared: {judged.before.note}"
    if not tested:
        return f"`{name}`: missing values as in {reference}; one side has no other"
    of = {"text": "lengths and shapes of `{}` are", "moment": "times in `{}` are"}.get(form, "`{}` is").format(name)
    worst = max(tested, key=lambda each: each.distance)
    return f"{of} as in {reference}: PSI {_short(worst.psi)}, JS {_short(worst.distance)}"


def reason_of(judged: Judged, reference: str) -> str:
    """Return why a column has drifted, the strongest evidence first; empty where it has not."""
    found = sorted(judged.drifted, key=lambda each: each.adjusted)
    return "; ".join(_said(judged, each, reference) for each in found)


def _said(judged: Judged, found: Evidence, reference: str) -> str:
    before, now = judged.before, judged.now
    chance = f"adjusted {_p(found.adjusted)}"
    if found.what == "missing":
        was, is_now = percent(before.missing / before.rows), percent(now.missing / now.rows)
        return f"`{judged.name}` is missing in {is_now} of the rows, {was} in {reference}, {chance}"
    if found.what == "new categories":
        new = new_categories(before, now)
        some = "a category" if len(new) == 1 else f"{len(new):,} categories"
        return (
            f"`{judged.name}` has {some} that {reference} has not, in {percent(found.distance)} of the rows, {chance}"
        )
    what = {"text": "lengths of `{}`", "moment": "times in `{}`"}.get(before.form, "`{}`").format(judged.name)
    if found.what == "shapes":
        return f"shapes of `{judged.name}` changed: {_distances(found)}, {chance}"
    moved = f", median {_median(before)} → {_median(now)}" if before.edges and _median(before) != _median(now) else ""
    return f"{what} {_direction(found)}: {_distances(found)}{moved}, {chance}"


def _direction(found: Evidence) -> str:
    if found.rises > _ONE_WAY * found.falls:
        return "shifted up"
    if found.falls > _ONE_WAY * found.rises:
        return "shifted down"
    return "changed"


def _distances(found: Evidence) -> str:
    return f"PSI {_short(found.psi)}, JS {_short(found.distance)}"


def _short(value: float) -> str:
    return f"{value:.2f}"


def _p(value: float) -> str:
    return "p < 1e-6" if value < _TINY else f"p = {value:.2g}"


def _median(profile: ColumnProfile) -> str:
    return "?" if profile.median is None else bound(profile.median, profile.form)


def bound(value: float, form: str) -> str:
    """Return a number of a profile as text: a date where it is a moment."""
    if form != "moment":
        return number(value)
    return dt.datetime.fromtimestamp(value, dt.UTC).date().isoformat()


def details_of(judged: Judged, reference: str) -> dict[str, Any]:
    """Return what the reports show beside: distances, p-values, and both distributions side by side."""
    told: dict[str, Any] = {
        "reference": reference,
        "rows compared": {"reference": judged.before.rows, "now": judged.now.rows},
        "rows without a value": {"reference": judged.before.missing, "now": judged.now.missing},
    }
    for found in judged.evidence:
        told[found.what] = {
            "PSI": round(found.psi, 4),
            "JS distance": round(found.distance, 4),
            **({"KS distance": round(max(found.rises, found.falls), 4)} if found.rises or found.falls else {}),
            "adjusted p": float(f"{found.adjusted:.3g}"),
        }
    if any(each.what != "missing" for each in judged.drifted):
        told |= _pictures(judged)
    return told


def _pictures(judged: Judged) -> dict[str, Any]:
    before, now = judged.before, judged.now
    if not (before.present and now.present) or before.form != now.form:
        return {}
    told: dict[str, Any] = {}
    if before.edges and len(before.counts) == len(now.counts):
        told["cells"] = list(_cells(before, now))
    if before.categories:
        listed = shares(before, now)[:_SHOWN]
        named = [[name or "(others)", a / before.present, b / now.present] for name, a, b in listed]
        if before.form == "text":
            told["shapes shown"] = named
        else:
            told["cells"] = [[f"category {at}", *each[1:]] for at, each in enumerate(named, 1)]
            told["values"] = {"categories": [each[0] for each in named]}
    return told


def _cells(before: ColumnProfile, now: ColumnProfile) -> Iterator[list[Any]]:
    groups = drift.coarse(before.counts, _SHOWN)
    old, new = drift.merged(before.counts, groups), drift.merged(now.counts, groups)
    for group, a, b in zip(groups, old, new, strict=True):
        yield [_label(before, group), a / before.present, b / now.present]


def _label(profile: ColumnProfile, group: Sequence[int]) -> str:
    if len(group) == 1 and 0 < group[0] < len(profile.edges):
        alone = profile.edges[group[0]]
        if just_below(alone) == profile.edges[group[0] - 1]:
            return f"exactly {bound(alone, profile.form)}"
    low = bound(profile.edges[group[0] - 1], profile.form) if group[0] else None
    high = bound(profile.edges[group[-1]], profile.form) if group[-1] < len(profile.edges) else None
    if low is None:
        return f"up to {high}"
    return f"above {low}" if high is None else f"{low} to {high}"
