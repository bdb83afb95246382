"""Answering what expectations ask: all requests of one kind together, in as few passes as the engine allows.

A request that an engine refuses is answered by the exception, which is that expectation's own result.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

import narwhals as nw

from mlci.data.batch import fetch
from mlci.data.failing import failing
from mlci.data.selection import BAD, Selection
from mlci.data.sql import query
from mlci.data.streaming import streamed
from mlci.errors import did_you_mean
from mlci.expectations.columns import ROW, CannotJudge, counted
from mlci.expectations.requests import (
    Distinct,
    Duplicates,
    Failing,
    Ordered,
    OtherRows,
    Quantiles,
    Query,
    Refused,
    Request,
    Scalars,
    Streamed,
    ValueCounts,
    Values,
)

Answer = Any
Told = Callable[[str], None]
"""Called with a line for each pass over the data: the plan."""
FUSED = 128
"""Expectations answered in one pass at most: what a pass keeps in memory grows with them."""


def answer(selection: Selection, requests: Mapping[int, Request], *, limit: int, told: Told) -> dict[int, Answer]:
    """Return the answer to each request, or the exception that the engine raised; `limit` failing rows of each."""
    tell = partial(_tell, told, selection.name)
    kinds = {kind: {i: each for i, each in requests.items() if isinstance(each, kind)} for kind in _ONE_BY_ONE}
    answers = _scalars(selection, {i: each for i, each in requests.items() if isinstance(each, Scalars)}, tell)
    for kind, chosen in kinds.items():
        answers |= _shared(selection, chosen, _ONE_BY_ONE[kind], tell)
    answers |= streamed(
        selection, {i: each for i, each in requests.items() if isinstance(each, Streamed)}, limit=limit, told=tell
    )
    found = {index: each for index, each in requests.items() if isinstance(each, Failing)}
    return answers | failing(selection, found, limit=limit, told=tell)


def _tell(told: Told, condition: str, line: str) -> None:
    told(f"{line}, where {condition}" if condition else line)


def _scalars(selection: Selection, requests: Mapping[int, Scalars], told: Told) -> dict[int, Answer]:
    """Answer all in one pass; where that fails, by halves, to find out whose fault it is."""
    if not requests:
        return {}
    if len(requests) > FUSED:
        items = list(requests.items())
        return _scalars(selection, dict(items[:FUSED]), told) | _scalars(selection, dict(items[FUSED:]), told)
    exprs = [expr for request in requests.values() for expr in request.exprs]
    reads = sorted({name for request in requests.values() for name in request.reads})
    over = ", ".join(f"`{name}`" for name in reads) or "no column"
    told(f"aggregates over {over}, in one pass: {len(exprs)}, asked by {len(requests)}")
    try:
        named = [expr.alias(f"a{position}") for position, expr in enumerate(exprs)]
        values = fetch(selection.rows().select(*named))[0]
    except Exception as error:  # noqa: BLE001 - it is the result of the expectation that asked
        if len(requests) == 1:
            return dict.fromkeys(requests, error)
        items = list(requests.items())
        half = len(items) // 2
        return _scalars(selection, dict(items[:half]), told) | _scalars(selection, dict(items[half:]), told)
    starts = itertools.accumulate((len(request.exprs) for request in requests.values()), initial=0)
    return {
        index: values[start : start + len(request.exprs)]
        for (index, request), start in zip(requests.items(), starts, strict=False)
    }


def _shared(
    selection: Selection, requests: Mapping[int, Any], respond: Callable[..., Answer], told: Told
) -> dict[int, Answer]:
    """Answer one by one, and those that ask for the same together."""
    answered: dict[Hashable, Answer] = {}
    for index, request in requests.items():
        key = _key(index, request)
        if key not in answered:
            told(_said(request))
            try:
                answered[key] = respond(selection, request)
            except Exception as error:  # noqa: BLE001 - it is the result of the expectation that asked
                answered[key] = error
    return {index: answered[_key(index, request)] for index, request in requests.items()}


def _key(index: int, request: Any) -> Hashable:
    if isinstance(request, ValueCounts):
        return request.column.name, request.column.kind, request.text
    if isinstance(request, Duplicates):
        return tuple(column.name for column in request.columns), request.rule
    return index


def _said(request: Any) -> str:
    one = isinstance(request, ValueCounts | Refused | Distinct | Quantiles)
    columns = (request.column,) if one else getattr(request, "columns", ())
    columns = request.test.columns if isinstance(request, Ordered) else columns
    over = ", ".join(f"`{column.name}`" for column in columns)
    words = {
        Duplicates: "rows that share their values",
        Ordered: "neighbouring rows",
        ValueCounts: "how often each value occurs",
        Distinct: "distinct values",
        Quantiles: "values by their rank",
        Refused: "every value, asked in Python",
        Values: "every value",
        OtherRows: "rows of another table",
        Query: "rows that a query returns",
    }
    said = words.get(type(request), type(request).__name__.lower())
    return f"{said}, over {over}" if over else said


def _duplicates(selection: Selection, request: Duplicates) -> int:
    rows = selection.rows() if request.ignored is None else selection.rows().filter(~request.ignored)
    names = [f"k{position}" for position in range(len(request.columns))]
    keys = [column.expr.alias(name) for column, name in zip(request.columns, names, strict=True)]
    counted = rows.select(*keys).group_by(*names).agg(nw.len().alias("n"))
    return fetch(counted.filter(nw.col("n") > 1).select(nw.col("n").sum()))[0][0] or 0


def _ordered(selection: Selection, request: Ordered) -> int:
    return fetch(selection.flagged(request.test).select(counted(nw.col(BAD))))[0][0] or 0


def _value_counts(selection: Selection, request: ValueCounts) -> dict[Any, int]:
    expr = request.column.text if request.text else request.column.expr
    rows = selection.rows().select(expr.alias("value")).filter(~nw.col("value").is_null())
    counted = fetch(rows.group_by("value").agg(nw.len().alias("n")))
    try:
        counted.sort()
    except TypeError:
        counted.sort(key=repr)
    return dict(counted)


def _distinct(selection: Selection, request: Distinct) -> int:
    rows = selection.rows().select(request.column.expr.alias("value")).filter(~nw.col("value").is_null())
    return int(fetch(rows.group_by("value").agg(nw.len().alias("n")).select(nw.len()))[0][0])


def _quantiles(selection: Selection, request: Quantiles) -> tuple[Any, ...]:
    rows = selection.rows().select(request.column.number.alias("value")).filter(~nw.col("value").is_null())
    last = fetch(rows.select(nw.len()))[0][0] - 1
    if last < 0:
        return (None,) * len(request.shares)
    places = [share * last for share in request.shares]
    wanted = {end(place) for place in places for end in (math.floor, math.ceil)}
    ranked = rows.with_row_index("rank", order_by="value").filter(nw.col("rank").is_in(sorted(wanted)))
    found = dict(fetch(ranked.select("rank", "value")))
    ends = [(place % 1, found[math.floor(place)], found[math.ceil(place)]) for place in places]
    return tuple(low + (high - low) * part if part else low for part, low, high in ends)


def _refused(selection: Selection, request: Refused) -> list[int]:
    column = request.column
    rows = selection.numbered().select(nw.col(ROW), column.expr.alias("value"), column.missing.alias("missing"))
    given = ((row, str(value) if request.text else value) for row, value, missing in rows.iter_rows() if not missing)
    return [row for row, value in given if not request.holds(value)]


def _values(selection: Selection, request: Values) -> list[tuple[Any, ...]]:
    exprs = [column.expr.alias(f"v{position}") for position, column in enumerate(request.columns)]
    return fetch(selection.rows().select(*exprs))


def _other_rows(selection: Selection, request: OtherRows) -> int:
    others = selection.batch.others
    if request.name not in others:
        advice = did_you_mean(request.name, others) or f"the tables are {', '.join(others) or 'none'}"
        raise CannotJudge(f'there is no table "{request.name}"; {advice}')
    return int(fetch(others[request.name].frame.select(nw.len()))[0][0])


def _query(selection: Selection, request: Query) -> tuple[int, list[tuple[Any, ...]]]:
    named = [column.expr.alias(column.name) for column in selection.batch.columns.values()]
    return query(selection.rows().select(*named), request.sql)


_ONE_BY_ONE: Mapping[type, Callable[..., Answer]] = {
    Duplicates: _duplicates,
    Ordered: _ordered,
    ValueCounts: _value_counts,
    Refused: _refused,
    Distinct: _distinct,
    Quantiles: _quantiles,
    Values: _values,
    OtherRows: _other_rows,
    Query: _query,
}
