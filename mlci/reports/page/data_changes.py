"""The data files that changed, as the HTML report shows them."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.numbers import number, percent
from mlci.reports.changes import by_column, example_parts, is_far, line, measures, missing
from mlci.results.model import ColumnShift, DataChange

_MOST = 200
_CATEGORIES = 20
_WIDTH = 160.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """One column of a changed file."""

    name: str
    kind: str
    missing: str
    measures: tuple[str, ...]
    categories: tuple[str, ...]
    changed: str
    """How many of the changed rows have another value in it."""
    effect: str
    width: float
    """How far it moved, on a bar of `_WIDTH`."""
    far: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One changed file."""

    path: str
    asset: str
    line: str
    key: str
    """The columns that its rows were matched by."""
    moved: tuple[Moved, ...]
    left_out: int
    examples: tuple[str, ...]


def file_of(change: DataChange, *, show_values: bool) -> File:
    """Return what there is to say of a changed file; values only where they may be shown."""
    counts = by_column(change)
    moved = [_moved(shift, counts.get(shift.column, 0), show_values=show_values) for shift in change.shifts[:_MOST]]
    return File(
        path=change.path,
        asset=change.asset,
        line=line(change),
        key=", ".join(f"`{name}`" for name in change.key),
        moved=tuple(moved),
        left_out=max(0, len(change.shifts) - _MOST),
        examples=tuple(" · ".join(example_parts(each)) for each in change.examples) if show_values else (),
    )


def _moved(shift: ColumnShift, changed: int, *, show_values: bool) -> Moved:
    return Moved(
        name=shift.column,
        kind=shift.kind,
        missing=missing(shift).removeprefix("missing "),
        measures=tuple(f"{name} {both}" for name, both in measures(shift)),
        categories=_categories(shift) if show_values else (),
        changed=f"{changed:,}" if changed else "",
        effect=number(round(shift.effect, 3)),
        width=round(_WIDTH * min(1.0, max(0.0, shift.effect)), 1),
        far=is_far(shift),
    )


def _categories(shift: ColumnShift) -> tuple[str, ...]:
    """Return the categories whose shares changed, the furthest first."""
    moved = [(name, both) for name, both in shift.values.items() if both[0] != both[1]]
    moved.sort(key=lambda item: -abs(item[1][0] - item[1][1]))
    return tuple(f"{name}: {percent(before)} → {percent(now)}" for name, (before, now) in moved[:_CATEGORIES])
