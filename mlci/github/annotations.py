"""What is said at the lines of a change: the findings that have a place, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mlci.errors import Where
from mlci.github.changed import Lines, touches
from mlci.reports.code import uncovered
from mlci.reports.findings import Finding, findings
from mlci.reports.inert import visible
from mlci.reports.legs import gathered
from mlci.results.model import Results, Status

Level = Literal["error", "warning", "notice"]

_LEVELS: Mapping[Status, Level] = {"errored": "error", "failed": "error", "warned": "warning", "inconclusive": "notice"}
_PATH = 400
_TITLE = 120
_MESSAGE = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """One finding; its texts are untrusted, in one line, with all that is invisible written out."""

    level: Level
    title: str
    message: str
    path: str
    """From the root of git; empty where the finding is about no file."""
    line: int | None
    """Counted from 1."""
    last_line: int | None = None
    """Where it is about several lines, the last of them."""


def annotations_of(results: Results, *, folder: str = "", changed: Lines | None = None) -> tuple[Annotation, ...]:
    """Return an annotation for each finding: the worst first, and of the same kind those on changed lines first.

    `folder` leads from the root of git to the project, with a slash at its end.
    """
    found = findings(gathered(results))
    places = [_Placed(finding=one, folder=folder) for one in found]
    lines = changed or {}
    ordered = sorted(places, key=lambda one: (_rank(one.finding), not touches(lines, one.path, one.line)))
    return (*map(_annotation, ordered), *_uncovered(results, folder))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Placed:
    finding: Finding
    folder: str

    @property
    def where(self) -> Where | None:
        return self.finding.where

    @property
    def path(self) -> str:
        return f"{self.folder}{self.where.path}" if self.where and self.where.path else ""

    @property
    def line(self) -> int | None:
        return self.where.line if self.where and self.where.line and self.where.line > 0 else None


def _uncovered(results: Results, folder: str) -> Iterator[Annotation]:
    """Give a notice for each row of changed lines that no test runs."""
    for lines in uncovered(results):
        yield Annotation(
            level="notice",
            title="mlci: not covered",
            message=f"No test runs {lines.lines} of this change.",
            path=visible(f"{folder}{lines.path}", limit=_PATH),
            line=lines.first,
            last_line=lines.last,
        )


def _rank(finding: Finding) -> int:
    return list(_LEVELS).index(finding.status)


def _annotation(placed: _Placed) -> Annotation:
    finding = placed.finding
    return Annotation(
        level=_LEVELS[finding.status],
        title=visible(f"mlci: {finding.subject}", limit=_TITLE),
        message=visible(finding.line, limit=_MESSAGE),
        path=visible(placed.path, limit=_PATH),
        line=placed.line,
    )


def placed(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """Return those that are about a file."""
    return tuple(one for one in annotations if one.path)
