"""How the distribution of a column moved, folded: a small table of both sides for each finding that has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlci.numbers import percent
from mlci.reports.findings import Finding
from mlci.reports.inert import prose, value
from mlci.reports.layout import Section, fold, row, table
from mlci.reports.shares import Cell, bar, cells_of

_LABEL = 60


def sections(found: Sequence[Finding]) -> Iterator[Section]:
    """Yield the distributions of what did not pass."""
    entries = tuple(
        _entry(finding, cells) for finding in found if finding.check for cells in cells_of(finding.check.details)
    )
    if entries:
        head, tail = fold(f"Distributions ({len(entries):,})")
        yield Section(what="distributions", priority=7, head=head, entries=entries, tail=tail)


def _entry(finding: Finding, cells: Sequence[Cell]) -> str:
    largest = max(max(cell.before, cell.now) for cell in cells)
    rows = (
        row((prose(cell.label, limit=_LABEL), *(_share(share, largest) for share in (cell.before, cell.now))))
        for cell in cells
    )
    return "\n".join((f"{value(finding.subject)}\n", table(("Cell", "Before", "Now")), *rows, ""))


def _share(share: float, largest: float) -> str:
    return f"{bar(share, largest=largest)} {percent(round(share, 3))}"
