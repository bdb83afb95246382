"""What an expectation may ask of the data, and what it finds.

An expectation that needs numbers yields a request and is sent the answer. Those who run expectations gather the
requests of all of them, answer as many as possible in one pass, and go on: that is how checks are fused.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from mlci.expectations.columns import Column


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalars:
    """Aggregates over all rows; answered by a tuple of plain values in the same order."""

    exprs: tuple[nw.Expr, ...]
    reads: tuple[str, ...] = ()
    """The columns that it reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicates:
    """How many rows, of those not ignored, share their key with another; answered by a number."""

    columns: tuple[Column, ...]
    ignored: nw.Expr | None
    rule: str = ""
    """Which rows are ignored, in words: requests of the same columns and rule are answered once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Distinct:
    """How many distinct values there are, missing ones not counted; for engines that cannot say it among others."""

    column: Column


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantiles:
    """The values at `shares` of the way through the sorted values, interpolated; for engines without quantiles."""

    column: Column
    shares: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueCounts:
    """The distinct values that are not missing and how often each occurs; answered by a dict, in order of value.

    With `text`, the values as text.
    """

    column: Column
    text: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The numbers of the rows whose value is not missing and does not satisfy `holds`, in order."""

    column: Column
    holds: Callable[[Any], bool]
    text: bool
    """Whether `holds` is given the value as text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """Several columns' values, row by row, missing ones included; answered by a list of tuples.

    For what only scientific libraries compute; holds the columns in memory.
    """

    columns: tuple[Column, ...]


Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Streamed:
    """All rows, a part at a time; answered by what `take` returns.

    `take` is given an iterator over lists of tuples (the row's number, from 1, and its values), and how many failing
    rows are wanted at most.
    """

    columns: tuple[Column, ...]
    take: Callable[[Iterator[Rows], int], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordered:
    """How many rows violate a test that looks at neighbouring rows; answered by a number."""

    test: RowTest


@dataclass(frozen=True, kw_only=True, slots=True)
class Failing:
    """The first rows that violate a test; answered by tuples of row number (from 1) and values."""

    test: RowTest
    count: int
    """How many there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherRows:
    """How many rows the other table called `name` has."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Rows that a SQL query over the data, called {batch} in it, returns; answered by their number and the first."""

    sql: str


Request = (
    Scalars
    | Duplicates
    | Distinct
    | Quantiles
    | ValueCounts
    | Refused
    | Values
    | Streamed
    | Ordered
    | Failing
    | OtherRows
    | Query
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowTest:
    """A test of every row."""

    ok: nw.Expr | None
    """True where the row is as expected; null counts as a violation. None: where no other row has the same values."""
    ignored: nw.Expr | None
    """True where the row is left out, never null; None leaves no row out."""
    columns: tuple[Column, ...]
    """The columns whose values a violation shows."""
    neighbours: bool = False
    """Whether `ok` looks at other rows, by a window over those not left out."""
    violations: int | None = None
    """How many violations there are, where that is known beforehand; `ok` then finds rows, and may miss some."""
    observed: Any = None
    """What was observed of the column as a whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What an expectation found."""

    success: bool
    observed_value: Any = None
    element_count: int | None = None
    missing_count: int | None = None
    unexpected_count: int | None = None
    unexpected_values: tuple[Any, ...] = ()
    rows: tuple[int, ...] = ()
    """Numbers of the first failing rows, from 1."""
    details: Mapping[str, Any] = field(default_factory=dict)


Steps = Generator[Request, Any, Finding]
"""An expectation at work: it yields requests, is sent answers, and returns what it found."""

Judgement = Callable[..., Finding]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observe:
    """Aggregates and the judgement of them: `judge` is given their values in order."""

    exprs: tuple[nw.Expr, ...]
    judge: Judgement
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeats:
    """Rows whose key occurs more than once are violations, every one of them."""
