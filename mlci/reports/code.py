"""What the checks of the code gate have to tell beside their verdicts; every text in it is untrusted and plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.errors import Where
from mlci.reports.findings import checks_of
from mlci.reports.names import parts
from mlci.results.model import Check, Results

_SPAN = re.compile(r"([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?")
_PLACE = re.compile(r"(.+):([1-9]\d{0,8})")
_TOLD = ("coverage.changed-lines", "coverage.excluded", "coverage.report", "tests.changes")
_CHANGES = ("removed", "newly_skipped", "renamed", "slower", "added")
_LONGEST = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncovered:
    """Changed lines in a row that no test runs."""

    path: str
    first: int
    last: int

    @property
    def where(self) -> Where:
        """The first of them."""
        return Where(path=self.path, line=self.first)

    @property
    def lines(self) -> str:
        """The lines in words."""
        return f"line {self.first}" if self.first == self.last else f"lines {self.first}-{self.last}"


def told(results: Results) -> tuple[str, ...]:
    """Return one line each of changed lines, exclusions and tests, where the gate looked; numbers stand elsewhere."""
    return tuple(
        check.summary[:_LONGEST] for name in _TOLD for check in _called(results, name) if check.status != "skipped"
    )


def uncovered(results: Results) -> tuple[Uncovered, ...]:
    """Return the changed lines that no test runs."""
    return tuple(
        Uncovered(path=path, first=first, last=last)
        for check in _called(results, "coverage.changed-lines")
        for path, spans in _mapping(check.details.get("uncovered")).items()
        for first, last in _spans(spans)
    )


def without_reason(results: Results) -> tuple[Where, ...]:
    """Return the places of `no cover` that say no reason."""
    listed = (
        _PLACE.fullmatch(place)
        for check in _called(results, "coverage.excluded")
        for place in _texts(check.details.get("without_reason"))
    )
    return tuple(Where(path=found[1], line=int(found[2])) for found in listed if found)


def changed_tests(results: Results) -> tuple[tuple[str, str], ...]:
    """Return each test that is gone, skipped, renamed, slower or new, with which of them it is."""
    return tuple(
        (kind.replace("_", " "), text)
        for check in _called(results, "tests.changes")
        for kind in _CHANGES
        for text in _texts(check.details.get(kind))
    )


def has_pages(results: Results) -> bool:
    """Whether coverage's own pages lie in the report folder."""
    return any(check.details.get("pages") is True for check in _called(results, "coverage.total")) and not any(
        gate.leg for gate in results.gates
    )


def _called(results: Results, name: str) -> Iterator[Check]:
    for check in checks_of(results):
        known = parts(check.id)
        if known.gate == "code" and known.rest == name:
            yield check


def _spans(found: Any) -> Iterator[tuple[int, int]]:
    for text in _texts(found):
        if span := _SPAN.fullmatch(text):
            yield int(span[1]), max(int(span[1]), int(span[2] or span[1]))


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _texts(found: Any) -> Sequence[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, (list, tuple)) else []
