"""The families of expectations: what a function of each is given, what it returns, and how that is worked out.

A function's positional parameters are columns, named as the argument that names the column; its keyword-only
parameters are the arguments of its own. What a family adds (`mostly`, `ignore_row_if`) it handles itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Literal, get_type_hints

import narwhals as nw

from mlci.expectations import EXPECTATIONS
from mlci.expectations.columns import CannotJudge, Column, Table, WrongArgument, counted
from mlci.expectations.requests import (
    Duplicates,
    Failing,
    Finding,
    Observe,
    Ordered,
    Repeats,
    RowTest,
    Scalars,
    Steps,
)

Family = Literal["column map", "column aggregate", "pair map", "multicolumn map", "table"]
Made = nw.Expr | RowTest | Repeats | Observe | Finding
IGNORED = {
    "pair map": ("both_values_are_missing", "either_value_is_missing", "neither"),
    "multicolumn map": ("all_values_are_missing", "any_value_is_missing", "never"),
}
CONDITION: Mapping[str, Any] = {"row_condition": Any, "condition_parser": str | None}


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One expectation: a function, its family and what follows from its signature."""

    name: str
    family: Family
    function: Callable[..., Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.function.__doc__)

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The arguments that name columns."""
        return () if self.family == "table" else tuple(self._named(inspect.Parameter.POSITIONAL_OR_KEYWORD))

    @cached_property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """The arguments of its own."""
        return self._named(inspect.Parameter.KEYWORD_ONLY)

    @cached_property
    def types(self) -> Mapping[str, Any]:
        """The types of all arguments, those that its family adds included."""
        hints = get_type_hints(self.function)
        subjects = {name: list[str] if name == "column_list" else str for name in self.subjects}
        added: dict[str, Any] = dict(CONDITION)
        if self.family in {"column map", "column aggregate", "pair map"}:
            added["parse_strings_as_datetimes"] = bool
        if self.family.endswith("map"):
            added["mostly"] = float
        if self.family in IGNORED:
            added["ignore_row_if"] = str | None
        return subjects | {name: hints[name] for name in self.options} | added

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The arguments that have no default."""
        empty = inspect.Parameter.empty
        return (*self.subjects, *(name for name, option in self.options.items() if option.default is empty))

    def __call__(self, table: Table, arguments: Mapping[str, Any]) -> Steps:
        """Start work on `table` with checked arguments, less `row_condition`, which selects rows beforehand."""
        return _STEPS[self.family](self, table, arguments)

    def make(self, subjects: tuple[Any, ...], arguments: Mapping[str, Any]) -> Generator[Any, Any, Made]:
        """Call the function, and work through its requests where it has any."""
        made = self.function(*subjects, **{name: arguments[name] for name in self.options if name in arguments})
        if inspect.isgenerator(made):
            made = yield from made
        return made  # type: ignore[no-any-return]

    def _named(self, kind: Any) -> dict[str, inspect.Parameter]:
        signature = inspect.signature(self.function)
        return {name: parameter for name, parameter in signature.parameters.items() if parameter.kind is kind}


def _register(family: Family, function: Callable[..., Any]) -> Callable[..., Any]:
    expectation = Expectation(name=function.__name__, family=family, function=function)
    EXPECTATIONS.register(expectation.name, expectation)
    return function


column_map = partial(_register, "column map")
"""Register a test of each value of `column`: a function that returns where values are as expected."""
column_aggregate = partial(_register, "column aggregate")
"""Register an expectation of a number (or values) observed over `column`: a function that returns `Observe`."""
pair_map = partial(_register, "pair map")
"""Register a test of two columns' values row by row."""
multicolumn_map = partial(_register, "multicolumn map")
"""Register a test of several columns' values row by row, given as one tuple."""
table_check = partial(_register, "table")
"""Register an expectation of the table as a whole."""


def _column_steps(expectation: Expectation, table: Table, arguments: Mapping[str, Any]) -> Steps:
    column = _parsed(table.column(arguments["column"]), arguments)
    ignored = column.missing
    return (yield from _judge_rows(expectation, ((column,), (column,)), ignored, arguments))


def _pair_steps(expectation: Expectation, table: Table, arguments: Mapping[str, Any]) -> Steps:
    columns = tuple(_parsed(table.column(arguments[name]), arguments) for name in expectation.subjects)
    ignored = _ignored(expectation.family, columns, arguments.get("ignore_row_if"))
    return (yield from _judge_rows(expectation, (columns, columns), ignored, arguments))


def _multicolumn_steps(expectation: Expectation, table: Table, arguments: Mapping[str, Any]) -> Steps:
    columns = tuple(table.column(name) for name in arguments["column_list"])
    ignored = _ignored(expectation.family, columns, arguments.get("ignore_row_if"))
    return (yield from _judge_rows(expectation, (columns, (columns,)), ignored, arguments))


def _parsed(column: Column, arguments: Mapping[str, Any]) -> Column:
    """Return `column` with its texts read as datetimes where that is asked, as Great Expectations 0.x could."""
    if not arguments.get("parse_strings_as_datetimes") or column.kind != "text":
        return column
    return replace(column, kind="datetime", expr=column.expr.cast(nw.Datetime("us")))


def _ignored(family: str, columns: tuple[Column, ...], rule: str | None) -> nw.Expr | None:
    every, some, none = IGNORED[family]
    if rule in {None, every}:
        return nw.all_horizontal(*(column.missing for column in columns), ignore_nulls=False)
    if rule == some:
        return nw.any_horizontal(*(column.missing for column in columns), ignore_nulls=False)
    if rule in {none, "never", "neither"}:
        return None
    raise CannotJudge(f'ignore_row_if is one of "{every}", "{some}", "{none}", not {rule!r}')


def _judge_rows(
    expectation: Expectation,
    given: tuple[tuple[Column, ...], tuple[Any, ...]],
    ignored: nw.Expr | None,
    arguments: Mapping[str, Any],
) -> Steps:
    columns, subjects = given
    try:
        made = yield from expectation.make(subjects, arguments)
    except WrongArgument:
        raise
    except CannotJudge:
        total, missing = yield from _rows(columns, ignored)
        if missing < total or ignored is None:
            raise
        return Finding(success=True, element_count=total, missing_count=missing, unexpected_count=0)
    test = made if isinstance(made, RowTest) else _test(made, columns, ignored)
    total, missing, bad = yield from _violations(test, str(arguments.get("ignore_row_if")))
    values = (yield Failing(test=test, count=bad)) if bad else []
    return Finding(
        success=succeeds(total - missing, bad, arguments.get("mostly", 1.0)),
        element_count=total,
        missing_count=missing,
        observed_value=test.observed,
        unexpected_count=bad,
        unexpected_values=tuple(_shown(expectation, columns, row[1:]) for row in values),
        rows=tuple(row[0] for row in values),
    )


def succeeds(present: int, bad: int, mostly: float) -> bool:
    """Whether at least the share `mostly` of the rows that count is as expected; true of no row at all."""
    return present == 0 or (present - bad) / present >= mostly


def _test(made: Made, columns: tuple[Column, ...], ignored: nw.Expr | None) -> RowTest:
    if isinstance(made, Repeats):
        return RowTest(ok=None, ignored=ignored, columns=columns)
    if not isinstance(made, nw.Expr):
        raise TypeError(f"a test of rows is an expression, not {type(made).__name__}")
    all_missing = len(columns) == 1 and columns[0].kind == "empty"
    return RowTest(ok=columns[0].missing if all_missing else made, ignored=ignored, columns=columns)


def _rows(columns: tuple[Column, ...], ignored: nw.Expr | None) -> Generator[Any, Any, tuple[int, int]]:
    reads = tuple(column.name for column in columns)
    if ignored is None:
        return (yield Scalars(exprs=(nw.len(),)))[0], 0
    total, missing = yield Scalars(exprs=(nw.len(), counted(ignored)), reads=reads)
    return total, missing or 0


def _violations(test: RowTest, rule: str) -> Generator[Any, Any, tuple[int, int, int]]:
    if test.ok is None or test.neighbours or test.violations is not None:
        total, missing = yield from _rows(test.columns, test.ignored)
        if test.violations is not None:
            return total, missing, test.violations
        if test.ok is None:
            return total, missing, (yield Duplicates(columns=test.columns, ignored=test.ignored, rule=rule))
        return total, missing, (yield Ordered(test=test))
    reads = tuple(column.name for column in test.columns)
    ignored = () if test.ignored is None else (counted(test.ignored),)
    total, *missing, bad = yield Scalars(exprs=(nw.len(), *ignored, counted(violated(test))), reads=reads)
    return total, (missing[0] or 0) if missing else 0, bad or 0


def violated(test: RowTest) -> nw.Expr:
    """Return where a row violates the test, never null."""
    if test.ok is None:
        raise TypeError("rows that share their key are no expression")
    bad = ~test.ok.fill_null(value=False)
    return bad if test.ignored is None else ~test.ignored & bad


def _shown(expectation: Expectation, columns: tuple[Column, ...], values: tuple[Any, ...]) -> Any:
    if expectation.family == "column map":
        return values[0]
    if expectation.family == "pair map":
        return tuple(values)
    return {column.name: value for column, value in zip(columns, values, strict=True)}


def _aggregate_steps(expectation: Expectation, table: Table, arguments: Mapping[str, Any]) -> Steps:
    columns = tuple(_parsed(table.column(arguments[name]), arguments) for name in expectation.subjects)
    return (yield from _judge_observed(expectation, columns, arguments))


def _table_steps(expectation: Expectation, table: Table, arguments: Mapping[str, Any]) -> Steps:
    return (yield from _judge_observed(expectation, (table,), arguments))


def _judge_observed(expectation: Expectation, subjects: tuple[Any, ...], arguments: Mapping[str, Any]) -> Steps:
    made = yield from expectation.make(subjects, arguments)
    if isinstance(made, Finding):
        return made
    if not isinstance(made, Observe):
        raise TypeError(f"an aggregate returns what to observe, not {type(made).__name__}")
    observed = yield Scalars(exprs=made.exprs, reads=tuple(s.name for s in subjects if isinstance(s, Column)))
    return made.judge(*observed)


_STEPS: Mapping[str, Callable[[Expectation, Table, Mapping[str, Any]], Steps]] = {
    "column map": _column_steps,
    "column aggregate": _aggregate_steps,
    "pair map": _pair_steps,
    "multicolumn map": _multicolumn_steps,
    "table": _table_steps,
}
