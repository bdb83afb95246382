"""Tests of texts that hold JSON."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from mlci.expectations.columns import Column
from mlci.expectations.families import column_map
from mlci.expectations.json_schema import Schema
from mlci.expectations.predicates import where_python
from mlci.expectations.requests import RowTest


@column_map
def expect_column_values_to_be_json_parseable(column: Column) -> Generator[Any, Any, RowTest]:
    """Every value is a text that holds JSON.

    Else: are not JSON.
    """
    return (
        (yield from where_python(column, _is_json, text=column.kind != "object")) if _is_text(column) else _none(column)
    )


@column_map
def expect_column_values_to_match_json_schema(
    column: Column, *, json_schema: dict[str, Any]
) -> Generator[Any, Any, RowTest]:
    """Every value is a text that holds JSON of the JSON Schema `json_schema`.

    Else: do not follow the JSON Schema.
    """
    schema = Schema(json_schema)

    def holds(value: Any) -> bool:
        return _is_json(value) and schema.allows(json.loads(value))

    return (yield from where_python(column, holds, text=column.kind != "object")) if _is_text(column) else _none(column)


def _is_text(column: Column) -> bool:
    return column.kind in {"text", "object", "empty"}


def _none(column: Column) -> RowTest:
    return RowTest(ok=column.missing, ignored=column.missing, columns=(column,))


def _is_json(value: Any) -> bool:
    if not isinstance(value, (str, bytes)):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
