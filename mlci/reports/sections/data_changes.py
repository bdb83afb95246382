"""How data files changed: a line for each in sight, and the columns that moved, folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlci.numbers import number
from mlci.reports.changes import changes_of, line, measures, missing
from mlci.reports.inert import prose, value, words
from mlci.reports.layout import Section, fold, row, table
from mlci.reports.sections.receipt import short
from mlci.results.model import ColumnShift, DataChange, Results

_IN_SIGHT = 5
_COLUMNS = 20
_LEFT_TO_THE_PAGE = ("standard deviation", "lower quartile", "upper quartile")
_LEGEND = (
    "<sub>+ new, − gone, ~ changed rows. Moved: 0 not at all to 1, the largest difference of the cumulative "
    "shares of numbers and dates, the share of values in other categories.</sub>"
)


def in_sight(results: Results) -> Iterator[Section]:
    """Yield a line for each data file that changed."""
    changes = changes_of(results)
    entries = tuple(_entry(change) for change in changes)
    if entries:
        base = next((change.base for change in changes if change.base), None)
        since = f" since {value(short(base), limit=40)}" if base else ""
        head = f"#### Data changed{since}\n"
        yield Section(what="changed data files", priority=3, head=head, entries=entries[:_IN_SIGHT])
    if entries[_IN_SIGHT:]:
        head, tail = fold(f"More changed data files ({len(entries) - _IN_SIGHT:,})")
        yield Section(what="changed data files", priority=5, head=head, entries=entries[_IN_SIGHT:], tail=tail)


def folded(results: Results) -> Iterator[Section]:
    """Yield a table of the columns that moved, for all changed files."""
    changes = [change for change in changes_of(results) if change.shifts]
    entries = tuple(_row(change, shift) for change in changes for shift in change.shifts[:_COLUMNS])
    if entries:
        total = sum(len(change.shifts) for change in changes)
        more = f"the {len(entries):,} furthest of {total:,}" if total > len(entries) else f"{total:,}"
        head, tail = fold(f"Columns that moved ({more})")
        columns = table(("Column", "Before → now", "Moved:"))
        yield Section(
            what="columns that moved",
            priority=6,
            head=f"{head}\n{columns}",
            entries=entries,
            tail=f"\n{_LEGEND}{tail}",
        )


def _entry(change: DataChange) -> str:
    return f"- {value(change.path)}: {words(line(change))}"


def _row(change: DataChange, shift: ColumnShift) -> str:
    told: Sequence[str] = [f"{name} {both}" for name, both in measures(shift) if name not in _LEFT_TO_THE_PAGE]
    lines = [prose(each) for each in (missing(shift), *told) if each]
    name = f"{value(shift.column, limit=80)}<br><sub>{prose(change.path, limit=80)}</sub>"
    return row((name, "<br>".join(lines), number(round(shift.effect, 3))))
