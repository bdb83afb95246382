"""Expectations of numbers on a column that is text only because some of its values are no numbers.

Such a value is bad data: a row that violates a test of rows, and a failure of anything computed over the column. A
column of which fewer than half of the values are numbers is text, and an expectation of numbers is a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.expectations.columns import ROW, Column, NotNumbers
from mlci.expectations.requests import Finding

_MOST_COLUMNS = 16
Judge = Callable[[int, Batch], Any]
"""Judges the expectation at a position anew, on a batch."""


def judged_as_numbers(batch: Batch, outcomes: Sequence[Any], judge: Judge, limit: int) -> list[Any]:
    """Return `outcomes`, with those that found text among numbers judged; at most `limit` failing rows of each."""
    found = list(outcomes)
    for position, outcome in enumerate(outcomes):
        if isinstance(outcome, NotNumbers):
            found[position] = _judged(batch, outcome, partial(judge, position), limit)
    return found


def _judged(batch: Batch, outcome: NotNumbers, judge: Callable[[Batch], Any], limit: int) -> Any:
    other, end = batch, outcome
    text: Column | None = None
    for _ in range(_MOST_COLUMNS):
        text = batch.columns[end.column]
        if text.numbers is None or not _mostly_numbers(batch, text):
            return outcome
        other = replace(other, columns={**other.columns, end.column: text.numbers})
        again = judge(other)
        if not isinstance(again, NotNumbers):
            return _said(batch, text, again, limit)
        end = again
    return outcome


def _said(batch: Batch, text: Column, end: Any, limit: int) -> Any:
    """Return the finding, with the texts that are no numbers; of an aggregate, that there are some."""
    if not isinstance(end, Finding):
        return end
    if end.unexpected_count is None or end.observed_value is not None:
        return _not_numbers(batch, text, limit)
    if None not in end.unexpected_values:
        return end
    shown = fetch(
        batch.numbered().filter(nw.col(ROW).is_in(list(end.rows))).select(nw.col(ROW), text.text.alias("text"))
    )
    texts = dict(shown)
    values = zip(end.rows, end.unexpected_values, strict=True)
    return replace(end, unexpected_values=tuple(texts[row] if value is None else value for row, value in values))


def _not_numbers(batch: Batch, text: Column, limit: int) -> Finding:
    total, present, bad = _counts(batch, text)
    no_number = _no_number(text)
    rows = fetch(batch.numbered().filter(no_number).select(nw.col(ROW), text.text.alias("text")).sort(ROW).head(limit))
    return Finding(
        success=False,
        element_count=total,
        missing_count=total - present,
        unexpected_count=bad,
        unexpected_values=tuple(value for _, value in rows),
        rows=tuple(row for row, _ in rows),
        details={"no numbers": True},
    )


def _mostly_numbers(batch: Batch, text: Column) -> bool:
    _, present, bad = _counts(batch, text)
    return bad * 2 <= present


def _counts(batch: Batch, text: Column) -> tuple[int, int, int]:
    present, bad = (flag.cast(nw.Int64).sum() for flag in (~text.text.is_null(), _no_number(text)))
    total, *found = fetch(batch.frame.select(nw.len().alias("n"), present.alias("p"), bad.alias("b")))[0]
    return total, found[0] or 0, found[1] or 0


def _no_number(text: Column) -> nw.Expr:
    numbers = text if text.numbers is None else text.numbers
    return ~text.text.is_null() & numbers.expr.is_null()
