"""Whether a column has drifted: every test that its profile allows, corrected for the number of tests.

A column has drifted when a test is significant after Holm's correction over all tests of the table *and* the distance
that it measures is large enough to matter. So chance alone alarms in at most the share of tables asked for, and a
difference that only a large table can show alarms in none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mlci.results.profile import ColumnProfile, Profile
from mlci.statistics import drift

FEW = 0.3
"""Where only a shift of more than this share of the rows could be seen, there are too few to tell."""
_MOST_CATEGORIES = 50

What = Literal["distribution", "shapes", "missing", "new categories"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """When a column has drifted."""

    distance: float
    """Jensen–Shannon distance from which a difference matters."""
    new: float
    """Share of rows in categories that the reference does not have from which they matter."""
    false_alarm_rate: float
    """The share of tables without drift that alarm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What one test says of a column."""

    what: What
    p_value: float
    distance: float
    """Jensen–Shannon distance; of new categories their share of the rows."""
    psi: float = 0.0
    rises: float = 0.0
    """How far cumulative shares run below the reference's, where values are ordered: larger where they went up."""
    falls: float = 0.0
    adjusted: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A column with all that was found of it."""

    name: str
    before: ColumnProfile
    now: ColumnProfile
    evidence: tuple[Evidence, ...]
    drifted: tuple[Evidence, ...]
    least: float
    """The share of rows that would have to shift for this many to show it; 0 where no distribution was tested."""

    @property
    def is_undecided(self) -> bool:
        """Whether nothing was found, and too few values are present for much to be found."""
        return not self.drifted and self.least > FEW


def judge(before: Profile, now: Profile, limits: Limits) -> list[Judged]:
    """Return every column of `now` judged against the same of `before`, in whose cells it was counted."""
    tested = {name: tuple(_tests(before.columns[name], column)) for name, column in now.columns.items()}
    flat = [(name, each) for name, found in tested.items() for each in found]
    adjusted = drift.holm([each.p_value for _, each in flat])
    told: dict[str, list[Evidence]] = {name: [] for name in tested}
    for (name, each), p_value in zip(flat, adjusted, strict=True):
        told[name].append(_adjusted(each, p_value))
    alpha = limits.false_alarm_rate / max(1, len(flat))
    return [
        Judged(
            name=name,
            before=before.columns[name],
            now=now.columns[name],
            evidence=tuple(found),
            drifted=tuple(each for each in found if _matters(each, limits)),
            least=_least(before.columns[name], now.columns[name], alpha),
        )
        for name, found in told.items()
    ]


def shares(before: ColumnProfile, now: ColumnProfile) -> list[tuple[str, int, int]]:
    """Return the categories of both sides with their counts, the frequent first; what is beyond them as one."""
    names = sorted(
        {**before.categories, **now.categories},
        key=lambda name: (-before.categories.get(name, 0) - now.categories.get(name, 0), name),
    )
    pairs = [(name, before.categories.get(name, 0), now.categories.get(name, 0)) for name in names]
    if before.rare:  # a category that it does not list may be among those that it leaves out
        pairs = [pair for pair in pairs if pair[0] in before.categories]
    shown = pairs[:_MOST_CATEGORIES]
    rest = (
        before.present - sum(a for _, a, _ in shown),
        now.present - sum(b for _, _, b in shown),
    )
    return [*shown, ("", *rest)] if any(rest) else shown


def _adjusted(evidence: Evidence, p_value: float) -> Evidence:
    return replace(evidence, adjusted=p_value)


def _matters(evidence: Evidence, limits: Limits) -> bool:
    least = limits.new if evidence.what == "new categories" else limits.distance
    return evidence.adjusted < limits.false_alarm_rate and evidence.distance >= least


def _tests(before: ColumnProfile, now: ColumnProfile) -> Iterator[Evidence]:
    yield _missing(before, now)
    if not _comparable(before, now):
        return
    if before.edges:
        yield _ordered(before, now)
    if before.categories:
        yield _unordered(before, now)
    if before.form == "category":
        yield from _new(before, now)


def _comparable(before: ColumnProfile, now: ColumnProfile) -> bool:
    return before.form == now.form and bool(before.present and now.present)


def _missing(before: ColumnProfile, now: ColumnProfile) -> Evidence:
    cells = [before.missing, before.present], [now.missing, now.present]
    return Evidence(
        what="missing",
        p_value=drift.share_p_value(before.missing, before.rows, now.missing, now.rows),
        distance=drift.js_distance(*cells),
        psi=drift.psi(*cells),
    )


def _ordered(before: ColumnProfile, now: ColumnProfile) -> Evidence:
    rises, falls = drift.signed_ks(before.counts, now.counts)
    groups = drift.coarse(before.counts)
    cells = drift.merged(before.counts, groups), drift.merged(now.counts, groups)
    return Evidence(
        what="distribution",
        p_value=drift.ks_p_value(max(rises, falls), before.present, now.present),
        distance=drift.js_distance(*cells),
        psi=drift.psi(*cells),
        rises=rises,
        falls=falls,
    )


def _unordered(before: ColumnProfile, now: ColumnProfile) -> Evidence:
    both = shares(before, now)
    cells = [a for _, a, _ in both], [b for _, _, b in both]
    return Evidence(
        what="shapes" if before.form == "text" else "distribution",
        p_value=drift.chi_square_p_value(*cells),
        distance=drift.js_distance(*cells),
        psi=drift.psi(*cells),
    )


def new_categories(before: ColumnProfile, now: ColumnProfile) -> Mapping[str, int]:
    """Return the categories that the reference does not have, or leaves out as rare."""
    return {name: amount for name, amount in now.categories.items() if name not in before.categories}


def _new(before: ColumnProfile, now: ColumnProfile) -> Iterator[Evidence]:
    unknown = new_categories(before, now)
    if not unknown:
        return
    left_out = min(before.rare, max(0, before.rarest - 1))
    both = {**dict.fromkeys(unknown, left_out), **before.categories}
    pooled = [amount + now.categories.get(name, 0) for name, amount in both.items()]
    largest = max(unknown.values())
    yield Evidence(
        what="new categories",
        p_value=drift.unseen_p_value(largest + left_out, pooled, before.present, now.present, left_out=left_out),
        distance=max(0.0, sum(unknown.values()) / now.present - before.rare / before.present),
    )


def _least(before: ColumnProfile, now: ColumnProfile, alpha: float) -> float:
    if not _comparable(before, now) or not (before.edges or before.categories):
        return 0.0
    return drift.ks_least_distance(alpha, before.present, now.present)
