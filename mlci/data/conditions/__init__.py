"""Which rows an expectation looks at: `row_condition`, in each of the forms that it is written in.

Great Expectations 0.x writes pandas query text, or `col("age") > 18`; 1.x writes mappings, which mean the same. Text
without a `condition_parser` is an expression of SQL, in which a comparison with a missing value selects no row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw

from mlci.data.conditions.comparison import SIGNS, compare, is_in
from mlci.data.conditions.python import read_python
from mlci.data.conditions.sql import read_sql
from mlci.errors import did_you_mean
from mlci.expectations.columns import CannotJudge, Table

PARSERS: Mapping[str, Callable[[str, Table], nw.Expr]] = {
    "sql": read_sql,
    "spark": read_sql,
    "pandas": read_python,
    "python": read_python,
    "great_expectations": read_python,
    "great_expectations__experimental__": read_python,
}


def condition_of(condition: Any, parser: str | None, table: Table) -> nw.Expr:
    """Return the expression that is true for the rows that `condition` selects, never null.

    Raises:
        CannotJudge: it cannot be read, or names a column that does not exist.
    """
    if parser is not None and parser not in PARSERS:
        advice = did_you_mean(parser, PARSERS) or f"it is one of {', '.join(PARSERS)}"
        raise CannotJudge(f'condition_parser "{parser}" is not known; {advice}')
    if isinstance(condition, Mapping):
        return _object(condition, parser, table)
    if not isinstance(condition, str):
        raise CannotJudge(f"a row_condition is text or a mapping, not {condition!r}")
    return PARSERS[parser or "sql"](condition, table)


def _object(condition: Mapping[str, Any], parser: str | None, table: Table) -> nw.Expr:
    try:
        kind = condition["type"]
        if kind == "pass_through":
            return PARSERS[parser or "pandas"](condition["pass_through_filter"], table)
        if kind in {"and", "or"}:
            parts = [_object(part, parser, table) for part in condition["conditions"]]
            joined = nw.all_horizontal if kind == "and" else nw.any_horizontal
            return joined(*parts, ignore_nulls=False)
        column = table.column(condition["column"]["name"])
        if kind == "nullity":
            return column.missing if condition["is_null"] else ~column.missing
        sign, value = str(condition["operator"]), condition["parameter"]
    except (KeyError, TypeError) as error:
        raise CannotJudge(f"the row_condition {condition!r} is not whole: {error} is missing") from error
    if sign in {"IN", "NOT_IN"}:
        return is_in(column, value) if sign == "IN" else ~is_in(column, value)
    if kind != "comparison" or sign not in SIGNS:
        raise CannotJudge(f"a row_condition of type {kind!r} with the operator {sign!r} is not known")
    return compare(sign, column, value)
