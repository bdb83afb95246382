"""The Markdown report: the pull-request comment, the step summary and `summary.md`.

Read in half a minute: the verdict and the first reason, the gates, the numbers, the findings; the rest is folded.
Every text that comes from results is untrusted and goes through `mlci.reports.inert`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlci.numbers import count
from mlci.reports.findings import Finding, findings, headline
from mlci.reports.inert import utf16_units
from mlci.reports.layout import Section, fit
from mlci.reports.legs import gathered
from mlci.reports.links import Links
from mlci.reports.sections import (
    checks,
    code,
    comparison,
    data_changes,
    decision,
    distributions,
    examples,
    history,
    receipt,
    rules,
    top,
)
from mlci.results.model import Results

__all__ = ["COMMENT_BUDGET", "Links", "headline", "marker_of", "render"]

COMMENT_BUDGET = 60_000
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_NOTE_ROOM = 1_000


def render(
    results: Results,
    *,
    marker: str | None = None,
    budget: int = COMMENT_BUDGET,
    links: Links | None = None,
    show_values: bool | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return the report in at most `budget` UTF-16 units; what had no room is counted in a note at its end.

    `marker` is the first line, by which the comment is found again. Values of data rows and examples of failing
    cases appear only with `show_values`, which is what the results say when left out. `notes` are Markdown of our own
    that stands right below the verdict.
    """
    links, results = links or Links(), gathered(results)
    values = results.show_values if show_values is None else show_values
    found = findings(results)
    opening = "\n".join(part for part in (marker, top.heading(results, found, links)) if part)
    opening = "\n\n".join((opening, *(f"> {note}" for note in notes)))
    footer = receipt.footer(results, links)
    room = budget - utf16_units(opening) - utf16_units(footer) - _NOTE_ROOM
    body, dropped = fit(tuple(_sections(results, found, links, show_values=values)), budget=room)
    parts = (opening, body, _left_out(dropped, links), footer)
    return "\n\n".join(part for part in parts if part) + "\n"


def marker_of(comment_id: str) -> str:
    """Return the invisible first line of the comment called `comment_id`; raise `ValueError` for a wrong id."""
    if not _ID.fullmatch(comment_id):
        raise ValueError(f"{comment_id!r} is not a comment id: at most 100 of letters, digits, `.`, `_` and `-`.")
    return f"<!-- mlci:{comment_id} -->"


def _sections(results: Results, found: tuple[Finding, ...], links: Links, *, show_values: bool) -> Iterator[Section]:
    yield from rules.section(results, links)
    if results.gates:
        yield top.gates(results)
    yield from comparison.in_sight(results)
    yield from decision.in_sight(results)
    yield from code.in_sight(results)
    yield from checks.stopping(found, links)
    yield from code.folded(results, links)
    yield from data_changes.in_sight(results)
    yield from data_changes.folded(results)
    yield from comparison.folded(results)
    yield from decision.anchored(results)
    yield from checks.noted(found, links)
    yield from distributions.sections(found)
    if show_values:
        yield from examples.sections(found)
    yield from history.sections(results)
    yield from checks.skipped(results)
    yield from receipt.baseline(results)
    yield from receipt.reproduce(results)


def _left_out(dropped: tuple[tuple[int, str], ...], links: Links) -> str:
    if not dropped:
        return ""
    what = ", ".join(f"{number:,} of {name}" for number, name in dropped)
    total = count(sum(number for number, _name in dropped), "entry", "entries")
    rest = f'`results.json` of <a href="{links.run}">this run</a>' if links.run else "`results.json`"
    return f"**Left out for length:** {total} ({what}). All of them are in {rest}."
