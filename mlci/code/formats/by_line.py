"""What formats that tell hits line by line have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mlci.code.coverage import Counts, Lines, Measured, summed


@dataclass(kw_only=True, slots=True)
class Tally:
    """The lines of one file as a report tells them, which may tell one several times."""

    hits: dict[int, int] = field(default_factory=dict)
    branches: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Branches that were taken, and all, by line."""

    def hit(self, line: int, hits: int) -> None:
        """Add what is told of a line."""
        if line < 0 or hits < 0:
            raise ValueError(f"line {line} with {hits} hits")
        self.hits[line] = max(hits, self.hits.get(line, 0))

    def branch(self, line: int, taken: int, of: int) -> None:
        """Add what is told of the branches of a line."""
        if not 0 <= taken <= of:
            raise ValueError(f"{taken} of {of} branches are taken on line {line}")
        self.branches[line] = max((taken, of), self.branches.get(line, (0, 0)), key=lambda both: (both[1], both[0]))

    @property
    def lines(self) -> Lines:
        """The lines that were executed and those that were not."""
        executed = frozenset(line for line, hits in self.hits.items() if hits)
        return Lines(executed=executed, missing=frozenset(self.hits) - executed)

    @property
    def counts(self) -> Counts:
        """How many of them there are."""
        return Counts(
            statements=len(self.hits),
            covered=sum(1 for hits in self.hits.values() if hits),
            branches=sum(every for _, every in self.branches.values()),
            covered_branches=sum(taken for taken, _ in self.branches.values()),
        )


def measured(tallies: dict[str, Tally], *, sources: tuple[str, ...] = (), made: datetime | None = None) -> Measured:
    """Return the coverage of all files."""
    files = {name: tally.counts for name, tally in tallies.items()}
    lines = {name: tally.lines for name, tally in tallies.items()}
    total = summed(files.values())
    return Measured(total=total, files=files, lines=lines, with_branches=total.branches > 0, sources=sources, made=made)
