"""The profile of a table: aggregates that a later run compares its own distribution with. No rows are in it.

Numbers are kept as counts between rounded quantiles, categories only where they are frequent, texts as their lengths
and shapes. The smallest and the largest value are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

READ: dict[str, Any] = {"allow_inf_nan": False, "extra": "ignore", "use_attribute_docstrings": True}

Form = Literal["number", "category", "text", "moment", "left-out", "empty"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnProfile:
    """The distribution of one column."""

    __pydantic_config__ = READ

    form: Form
    """How its distribution is kept; `left-out` keeps no more than missing values."""
    holds: str = ""
    """What its values are: number, text, moment, other; nothing is known where all are missing."""
    rows: int = 0
    """How many rows there are."""
    missing: int = 0
    """How many of them have no value."""
    edges: tuple[float, ...] = ()
    """Rounded upper bounds of the cells, in order; the last cell has none. Lengths of texts, seconds since 1970."""
    counts: tuple[int, ...] = ()
    """How many values lie in each cell: one more than there are bounds."""
    median: float | None = None
    """The median, rounded."""
    categories: Mapping[str, int] = field(default_factory=dict)
    """How often each category occurs, or each shape of a text."""
    rare: int = 0
    """Rows of categories that are left out because they are rare."""
    rarest: int = 0
    """A category that is left out has fewer rows than this."""
    note: str = ""
    """Why its distribution is left out."""

    @property
    def present(self) -> int:
        """How many rows have a value."""
        return self.rows - self.missing

    @property
    def is_whole(self) -> bool:
        """Whether its parts agree with each other: one out of a file may have been written by anyone."""
        amounts = (self.rows, self.missing, self.rare, self.rarest, *self.counts, *self.categories.values())
        listed = sum(self.categories.values()) + self.rare
        return (
            all(amount >= 0 for amount in amounts)
            and self.missing <= self.rows
            and len(self.counts) == len(self.edges) + bool(self.edges or self.counts)
            and list(self.edges) == sorted(set(self.edges))
            and (not self.edges or sum(self.counts) == self.present)
            and (not self.categories or listed == self.present)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """The distribution of every column of a table."""

    __pydantic_config__ = READ

    rows: int
    """How many rows there are."""
    columns: Mapping[str, ColumnProfile]
    """Its columns, in order."""
