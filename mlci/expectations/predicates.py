"""Tests that only Python can do."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import narwhals as nw

from mlci.expectations.columns import ROW, Column
from mlci.expectations.requests import Refused, RowTest, ValueCounts

NAMED = 2000
"""How many distinct violating values are looked up among the rows; of more, not all failing rows are found."""


def where_python(column: Column, holds: Callable[[Any], bool], *, text: bool = True) -> Generator[Any, Any, RowTest]:
    """Return the test that `holds` is true of each value, given as text or as it is.

    Frames of Python's own memory are asked row by row; on other engines each distinct value is asked once.
    """
    if column.engine == "pandas":
        rows = yield Refused(column=column, holds=holds, text=text)
        return _test(column, ~nw.col(ROW).is_in(rows), len(rows))
    counts = yield ValueCounts(column=column, text=text)
    bad = [value for value in counts if not holds(value)]
    values = column.text if text else column.expr
    ok = ~values.is_in(bad[:NAMED]) if bad else ~column.missing
    return _test(column, ok, sum(counts[value] for value in bad))


def _test(column: Column, ok: nw.Expr, violations: int) -> RowTest:
    return RowTest(ok=ok, ignored=column.missing, columns=(column,), violations=violations)
