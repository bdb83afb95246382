"""Validating data against a suite."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.data.suites import Asked, is_built_in, named_in, parse_suite, read_suite
from mlci.data.unordered import UNORDERED
from mlci.errors import MlciError

if TYPE_CHECKING:
    from mlci.data.batch import Batch
    from mlci.data.run import Task

SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectationResult:
    """What became of one expectation."""

    expectation: str
    """Its name."""
    kwargs: Mapping[str, Any]
    """Its arguments, as written."""
    success: bool
    """Whether the data is as expected; false where that could not be judged."""
    observed_value: Any = None
    """The value that an aggregate looked at."""
    element_count: int | None = None
    """Rows that were looked at."""
    missing_count: int | None = None
    """Rows left out because they are missing."""
    unexpected_count: int | None = None
    """Rows that violate the expectation."""
    unexpected_values: tuple[Any, ...] = ()
    """The values of the first 20 of them, in the order of the rows."""
    rows: tuple[int, ...] = ()
    """The numbers of the first of them, from 1; `details` holds `row_order` where the data has no order of its own."""
    error: str | None = None
    """Why it could not be judged."""
    missing_column: bool = False
    """Whether that is because a column does not exist."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What the expectation has to tell besides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidationResult:
    """What became of every expectation of a suite."""

    results: tuple[ExpectationResult, ...]
    """One for each expectation, in order."""

    @property
    def success(self) -> bool:
        """Whether every expectation was met; a suite without any is not."""
        return bool(self.results) and all(result.success for result in self.results)

    def to_gx(self, result_format: str = "SUMMARY") -> dict[str, Any]:
        """Return it as plain JSON in the shape of Great Expectations 1.x.

        `result_format` is BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE; the last needs `validate` with `failing_rows`
        large enough for every failing row.

        Raises:
            UsageError: there is no such format, or not every failing row was kept.
        """
        from mlci.data.great_expectations.results import to_gx

        return to_gx(self, result_format)


def validate(
    data: Any,
    suite: Any,
    *,
    parameters: Mapping[str, Any] | None = None,
    tables: Mapping[str, Any] | None = None,
    failing_rows: int = SHOWN,
    order_by: Sequence[str] = (),
) -> ValidationResult:
    """Return what `data` is like against `suite`.

    Args:
        data: a path, a pattern of paths or a URL (CSV, JSON, Parquet, Arrow, Excel), or a frame of pandas, Polars,
            DuckDB, PySpark, an Ibis table, or a frame of another library that narwhals knows; a frame stays on its
            own engine.
        suite: a path, a parsed suite in the shape of Great Expectations 0.15 to 1.x, or a list of expectations.
        parameters: values for `{"$PARAMETER": name}`.
        tables: other data that expectations name, by name.
        failing_rows: how many rows that violate an expectation are kept, with their values, at most.
        order_by: columns that give the rows of a SQL table an order, which it does not have by itself.

    A misspelt argument, an unknown expectation and a missing column are the `error` of their own result. Expectations
    that were decorated in this process (`mlci.plugins.expectation`) are known beside the built-in ones.

    Raises:
        CannotRun: the data or the suite cannot be read.
        UsageError: the suite is no suite, or an expectation of this process has the name of a built-in one.
    """
    from mlci.plugins import REGISTERED

    asked = read_suite(Path(suite), str(suite)) if isinstance(suite, (str, os.PathLike)) else parse_suite(suite)
    if REGISTERED or not all(is_built_in(each.name) for each in asked):
        from mlci.vocabulary import here
        from mlci.vocabulary.expectations import resolved

        asked = resolved(asked, here())
    batch = _open(data, named_in(asked), order_by)
    try:
        others = {name: _open(table) for name, table in (tables or {}).items()}
        read = replace(batch, others=others)
        return validate_batch(read, asked, parameters=parameters or {}, limit=failing_rows, shown=failing_rows)
    finally:
        batch.close()


def _open(data: Any, wanted: Callable[[str], bool] = lambda _name: False, order_by: Sequence[str] = ()) -> Batch:
    if isinstance(data, (str, os.PathLike)):
        from mlci.data.sources import open_path

        return open_path(data, name=str(data), wanted=wanted)
    from mlci.data.frames import batch_of

    return batch_of(data, order_by)


def validate_batch(
    batch: Batch,
    asked: Sequence[Asked],
    *,
    parameters: Mapping[str, Any],
    limit: int = SHOWN,
    shown: int = SHOWN,
    told: Callable[[str], None] | None = None,
) -> ValidationResult:
    """Return what `batch` is like against the expectations asked.

    At most `limit` failing rows of each are kept, with the values of the first `shown`.
    """
    from mlci.data.run import run, silent
    from mlci.data.text_among_numbers import judged_as_numbers

    prepared = [_prepare(batch, each, parameters) for each in asked]
    tasks = [task for task in prepared if not isinstance(task, str | Exception)]
    found = iter(run(batch, tasks, limit=limit, told=told or silent))
    outcomes = [each if isinstance(each, str | Exception) else next(found) for each in prepared]
    outcomes = judged_as_numbers(batch, outcomes, lambda at, other: _again(other, asked[at], parameters, limit), limit)
    results = (_result(each, end, shown, batch) for each, end in zip(asked, outcomes, strict=True))
    return ValidationResult(results=tuple(results))


def _again(batch: Batch, asked: Asked, parameters: Mapping[str, Any], limit: int) -> Any:
    """Return what became of one expectation on `batch`, judged alone."""
    from mlci.data.run import Task, run

    task = _prepare(batch, asked, parameters)
    return run(batch, [task], limit=limit)[0] if isinstance(task, Task) else task


def _prepare(batch: Batch, asked: Asked, parameters: Mapping[str, Any]) -> Task | str | Exception:
    from mlci.data.conditions import condition_of
    from mlci.data.parameters import filled
    from mlci.data.run import Task
    from mlci.expectations import EXPECTATIONS
    from mlci.expectations.arguments import check_expectation, given
    from mlci.expectations.columns import CannotJudge

    if asked.problem:
        return asked.problem
    table = batch.table()
    try:
        kwargs = filled(asked.kwargs, {**asked.defaults, **parameters})
        problem = asked.own.problem(kwargs) if asked.own else check_expectation(asked.name, kwargs)
        if problem:
            return problem
        expectation = asked.own or EXPECTATIONS[asked.name]
        arguments = asked.own.given(kwargs) if asked.own else given(expectation, kwargs)
        condition = arguments.get("row_condition")
        selects = None if condition is None else condition_of(condition, arguments.get("condition_parser"), table)
    except CannotJudge as error:
        return error
    key = " ".join(str(each) for each in (condition, arguments.get("condition_parser")) if each)
    return Task(steps=expectation(table, arguments), condition=selects, condition_key=key if condition else "")


def _result(asked: Asked, end: Any, shown: int, batch: Batch) -> ExpectationResult:
    from mlci.expectations.columns import MissingColumn
    from mlci.expectations.requests import Finding

    if not isinstance(end, Finding):
        return ExpectationResult(
            expectation=asked.name,
            kwargs=dict(asked.kwargs),
            success=False,
            error=batch.said(_said(end)),
            missing_column=isinstance(end, MissingColumn),
        )
    return ExpectationResult(
        expectation=asked.name,
        kwargs=dict(asked.kwargs),
        success=end.success,
        observed_value=end.observed_value,
        element_count=end.element_count,
        missing_count=end.missing_count,
        unexpected_count=end.unexpected_count,
        unexpected_values=end.unexpected_values[:shown],
        rows=end.rows,
        details=end.details if batch.ordered or not end.rows else {**end.details, "row_order": UNORDERED},
    )


def _said(error: str | Exception) -> str:
    from mlci.expectations.columns import CannotJudge

    if isinstance(error, (str, MlciError, CannotJudge)):
        return str(error)
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"
