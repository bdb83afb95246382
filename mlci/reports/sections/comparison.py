"""The numbers of the run beside the baseline's: those that matter in sight, the rest folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlci.numbers import number, pair
from mlci.reports.findings import allowed, difference, verdict, without_verdict
from mlci.reports.inert import prose, value
from mlci.reports.layout import SIGNS, Section, fold, row, table
from mlci.reports.rows import Row, any_compared, cut, rows_of, split, worst_first
from mlci.results.model import Change, Results

_IN_SIGHT = 8
_ARROWS = "↑ higher is better · ↓ lower is better · n: examples, lines or cases"
_LONGEST_NAME = 80
_UNBROKEN_NAME = 20  # what a phone's column holds


def in_sight(results: Results) -> Iterator[Section]:
    """Yield the table of what got worse and, where nothing blocks, of the first overall numbers."""
    rows = rows_of(results)
    shown = [*worst_first(rows), *_calm(results, rows)[0]]
    if shown:
        yield _table("numbers", shown, compared=any_compared(rows), priority=1)


def folded(results: Results) -> Iterator[Section]:
    """Yield the other overall numbers, and those of slices."""
    rows = rows_of(results)
    compared = any_compared(rows)
    yield from _folded("Other numbers", _calm(results, rows)[1], compared=compared, priority=5)
    slices = [one for one in rows if one.slice is not None and not one.matters]
    yield from _folded("Slices", slices, compared=compared, priority=6)


def _calm(results: Results, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the overall numbers that are no cause for worry: those in sight, and the rest."""
    calm = [one for one in rows if one.calm]
    room = 0 if verdict(results) != "passed" else max(0, _IN_SIGHT - sum(one.matters for one in rows))
    return calm[:room], calm[room:]


def _table(what: str, rows: Sequence[Row], *, compared: bool, priority: int) -> Section:
    columns = ("Number", "Baseline → now", "Limit:") if compared else ("Number", "Value:")
    limit = " · limit: how much worse it may get" if compared else ""
    return Section(
        what=what,
        priority=priority,
        head=table(columns),
        entries=tuple(_line(one, compared=compared) for one in rows),
        tail=f"\n<sub>{_ARROWS}{limit}</sub>",
    )


def _folded(title: str, rows: Sequence[Row], *, compared: bool, priority: int) -> Iterator[Section]:
    if not rows:
        return
    head, tail = fold(f"{title} ({len(rows):,})")
    plain = _table(title.lower(), rows, compared=compared, priority=priority)
    yield replace(plain, head=f"{head}\n{plain.head}", tail=tail)


def _line(one: Row, *, compared: bool) -> str:
    return row((_name(one), *((_change(one), _limit(one)) if compared else (_value(one),))))


def _name(one: Row) -> str:
    above, short = split(one.name)
    of = (prose(above, limit=80),) if above else ()
    part = (value(one.slice, limit=80),) if one.slice else ()
    below = " · ".join((*of, *part, *_n(one)))
    pieces = re.split(r"(?<=[._])", short[:_LONGEST_NAME]) if len(short) > _UNBROKEN_NAME else [short]
    name = "<wbr>".join(prose(piece) for piece in pieces)
    return f"**{name}**{_direction(one)}" + (f"<br><sub>{below}</sub>" if below else "")


def _direction(one: Row) -> str:
    return {None: "", True: "&nbsp;↑", False: "&nbsp;↓"}[one.higher_is_better]


def _change(one: Row) -> str:
    change = one.change
    if change is None:
        return _value(one)
    moved, reason = difference(change), prose(change.reason or "", limit=120)
    if change.status == "passed":
        sign = f"{SIGNS['passed']} " if allowed(change) is not None else ""
        return f"{sign}{moved or 'passed'}<br>{_values(change, one)}"
    why = f"<br><sub>{reason}</sub>" if moved and reason and change.status != "failed" else ""
    said = moved or reason if change.comparable else prose(without_verdict(change), limit=120)
    return f"{SIGNS[change.status]} {change.verdict}: {said}<br>{_values(change, one)}{why}"


def _values(change: Change, one: Row) -> str:
    if change.baseline is None:
        return f"now {_value(one)}"
    if change.candidate is None:
        return f"{number(change.baseline)} → gone"
    before, now = pair(cut(change.metric, change.baseline), cut(change.metric, change.candidate))
    return now if before == now else f"{before} → **{now}**"


def _limit(one: Row) -> str:
    limit = allowed(one.change) if one.change else None
    return prose(limit, limit=30) if limit is not None else "none"


def _value(one: Row) -> str:
    if one.metric is None:
        return number(one.change.candidate) if one.change and one.change.candidate is not None else "gone"
    low_high = one.metric.interval
    shown = f"<br><sub>{number(low_high[0])} to {number(low_high[1])}</sub>" if low_high else ""
    return f"{number(cut(one.metric.name, one.metric.value))}{shown}"


def _n(one: Row) -> tuple[str, ...]:
    return () if one.n is None else (f"n&nbsp;{one.n:,}",)
