"""What `search:` of a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Of = Literal["text", "row", "image"]
MOST_GRID = 64
"""In at most so many squares a side of an image is cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """How an adversary looks for a change, and what it may change."""

    budget: int = 100
    """Inputs that the model is asked about for each case, at most."""
    changes: int | None = None
    """Words, steps or squares that are changed at once, at most."""
    of: Of | None = None
    """What inputs are; found out when left out, where a text that names an image file is a text."""
    column: str | None = None
    """The column with the text, where inputs are rows and texts are changed."""
    characters: bool = True
    """Whether words may be misspelt."""
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Words that may stand for a word."""
    keep: tuple[str, ...] = ()
    """Words or columns that stay as they are."""
    steps: Mapping[str, Any] = field(default_factory=dict)
    """How far a column moves in one step, or the values that it may take; a tenth of its deviation when left out."""
    grid: int = 8
    """In how many squares a side of an image is cut."""


def settings(
    *,
    budget: int = 100,
    changes: int | None = None,
    of: Of | None = None,
    column: str | None = None,
    characters: bool = True,
    synonyms: dict[str, list[str]] | None = None,
    keep: tuple[str, ...] = (),
    steps: dict[str, float | list[str | bool | int | float]] | None = None,
    grid: int = 8,
) -> Search:
    """Return what `search:` says; the names and types of its keys are these."""
    return Search(
        budget=budget,
        changes=changes,
        of=of,
        column=column,
        characters=characters,
        synonyms={word.lower(): tuple(others) for word, others in (synonyms or {}).items()},
        keep=keep,
        steps=steps or {},
        grid=grid,
    )
