"""Parts of the examples that are looked at on their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlci.errors import UsageError, Where, did_you_mean
from mlci.locations import is_url
from mlci.model.evaluation import Evaluation
from mlci.places import Key

BY = "by"
MOST = 50
"""At most so many values of one column are looked at, the most frequent ones."""

Place = Callable[..., Where]


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One part: its name and the positions of its examples."""

    name: str
    members: tuple[int, ...]
    key: Key
    """Where in the model's configuration it is asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """Values of a column that are not looked at."""

    column: str
    values: int


def slices_of(
    declared: Mapping[str, str | tuple[str, ...]], evaluation: Evaluation, *, where: Place
) -> tuple[tuple[Slice, ...], tuple[Left, ...]]:
    """Return the slices that `declared` asks for, in its order, and what was left out.

    `by` names columns, each of whose values is a slice; every other name has an SQL expression over the columns.
    Raises `UsageError` with its place for a column or an expression that does not fit the data.
    """
    found: list[Slice] = []
    left: list[Left] = []
    expressions = _by_expression({name: value for name, value in declared.items() if name != BY}, evaluation, where)
    for name, value in declared.items():
        if name != BY:
            found.append(expressions[name])
            continue
        for column in [value] if isinstance(value, str) else value:
            some, rest = _by_column(column, evaluation, where)
            found += some
            left += rest
    return tuple(found), tuple(left)


def _by_column(column: str, evaluation: Evaluation, where: Place) -> tuple[list[Slice], list[Left]]:
    known = list(evaluation.rows[0]) if evaluation.rows else [column]
    if column not in known:
        raise UsageError(
            f'{evaluation.shown} has no column "{column}"',
            where=where(BY),
            key="slices.by",
            fix=did_you_mean(column, known),
        )
    values = [row[column] for row in evaluation.rows]
    counted = Counter(values)
    kept = sorted(counted, key=lambda value: (-counted[value], _order(value)))[:MOST]
    members: dict[Any, list[int]] = {value: [] for value in sorted(kept, key=_order)}
    for at, value in enumerate(values):
        if value in members:
            members[value].append(at)
    slices = [Slice(name=_name(column, value), members=tuple(found), key=(BY,)) for value, found in members.items()]
    return slices, [Left(column=column, values=len(counted) - len(kept))] if len(counted) > len(kept) else []


def _order(value: Any) -> tuple[str, Any]:
    return ("", 0) if value is None else (type(value).__name__, value)


def _name(column: str, value: Any) -> str:
    shown = "missing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"{column}={shown[:60]}"


def _by_expression(declared: Mapping[str, Any], evaluation: Evaluation, where: Place) -> dict[str, Slice]:
    """Find the examples for which each SQL expression is true; the file is opened once for all of them."""
    if not declared:
        return {}
    import duckdb
    import narwhals as nw

    from mlci.data.sources import open_path
    from mlci.expectations.columns import ROW

    shown = evaluation.shown
    batch = open_path(shown if is_url(shown) else evaluation.path, name=shown)
    try:
        typed = [column.expr.alias(name) for name, column in batch.columns.items()]
        relation = nw.to_native(batch.numbered().select(ROW, *typed))
        found = {}
        for name, expression in declared.items():
            if not isinstance(expression, str):
                raise UsageError(
                    "a slice is an SQL expression over the columns", where=where(name), key=f"slices.{name}"
                )
            try:
                found[name] = Slice(name=name, members=_members(relation, expression), key=(name,))
            except duckdb.Error as error:
                what = f"the expression cannot be used on {evaluation.shown}: {_said(error)}"
                raise UsageError(what, where=where(name), key=f"slices.{name}") from None
        return found
    finally:
        batch.close()


def _said(error: Exception) -> str:
    """Return what DuckDB says of the expression itself; what it says of a value would show the value."""
    about_expression = type(error).__name__ in ("BinderException", "CatalogException", "ParserException")
    return str(error).splitlines()[0] if about_expression else "it does not fit a value of a column"


def _members(relation: Any, expression: str) -> tuple[int, ...]:
    """Return the positions of the rows of a DuckDB relation for which `expression` is true."""
    from mlci.data.batch import quoted
    from mlci.expectations.columns import ROW

    rows = relation.filter(f"({expression})").project(quoted(ROW)).fetchall()
    return tuple(sorted(row - 1 for (row,) in rows))
