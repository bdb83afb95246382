"""The numbers of the run beside the baseline's: those that matter in sight, the rest folded."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mlci.numbers import number, pair
from mlci.reports.findings import allowed, difference, verdict
from mlci.reports.inert import prose, value
from mlci.reports.layout import SIGNS, Section, fold, row, table
from mlci.reports.names import parts
from mlci.results.model import Change, Metric, Results

_IN_SIGHT = 8
_ARROWS = "↑ higher is better · ↓ lower is better · n: examples, lines or cases"
_LONGEST_NAME = 80
_UNBROKEN_NAME = 20  # what a phone's column holds
_WORST_FIRST = ("errored", "failed", "warned", "inconclusive")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One number: its change, its metric, or both."""

    name: str
    slice: str | None
    change: Change | None
    metric: Metric | None

    @property
    def matters(self) -> bool:
        return self.change is not None and self.change.status not in ("passed", "skipped")

    @property
    def calm(self) -> bool:
        return self.slice is None and not self.matters


def in_sight(results: Results) -> Iterator[Section]:
    """Yield the table of what got worse and, where nothing blocks, of the first overall numbers."""
    rows = _rows(results)
    worse = sorted((one for one in rows if one.matters), key=_urgency)
    shown = [*worse, *_calm(results, rows)[0]]
    if shown:
        yield _table("numbers", shown, compared=_compared(rows), priority=1)


def folded(results: Results) -> Iterator[Section]:
    """Yield the other overall numbers, and those of slices."""
    rows = _rows(results)
    compared = _compared(rows)
    yield from _folded("Other numbers", _calm(results, rows)[1], compared=compared, priority=5)
    slices = [one for one in rows if one.slice is not None and not one.matters]
    yield from _folded("Slices", slices, compared=compared, priority=6)


def _calm(results: Results, rows: Sequence[_Row]) -> tuple[list[_Row], list[_Row]]:
    """Return the overall numbers that are no cause for worry: those in sight, and the rest."""
    calm = [one for one in rows if one.calm]
    room = 0 if verdict(results) != "passed" else max(0, _IN_SIGHT - sum(one.matters for one in rows))
    return calm[:room], calm[room:]


def _urgency(one: _Row) -> tuple[int, bool]:
    return (_WORST_FIRST.index(one.change.status) if one.change else len(_WORST_FIRST), one.slice is not None)


def _compared(rows: Sequence[_Row]) -> bool:
    return any(one.change is not None and one.change.baseline is not None for one in rows)


def _rows(results: Results) -> list[_Row]:
    metrics = {(metric.name, metric.slice): metric for metric in results.metrics}
    compared = results.comparison.changes if results.comparison else ()
    changes = {(change.metric, change.slice): change for change in compared}
    keys = dict.fromkeys((*changes, *metrics))
    return [_Row(name=key[0], slice=key[1], change=changes.get(key), metric=metrics.get(key)) for key in keys]


def _table(what: str, rows: Sequence[_Row], *, compared: bool, priority: int) -> Section:
    columns = ("Number", "Baseline → now", "Limit:") if compared else ("Number", "Value:")
    limit = " · limit: how much worse it may get" if compared else ""
    return Section(
        what=what,
        priority=priority,
        head=table(columns),
        entries=tuple(_line(one, compared=compared) for one in rows),
        tail=f"\n<sub>{_ARROWS}{limit}</sub>",
    )


def _folded(title: str, rows: Sequence[_Row], *, compared: bool, priority: int) -> Iterator[Section]:
    if not rows:
        return
    head, tail = fold(f"{title} ({len(rows):,})")
    plain = _table(title.lower(), rows, compared=compared, priority=priority)
    yield replace(plain, head=f"{head}\n{plain.head}", tail=tail)


def _line(one: _Row, *, compared: bool) -> str:
    return row((_name(one), *((_change(one), _limit(one)) if compared else (_value(one),))))


def _name(one: _Row) -> str:
    above, short = _split(one.name)
    of = (prose(above, limit=80),) if above else ()
    part = (value(one.slice, limit=80),) if one.slice else ()
    below = " · ".join((*of, *part, *_n(one)))
    pieces = re.split(r"(?<=[._])", short[:_LONGEST_NAME]) if len(short) > _UNBROKEN_NAME else [short]
    name = "<wbr>".join(prose(piece) for piece in pieces)
    return f"**{name}**{_direction(one)}" + (f"<br><sub>{below}</sub>" if below else "")


def _split(name: str) -> tuple[str, str]:
    """Split a dotted name into what it is a number of and the number: `model topics` and `accuracy`."""
    known = parts(name)
    above = [part for part in (known.leg, known.gate) if part]
    subject, dot, rest = known.rest.partition(".")
    inside = known.gate == "model" and bool(dot)
    return " ".join([*above, subject] if inside else above), rest if inside else known.rest


def _direction(one: _Row) -> str:
    source = one.change or one.metric
    if source is None or source.higher_is_better is None:
        return ""
    return "&nbsp;↑" if source.higher_is_better else "&nbsp;↓"


def _change(one: _Row) -> str:
    change = one.change
    if change is None:
        return _value(one)
    moved, reason = difference(change), prose(change.reason or "", limit=120)
    if change.status == "passed":
        sign = f"{SIGNS['passed']} " if allowed(change) is not None else ""
        return f"{sign}{moved or 'passed'}<br>{_values(change, one)}"
    why = f"<br><sub>{reason}</sub>" if moved and reason and change.status != "failed" else ""
    return f"{SIGNS[change.status]} {change.status}: {moved or reason}<br>{_values(change, one)}{why}"


def _values(change: Change, one: _Row) -> str:
    if change.baseline is None:
        return f"now {_value(one)}"
    if change.candidate is None:
        return f"{number(change.baseline)} → gone"
    before, now = pair(_cut(change.metric, change.baseline), _cut(change.metric, change.candidate))
    return now if before == now else f"{before} → **{now}**"


def _limit(one: _Row) -> str:
    limit = allowed(one.change) if one.change else None
    return prose(limit, limit=30) if limit is not None else "none"


def _cut(name: str, value: float) -> float:
    """Cut coverage to hundredths of a percent, as the code gate does, so that it is never rounded up to its limit."""
    known = parts(name)
    covered = known.gate == "code" and known.subject == "coverage" and math.isfinite(value)
    return math.floor(value * 100) / 100 if covered else value


def _value(one: _Row) -> str:
    if one.metric is None:
        return number(one.change.candidate) if one.change and one.change.candidate is not None else "gone"
    low_high = one.metric.interval
    shown = f"<br><sub>{number(low_high[0])} to {number(low_high[1])}</sub>" if low_high else ""
    return f"{number(_cut(one.metric.name, one.metric.value))}{shown}"


def _n(one: _Row) -> tuple[str, ...]:
    sizes = [source.n for source in (one.metric, one.change) if source is not None and source.n is not None]
    return (f"n&nbsp;{sizes[0]:,}",) if sizes else ()
