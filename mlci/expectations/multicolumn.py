"""Tests of several columns' values, row by row."""

from __future__ import annotations

from mlci.expectations.columns import Column
from mlci.expectations.families import multicolumn_map
from mlci.expectations.requests import Repeats


@multicolumn_map
def expect_compound_columns_to_be_unique(column_list: tuple[Column, ...]) -> Repeats:  # noqa: ARG001
    """No combination of values of the columns occurs twice.

    Every copy counts as a violation.

    Else: occur more than once.
    """
    return Repeats()
