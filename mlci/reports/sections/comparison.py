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
_COMPARED = " · limit: how much worse it may get"
_INTERVAL = " · 95 %: confidence interval"
_LONGEST_NAME = 80
_LONGEST_REASON = 120
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


def folded_table(title: str, rows: Sequence[Row], *, before: str) -> Iterator[Section]:
    """Yield a folded table of numbers beside those of `before`, a text that is safe to show."""
    yield from _folded(title, rows, compared=True, priority=5, before=before)


def _table(what: str, rows: Sequence[Row], *, compared: bool, priority: int, before: str = "Baseline") -> Section:
    columns = ("Number", f"{before} → now" if compared else "Value")
    interval = any(one.metric and one.metric.interval for one in rows)
    legend = f"{_ARROWS}{_COMPARED if compared else ''}{_INTERVAL if interval else ''}"
    return Section(
        what=what,
        priority=priority,
        head=table(columns),
        entries=tuple(_line(one, compared=compared) for one in rows),
        tail=f"\n<sub>{legend}</sub>",
    )


def _folded(
    title: str, rows: Sequence[Row], *, compared: bool, priority: int, before: str = "Baseline"
) -> Iterator[Section]:
    if not rows:
        return
    head, tail = fold(f"{title} ({len(rows):,})")
    plain = _table(title.lower(), rows, compared=compared, priority=priority, before=before)
    yield replace(plain, head=f"{head}\n{plain.head}", tail=tail)


def _line(one: Row, *, compared: bool) -> str:
    return row((_name(one), _change(one) if compared else _value(one)))


def _name(one: Row) -> str:
    above, short, legs = split(one.name)
    of = (prose(above, limit=80),) if above else ()
    told = (prose(legs, limit=120),) if legs else ()
    part = (value(one.slice, limit=80),) if one.slice else ()
    below = " · ".join((*of, *part, *_n(one), *told))
    pieces = re.split(r"(?<=[._])", short[:_LONGEST_NAME]) if len(short) > _UNBROKEN_NAME else [short]
    name = "<wbr>".join(prose(piece) for piece in pieces)
    return f"**{name}**{_direction(one)}" + (f"<br><sub>{below}</sub>" if below else "")


def _direction(one: Row) -> str:
    return {None: "", True: "&nbsp;↑", False: "&nbsp;↓"}[one.higher_is_better]


def _change(one: Row) -> str:
    change = one.change
    if change is None:
        return _value(one)
    lines = (_said(change), _values(change, one), _sub(_uncertainty(one)), _sub(_why(change)))
    return "<br>".join(line for line in lines if line)


def _said(change: Change) -> str:
    """Return how a number moved, with its verdict where a sign alone would not say it, and its limit."""
    moved, limit = difference(change), allowed(change)
    bound = f", limit&nbsp;{prose(limit, limit=30)}" if limit is not None and moved else ""
    if change.status == "passed":
        sign = f"{SIGNS['passed']} " if limit is not None else ""
        return f"{sign}{moved or 'passed'}{bound}"
    reason = change.reason or "" if change.comparable else without_verdict(change)
    said = moved if moved and change.comparable else prose(reason, limit=_LONGEST_REASON)
    word = "" if change.status == "failed" and change.comparable else f"{change.verdict}: "
    return f"{SIGNS[change.status]} {word}{said}{bound if change.comparable else ''}"


def _why(change: Change) -> str:
    """Return why a number did not pass, where its verdict and limit do not say it."""
    reason = change.waiver or change.reason or ""
    told = change.status in ("passed", "failed") or not change.comparable or difference(change) is None
    return "" if told or not reason else prose(reason, limit=_LONGEST_REASON)


def _values(change: Change, one: Row) -> str:
    if change.baseline is None:
        return f"now {_number(one)}"
    if change.candidate is None:
        return f"{number(change.baseline)} → gone"
    before, now = pair(cut(change.metric, change.baseline), cut(change.metric, change.candidate))
    return now if before == now else f"{before} → **{now}**"


def _uncertainty(one: Row) -> str:
    """Return the interval of the value now, and how much worse it may be than the baseline, where they are known."""
    low_high = one.metric.interval if one.metric else None
    bound = one.change.upper_bound if one.change else None
    interval = [f"95&nbsp;%: {number(low_high[0])} to {number(low_high[1])}"] if low_high else []
    return " · ".join((*interval, *([f"at most {number(bound)} worse"] if bound is not None and bound > 0 else [])))


def _sub(text: str) -> str:
    return f"<sub>{text}</sub>" if text else ""


def _value(one: Row) -> str:
    return "<br>".join(line for line in (_number(one), _sub(_uncertainty(one))) if line)


def _number(one: Row) -> str:
    if one.metric is None:
        return number(one.change.candidate) if one.change and one.change.candidate is not None else "gone"
    return number(cut(one.metric.name, one.metric.value))


def _n(one: Row) -> tuple[str, ...]:
    return () if one.n is None else (f"n&nbsp;{one.n:,}",)
