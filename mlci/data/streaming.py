"""Giving all rows of a selection a part at a time, to what looks at them in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import narwhals as nw

from mlci.data.batch import fetch_in_parts
from mlci.data.selection import Selection
from mlci.expectations.columns import ROW, Column
from mlci.expectations.requests import Rows, Streamed

PART = 10_000
"""Rows given at a time."""


def streamed(
    selection: Selection, requests: Mapping[int, Streamed], *, limit: int, told: Callable[[str], None]
) -> dict[int, Any]:
    """Return what each request makes of the rows, or why it could not."""
    answers: dict[int, Any] = {}
    for index, request in requests.items():
        told(f"every row, a part at a time, over {', '.join(f'`{column.name}`' for column in request.columns)}")
        try:
            answers[index] = request.take(_parts(selection, request.columns), limit)
        except Exception as error:  # noqa: BLE001 - it is the result of the expectation that asked
            answers[index] = error
    return answers


def _parts(selection: Selection, columns: tuple[Column, ...]) -> Iterator[Rows]:
    named = [column.expr.alias(f"v{position}") for position, column in enumerate(columns)]
    return fetch_in_parts(selection.numbered().select(nw.col(ROW), *named), PART)
