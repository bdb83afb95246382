"""Finding the failing rows, once it is known that there are some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw

from mlci.data.batch import fetch
from mlci.data.selection import BAD, Selection
from mlci.expectations.columns import ROW
from mlci.expectations.families import violated
from mlci.expectations.requests import Failing, RowTest

Rows = list[tuple[Any, ...]]


def failing(
    selection: Selection, requests: Mapping[int, Failing], *, limit: int, told: Callable[[str], None]
) -> dict[int, Rows | Exception]:
    """Return for each request its first failing rows: number and values, at most `limit`.

    Those that are few and need no window are found together, in one pass.
    """
    few = {index: request for index, request in requests.items() if request.count <= limit and _plain(request.test)}
    answers: dict[int, Rows | Exception] = {}
    if len(few) > 1:
        told(f"failing rows, in one pass: asked by {len(few)}")
        answers |= _together(selection, few)
    for index, request in requests.items():
        if index not in answers:
            told(f"failing rows over {', '.join(f'`{column.name}`' for column in request.test.columns)}")
            answers[index] = _alone(selection, request, limit)
    return answers


def _plain(test: RowTest) -> bool:
    return test.ok is not None and not test.neighbours


def _alone(selection: Selection, request: Failing, limit: int) -> Rows | Exception:
    test = request.test
    shown = [column.expr.alias(f"v{position}") for position, column in enumerate(test.columns)]
    try:
        if _plain(test):
            marked = selection.numbered().select(nw.col(ROW), violated(test).alias(BAD), *shown)
            bad = marked.filter(nw.col(BAD)).drop(BAD)
        else:
            bad = selection.flagged(test).filter(nw.col(BAD)).select(nw.col(ROW), *shown).sort(ROW)
        return fetch(bad.head(limit))
    except Exception as error:  # noqa: BLE001 - it is the result of the expectation that asked
        return error


def _together(selection: Selection, requests: Mapping[int, Failing]) -> dict[int, Rows | Exception]:
    flags = {index: f"f{index}" for index in requests}
    shown = {index: [f"v{index}_{at}" for at in range(len(each.test.columns))] for index, each in requests.items()}
    exprs = [violated(request.test).alias(flags[index]) for index, request in requests.items()]
    for index, request in requests.items():
        exprs += [column.expr.alias(name) for column, name in zip(request.test.columns, shown[index], strict=True)]
    marked = selection.numbered().select(nw.col(ROW), *exprs)
    names = [name for index in requests for name in (flags[index], *shown[index])]
    try:
        rows = fetch(marked.filter(nw.any_horizontal(*flags.values(), ignore_nulls=False)).select(ROW, *names))
    except Exception:  # noqa: BLE001 - each is tried alone then
        return {}
    at = {name: position for position, name in enumerate(names, start=1)}
    return {
        index: [(row[0], *(row[at[name]] for name in shown[index])) for row in rows if row[at[flags[index]]]]
        for index in requests
    }
