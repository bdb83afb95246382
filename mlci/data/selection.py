"""The rows that an expectation looks at, and which of them violate it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, Frame
from mlci.expectations.requests import RowTest

BAD = "mlci bad"
"""The column that tells whether a row is a violation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The rows that one condition selects."""

    batch: Batch
    condition: Any
    """A narwhals expression; None takes every row."""
    name: str = ""
    """The condition in words."""

    def rows(self) -> Frame:
        """Return the rows."""
        return self.batch.frame if self.condition is None else self.batch.frame.filter(self.condition)

    def numbered(self) -> Frame:
        """Return the rows with their numbers in the whole data."""
        frame = self.batch.numbered()
        return frame if self.condition is None else frame.filter(self.condition)

    def flagged(self, test: RowTest) -> Frame:
        """Return the numbered rows that `test` does not ignore, with the column `BAD`, by way of windows."""
        rows = self.numbered() if test.ignored is None else self.numbered().filter(~test.ignored)
        if test.ok is not None:
            return rows.with_columns((~test.ok.fill_null(value=False)).alias(BAD))
        names = [f"mlci key {position}" for position in range(len(test.columns))]
        keyed = rows.with_columns(*(column.expr.alias(name) for column, name in zip(test.columns, names, strict=True)))
        if isinstance(keyed, nw.LazyFrame):
            return keyed.with_columns((nw.len().over(*names) > 1).alias(BAD))
        return keyed.with_columns(keyed.select(*names).is_duplicated().alias(BAD))
