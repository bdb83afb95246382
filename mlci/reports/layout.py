"""Fitting a report into the room there is: sections of whole entries, the most important first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlci.reports.inert import utf16_units
from mlci.results.model import Status

SIGNS: dict[Status, str] = {
    "passed": "✅",
    "failed": "❌",
    "errored": "🛑",
    "warned": "⚠️",
    "inconclusive": "🔎",
    "skipped": "➖",
}

_JOINT = "\n\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a report: entries between a head and a tail, left out where there is none.

    Sections stand in the order they are given in; the one with the lowest `priority` gets room first. When not all
    entries fit, those that do are kept, in order, and the rest is counted under the name `what`.
    """

    what: str
    priority: int
    head: str = ""
    entries: tuple[str, ...] = ()
    tail: str = ""

    def text(self, kept: int) -> str:
        """Return the section with its first `kept` entries."""
        return "\n".join(part for part in (self.head, *self.entries[:kept], self.tail) if part)


def fit(sections: Sequence[Section], *, budget: int) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return the text of as many whole entries as `budget` UTF-16 units hold, and `(entries left out, of what)`."""
    kept = {}
    for place in sorted(range(len(sections)), key=lambda place: sections[place].priority):
        kept[place], budget = _take(sections[place], budget)
    ordered = [(section, kept[place]) for place, section in enumerate(sections)]
    text = _JOINT.join(section.text(number) for section, number in ordered if number)
    dropped = [(len(section.entries) - number, section.what) for section, number in ordered]
    return text, tuple((number, what) for number, what in dropped if number)


def _take(section: Section, budget: int) -> tuple[int, int]:
    frame = utf16_units(section.head + section.tail + _JOINT) + 2
    left, kept = budget - frame, 0
    for entry in section.entries:
        size = utf16_units(entry) + 1
        if size > left:
            break
        left, kept = left - size, kept + 1
    return (kept, left) if kept else (0, budget)


def fold(title: str) -> tuple[str, str]:
    """Return the head and the tail of a folded section; `title` is our own text."""
    return f"<details>\n<summary>{title}</summary>\n", "\n</details>"


def table(columns: Iterable[str]) -> str:
    """Return the two head lines of a table; a column whose name ends in `:` is aligned to the right."""
    names = tuple(columns)
    rule = "|".join(" ---: " if name.endswith(":") else " --- " for name in names)
    return f"{row(name.removesuffix(':') for name in names)}\n|{rule}|"


def row(cells: Iterable[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"
