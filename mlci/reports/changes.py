"""How data files changed, in words: plain texts with names in backticks, all of them untrusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlci.numbers import count, number, pair, percent
from mlci.results.model import ColumnShift, DataChange, Results

_TOLD = 3
_FAR = 0.1
_MISSING = 0.01
_COLUMNS = 5
_LONGEST = 200


def changes_of(results: Results) -> tuple[DataChange, ...]:
    """Return how the data of every asset differs from the base's."""
    return tuple(change for gate in results.gates for change in gate.data_changes)


def line(change: DataChange) -> str:
    """Return the change in one line: rows, columns, and the columns that moved furthest."""
    if not change.compared:
        return change.note or "not compared"
    parts = (*_rows(change), *_columns(change), *_shifts(change))
    note = f" ({change.note})" if change.note else ""
    return f"{', '.join(parts) or 'the same rows, written otherwise or in another order'}{note}"


def _rows(change: DataChange) -> Iterator[str]:
    before, now = change.rows or (0, 0)
    signs = (("+", change.added), ("−", change.removed), ("~", change.changed))
    counted = " ".join(f"{sign}{amount:,}" for sign, amount in signs if amount)
    if counted:
        yield f"{counted} rows ({before:,} → {now:,})" if before != now else f"{counted} of {before:,} rows"


def _columns(change: DataChange) -> Iterator[str]:
    renamed = {name for both in change.columns_renamed for name in both}
    yield from (f"column `{old}` now `{new}`" for old, new in change.columns_renamed[:_COLUMNS])
    for names, word in ((change.columns_removed, "gone"), (change.columns_added, "new")):
        told = [name for name in names if name not in renamed]
        if told:
            named = ", ".join(f"`{name}`" for name in told[:_COLUMNS])
            more = f" and {len(told) - _COLUMNS} more" if len(told) > _COLUMNS else ""
            yield f"column{'s' * (len(told) > 1)} {named}{more} {word}"
    yield from (f"`{each.column}` {each.before} → {each.now}" for each in change.types[:_COLUMNS])


def _shifts(change: DataChange) -> Iterator[str]:
    far = [shift for shift in change.shifts if is_far(shift)]
    yield from (f"`{shift.column}` {moved(shift)}" for shift in far[:_TOLD])
    if len(far) > _TOLD:
        yield f"{count(len(far) - _TOLD, 'column')} more moved"


def is_far(shift: ColumnShift) -> bool:
    """Whether a column moved so far that a reviewer wants to know."""
    return shift.effect >= _FAR or abs(shift.missing[1] - shift.missing[0]) >= _MISSING or bool(_categories(shift))


def moved(shift: ColumnShift) -> str:
    """Return how a column moved, by the measure that tells most: `mean 34.1 → 39.8`."""
    parts = [missing(shift)] if abs(shift.missing[1] - shift.missing[0]) >= _MISSING or not shift.effect else []
    named = dict(measures(shift))
    if shift.kind in {"number", "date", "text"} and shift.effect:
        name = next((name for name in ("mean", "mean length", "median") if name in named), next(iter(named), ""))
        parts += [f"{name} {named[name]}"] if name else []
    elif shift.effect:
        parts += _categories(shift) or [f"{percent(shift.effect)} of the values in other categories"]
    return ", ".join(parts)


def _categories(shift: ColumnShift) -> list[str]:
    words = {"new categories": "new", "lost categories": "lost"}
    counts = {word: shift.measures[name][1] for name, word in words.items() if name in shift.measures}
    return [
        count(int(amount), f"{word} category", f"{word} categories")
        for word, amount in counts.items()
        if isinstance(amount, (int, float))
    ]


def missing(shift: ColumnShift) -> str:
    """Return the share of missing values before and now; empty where it is none."""
    before, now = shift.missing
    return f"missing {percent(before)} → {percent(now)}" if before != now else ""


def measures(shift: ColumnShift) -> Iterator[tuple[str, str]]:
    """Yield the measures that changed, as `mean` and `34.1 → 39.8`."""
    for name, (before, now) in shift.measures.items():
        if before is None and isinstance(now, (int, float)):
            yield name, number(now)
        elif isinstance(before, (int, float)) and isinstance(now, (int, float)) and before != now:
            yield name, " → ".join(pair(before, now))
        elif before != now:
            yield name, f"{before if before is not None else 'none'} → {now if now is not None else 'none'}"


def by_column(change: DataChange) -> Mapping[str, int]:
    """Return how many rows changed in each column, the most first."""
    return dict(sorted(change.changed_by_column.items(), key=lambda item: -item[1]))


def example_parts(example: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of an example of a changed row: its key, then each column as `name: old → new`."""
    key, columns = example.get("key"), example.get("columns")
    for name, value in key.items() if isinstance(key, Mapping) else ():
        yield f"{name} {said(value)}"
    for name, both in columns.items() if isinstance(columns, Mapping) else ():
        if isinstance(both, (list, tuple)):
            yield f"{name}: {' → '.join(map(said, both))}"


def said(value: Any) -> str:
    """Return a value of a data row as text, cut."""
    text = "missing" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
