"""The code gate beside its verdict: coverage and tests in a line each, and what of them a reviewer may want to see."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.reports.code import changed_tests, told, uncovered, without_reason
from mlci.reports.inert import value, words
from mlci.reports.layout import Section, fold
from mlci.reports.links import Links
from mlci.results.model import Results


def in_sight(results: Results) -> Iterator[Section]:
    """Yield one line of changed lines, exclusions and tests."""
    lines = told(results)
    if lines:
        entries = (f"- **Code:** {' · '.join(words(line) for line in lines)}",)
        yield Section(what="code", priority=2, entries=entries)


def folded(results: Results, links: Links) -> Iterator[Section]:
    """Yield, folded, the changed lines that no test runs, exclusions without a reason, and changed tests."""
    missed = [f"- {links.place(one.where)}: {one.lines}" for one in uncovered(results)]
    yield from _folded("Uncovered changed lines", missed, priority=4)
    bare = [f"- {links.place(where)}" for where in without_reason(results)]
    yield from _folded("`no cover` without a reason", bare, priority=7)
    tests = [f"- {kind}: {value(test)}" for kind, test in changed_tests(results)]
    yield from _folded("Changed tests", tests, priority=6)


def _folded(title: str, entries: list[str], *, priority: int) -> Iterator[Section]:
    if entries:
        shown = title.replace("`no cover`", "<code>no cover</code>")
        head, tail = fold(f"{shown} ({len(entries):,})")
        what = title.replace("`", "").lower()
        yield Section(what=what, priority=priority, head=head, entries=tuple(entries), tail=tail)
