"""What a decision tells beside its numbers: changed predictions, the anchor and the waivers."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.reports.decided import lines
from mlci.reports.inert import prose, value, words
from mlci.reports.layout import Section
from mlci.reports.rows import Row, worst_first
from mlci.reports.sections.comparison import folded_table
from mlci.results.model import Results

_LINES = 8


def in_sight(results: Results) -> Iterator[Section]:
    """Yield one line each of changed predictions, the anchor and the waivers."""
    files = {churn.model: churn.file for churn in (results.comparison.churn if results.comparison else ())}
    entries = [f"- **{prose(title, limit=60)}:** {words(text)}" for title, text in lines(results)]
    if any(files.values()):
        listed = ", ".join(value(file) for file in files.values() if file)
        entries.append(f"- Changed predictions are listed in {listed} of the report folder")
    if entries:
        yield Section(what="notes", priority=2, entries=tuple(entries[:_LINES]))
        yield Section(what="more notes", priority=6, entries=tuple(entries[_LINES:]))


def anchored(results: Results) -> Iterator[Section]:
    """Yield the numbers beside those of the pinned release, the worst first, folded."""
    anchor = results.anchor
    if anchor is None:
        return
    rows = [
        Row(name=change.metric, slice=change.slice, change=change, metric=None)
        for change in anchor.comparison.changes
        if change.baseline is not None
    ]
    ordered = [*worst_first(rows), *(one for one in rows if not one.matters)]
    yield from folded_table(f"Since {prose(anchor.name, limit=60)}", ordered, before=prose(anchor.name, limit=30))
