"""Tests that only Python can do: it is asked once for each distinct value, not for each row."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from mlci.expectations.columns import Column
from mlci.expectations.requests import RowTest, ValueCounts

NAMED = 2000
"""How many distinct violating values are looked up among the rows; of more, not all failing rows are found."""


def where_python(column: Column, holds: Callable[[Any], bool], *, text: bool = True) -> Generator[Any, Any, RowTest]:
    """Return the test that `holds` is true of each value, given as text or as it is."""
    counts = yield ValueCounts(column=column, text=text)
    bad = [value for value in counts if not holds(value)]
    values = column.text if text else column.expr
    return RowTest(
        ok=~values.is_in(bad[:NAMED]) if bad else ~column.missing,
        ignored=column.missing,
        columns=(column,),
        violations=sum(counts[value] for value in bad) if len(bad) > NAMED else None,
    )
