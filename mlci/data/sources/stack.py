"""Where the rows of several files lie in the table that they make together."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Lines = Callable[[Sequence[int]], dict[int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """Files one below the other."""

    names: tuple[str, ...]
    """What messages call them."""
    counts: Callable[[], Sequence[int]]
    """Tells how many rows each has; asked only when a row is."""
    lines: tuple[Lines, ...] = ()
    """What tells the lines of each file's own rows, where that is known."""

    def files_of(self, rows: Sequence[int]) -> dict[int, str]:
        """Return the file of each row; rows are numbered from 1 through all files."""
        return {row: self.names[file] for row, file, _ in self._places(rows)}

    def lines_of(self, rows: Sequence[int]) -> dict[int, int]:
        """Return the line, in its own file, that each row begins on, where that is known."""
        places = list(self._places(rows))
        found: dict[int, int] = {}
        for file, lines in enumerate(self.lines):
            own = {number: row for row, at, number in places if at == file}
            found |= {own[number]: line for number, line in lines(sorted(own)).items()} if own else {}
        return {row: found[row] for row in rows if row in found}

    def _places(self, rows: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Give each row with the position of its file and its number there."""
        counts = self.counts() if rows else ()
        ends = list(itertools.accumulate(counts))
        for row in rows:
            file = bisect_left(ends, row)
            if row > 0 and file < len(ends):
                yield row, file, row - (ends[file] - counts[file])
