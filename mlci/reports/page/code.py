"""The code gate's own part of the page: coverage's pages, uncovered lines, and tests that changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlci.reports.code import changed_tests, has_pages, told, uncovered, without_reason
from mlci.reports.links import Links
from mlci.results.model import Results


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A section: its title and its entries, which are markup."""

    title: str
    entries: tuple[str, ...]
    folded: bool = True


def parts_of(results: Results, links: Links, macros: Any) -> Iterator[Part]:
    """Yield what there is to tell; parts without entries too."""
    lines = [macros.note("", line) for line in told(results)]
    pages = [macros.coverage_pages()] if has_pages(results) else []
    yield Part(title="Code", entries=(*lines, *pages), folded=False)
    missed = [macros.line(one.where, links.address(one.where), one.lines) for one in uncovered(results)]
    yield Part(title="Uncovered changed lines", entries=tuple(missed))
    bare = [macros.line(where, links.address(where), "") for where in without_reason(results)]
    yield Part(title="Exclusions from coverage without a reason", entries=tuple(bare))
    yield Part(
        title="Changed tests", entries=tuple(macros.note(kind, f"`{test}`") for kind, test in changed_tests(results))
    )
