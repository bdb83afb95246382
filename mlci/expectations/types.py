"""Expectations of a column's type."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from mlci.expectations.columns import Column, Table
from mlci.expectations.families import column_map, table_check
from mlci.expectations.predicates import where_python
from mlci.expectations.requests import Finding, RowTest
from mlci.expectations.typenames import KINDS, OBJECTS, is_type, known, python_types, scalar_name

Test = Generator[Any, Any, RowTest]


@column_map
def expect_column_values_to_be_of_type(column: Column, *, type_: str) -> Test:
    """Every value is of type `type_`.

    The type may go by the name it has in Python, NumPy, pandas, SQL or Spark; for a CSV file, by that which pandas
    would give the column.

    Else: are not of type `type_`.
    """
    return (yield from _of_types(column, (type_,)))


@column_map
def expect_column_values_to_be_in_type_list(column: Column, *, type_list: list[str] | None) -> Test:
    """Every value is of one of the types `type_list`.

    Names that no engine knows are passed over; without a list, every value is as expected.

    Else: are of none of the types `type_list`.
    """
    if type_list is None:
        return RowTest(ok=~column.missing, ignored=column.missing, columns=(column,))
    objects = OBJECTS if column.native == "object" else ()  # a list is asked of each value, none of which is just that
    return (yield from _of_types(column, [name for name in type_list if name in KINDS and name not in objects]))


@table_check
def expect_column_type_to_be(table: Table, *, column: str, type_: str) -> Finding:
    """The column's type, in the engine's own words, is `type_`.

    Of all expectations this one finds a column whose name differs in case alone, as in Great Expectations.
    """
    known(type_)
    found = table.column(column, any_case=True)
    return Finding(success=is_type(found, type_, exactly=True), observed_value=found.native)


def _of_types(column: Column, names: Sequence[str]) -> Test:
    if column.kind == "object" and not OBJECTS & set(names):
        types = tuple(kind for name in map(known, names) for kind in python_types(name))
        return (yield from where_python(column, lambda value: isinstance(value, types), text=False))
    fits = any(is_type(column, name) for name in map(known, names)) or column.kind == "empty"
    ok = ~column.missing if fits else column.missing
    return RowTest(ok=ok, ignored=column.missing, columns=(column,), observed=scalar_name(column, names))
