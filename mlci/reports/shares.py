"""Two distributions side by side, out of the untrusted details of a check: labels with shares of both, and bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.numbers import percent

KEYS = ("cells", "shapes shown")
"""Where the details of a check hold distributions: lists of label, share before and share now."""

_MOST = 12
_LONGEST = 60
_WIDTH = 12
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One cell of both distributions; shares lie between 0 and 1."""

    label: str
    before: float
    now: float


def cells_of(details: Mapping[str, Any]) -> tuple[tuple[Cell, ...], ...]:
    """Return the distributions that `details` hold."""
    found = (tuple(_cells(details.get(key))) for key in KEYS)
    return tuple(each for each in found if each)


def _cells(found: Any) -> Iterator[Cell]:
    for entry in found[:_MOST] if isinstance(found, (list, tuple)) else ():
        if isinstance(entry, (list, tuple)) and len(entry) == 3 and all(map(_is_share, entry[1:])):  # noqa: PLR2004
            yield Cell(label=str(entry[0])[:_LONGEST], before=float(entry[1]), now=float(entry[2]))


def _is_share(found: Any) -> bool:
    return isinstance(found, (int, float)) and not isinstance(found, bool) and 0 <= found <= 1


def bar(share: float, *, largest: float) -> str:
    """Return a bar as long as `share` is beside the largest one shown."""
    eighths = round(8 * _WIDTH * share / largest) if largest > 0 else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def lines(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return a distribution as lines of even columns: label, bar and share before, bar and share now."""
    largest = max(max(cell.before, cell.now) for cell in cells)
    wide = max(len(cell.label) for cell in cells)
    head = f"{'':<{wide}}  {'before':<{_WIDTH + 8}}now"
    return (head, *(_line(cell, wide, largest) for cell in cells))


def _line(cell: Cell, wide: int, largest: float) -> str:
    before, now = (f"{bar(share, largest=largest):<{_WIDTH}}{_percent(share):>6}" for share in (cell.before, cell.now))
    return f"{cell.label:<{wide}}  {before}  {now}"


def _percent(share: float) -> str:
    return percent(round(share, 3))
