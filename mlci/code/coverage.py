"""What was measured of a project's code: counts, and the lines of each file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What was measured, in one file or in several."""

    statements: int
    covered: int
    branches: int = 0
    covered_branches: int = 0
    excluded: int = 0

    @property
    def percent(self) -> float:
        """Statements and branches covered, in percent of both, as coverage computes it; not rounded."""
        measured = self.statements + self.branches
        return 100.0 * (self.covered + self.covered_branches) / measured if measured else 100.0

    @property
    def branch_percent(self) -> float:
        """Branches covered, in percent; not rounded."""
        return 100.0 * self.covered_branches / self.branches if self.branches else 100.0

    @property
    def missing(self) -> int:
        """Statements and branches that are not covered."""
        return self.statements - self.covered + self.branches - self.covered_branches


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """The lines of one file that statements begin on, from 1."""

    executed: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    """Those that the project takes out of the measurement; not known from every format."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The coverage of a project: in all, and by file."""

    total: Counts
    files: Mapping[str, Counts]
    lines: Mapping[str, Lines] = field(default_factory=dict)
    """By the same names as `files`."""
    with_branches: bool = False
    """Whether branches were measured, which there may be none of."""
    sources: tuple[str, ...] = ()
    """Folders that the names may be relative to, by a report that says so."""
    made: datetime | None = None
    """When it was measured, by a report that says so."""


def summed(files: Iterable[Counts]) -> Counts:
    """Return the counts of several files together."""
    every = tuple(files)
    return Counts(
        statements=sum(counts.statements for counts in every),
        covered=sum(counts.covered for counts in every),
        branches=sum(counts.branches for counts in every),
        covered_branches=sum(counts.covered_branches for counts in every),
        excluded=sum(counts.excluded for counts in every),
    )


def shown(percent: float) -> str:
    """Return `percent` with two decimals, rounded down so that what is below a limit never looks like the limit."""
    return f"{math.floor(percent * 100) / 100:.2f}"
