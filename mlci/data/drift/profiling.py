"""From a table to its profile, and from another table to its counts in the same cells."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import narwhals as nw

from mlci.data.batch import Batch
from mlci.data.drift import cells
from mlci.data.drift.features import Basics, form_of, holds, labels, numbers
from mlci.expectations.columns import Column
from mlci.results.profile import ColumnProfile, Form, Profile

KEPT_CATEGORIES = 100
RARE = 10
"""Where a profile is stored, categories of fewer rows are left out of it, and no cell is made for fewer."""

_DAY = 86_400.0
_WITH_CELLS: frozenset[Form] = frozenset({"number", "moment", "text"})
_WITH_LABELS: frozenset[Form] = frozenset({"category", "text"})


def profile_of(
    batch: Batch, columns: Collection[str], rows: int, *, asked: Collection[str] = (), private: bool = False
) -> Profile:
    """Return the profile of those columns of a table; `asked` are compared though they look like ids or dates.

    A `private` one is fit to be stored: few rows have no cell, and no category, of their own.
    """
    chosen = {name: batch.columns[name] for name in columns}
    told = cells.basics(batch, chosen, rows)
    forms = {name: form_of(column, told[name], asked=name in asked) for name, column in chosen.items()}
    wanted = {name: numbers(column) for name, column in chosen.items() if forms[name][0] in _WITH_CELLS}
    bounds: dict[str, list[float]] = {}
    for most, some in _by_cells(wanted, told, private=private).items():
        bounds |= cells.edges(batch, some, rows, cells=most)
    shaped = {name: _Shaped(chosen[name], told[name], *forms[name], tuple(bounds.get(name, ()))) for name in chosen}
    found = _filled(batch, shaped, rows)
    return Profile(rows=rows, columns={name: without_rare(each) if private else each for name, each in found.items()})


def most_cells(present: int) -> int:
    """Return how many cells a stored profile of so many values has: at least `RARE` values in each."""
    return min(cells.CELLS, present // RARE)


def _by_cells(
    wanted: Mapping[str, nw.Expr], told: Mapping[str, Basics], *, private: bool
) -> dict[int, dict[str, nw.Expr]]:
    """Return the columns by the number of their cells; those with too few values for two are left out."""
    found: dict[int, dict[str, nw.Expr]] = {}
    for name, expr in wanted.items():
        most = most_cells(told[name].present) if private else cells.CELLS
        if most > 1:
            found.setdefault(most, {})[name] = expr
    return found


def counted_like(reference: Profile, batch: Batch, columns: Collection[str], rows: int) -> Profile:
    """Return the profile of those columns of another table in the cells of the reference's."""
    chosen = {name: batch.columns[name] for name in columns}
    told = cells.basics(batch, chosen, rows)
    shaped = {}
    for name, column in chosen.items():
        like = reference.columns[name]
        comparable = told[name].present and holds(column) == like.holds
        form: Form = like.form if comparable else "empty" if not told[name].present else "left-out"
        shaped[name] = _Shaped(column, told[name], form, like.note, like.edges)
    return Profile(rows=rows, columns=_filled(batch, shaped, rows))


class _Shaped:
    """A column with how it is to be counted."""

    def __init__(self, column: Column, basics: Basics, form: Form, note: str, edges: tuple[float, ...]) -> None:
        self.column, self.basics, self.form, self.note, self.edges = column, basics, form, note, edges


def _filled(batch: Batch, shaped: Mapping[str, _Shaped], rows: int) -> dict[str, ColumnProfile]:
    measured = {name: numbers(each.column) for name, each in shaped.items() if each.form in _WITH_CELLS}
    present = {name: each.basics.present for name, each in shaped.items()}
    counts = cells.counts(batch, measured, {name: shaped[name].edges for name in measured}, present)
    middle = cells.quantiles(batch, measured, [0.5], rows)
    named = {name: labels(each.column, each.form) for name, each in shaped.items() if each.form in _WITH_LABELS}
    distinct = {name: 1 if shaped[name].form == "text" else shaped[name].basics.distinct for name in named}
    categories = cells.categories(batch, named, distinct)
    return {
        name: with_rest(
            ColumnProfile(
                form=each.form,
                holds=holds(each.column),
                rows=rows,
                missing=rows - each.basics.present,
                edges=each.edges if name in measured else (),
                counts=counts.get(name, ()),
                median=rounded_median(middle.get(name), form=each.form),
                categories=categories.get(name, {}),
                note=each.note,
            )
        )
        for name, each in shaped.items()
    }


def rounded_median(found: Sequence[float] | None, *, form: Form = "number") -> float | None:
    """Return the first of the values, rounded (moments to a day); None where there is none, or no finite one."""
    if not found or not math.isfinite(found[0]):
        return None
    return found[0] // _DAY * _DAY if form == "moment" else float(f"{found[0]:.4g}")


def with_rest(profile: ColumnProfile) -> ColumnProfile:
    """Return a profile that knows how many rows its list of categories leaves out."""
    if profile.form not in _WITH_LABELS:
        return profile
    rest = profile.present - sum(profile.categories.values())
    return replace(profile, rare=rest, rarest=1 + min(profile.categories.values(), default=0)) if rest > 0 else profile


def without_rare(profile: ColumnProfile) -> ColumnProfile:
    """Return a profile without what says something about few rows: names of rare categories, a median of few."""
    ordered = sorted(profile.categories.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = dict(pair for pair in ordered[:KEPT_CATEGORIES] if pair[1] >= RARE)
    left = [amount for name, amount in ordered if name not in kept]
    if profile.present < 2 * RARE:
        profile = replace(profile, median=None)
    if not left:
        return profile
    return replace(profile, categories=kept, rare=profile.rare + sum(left), rarest=max(profile.rarest, 1 + left[0]))
