"""Expectations of data that are the project's own: checked, planned and judged beside the built-in ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from mlci.data.suites import Asked, is_built_in
from mlci.errors import CannotRun, UsageError
from mlci.vocabulary import Function, Host, Vocabulary

if TYPE_CHECKING:
    from mlci.expectations.columns import Column, Table
    from mlci.expectations.requests import Finding, Rows, Steps


@dataclass(frozen=True, kw_only=True)
class OwnExpectation:
    """One expectation of the project: it takes arguments and does its work as a built-in one does."""

    function: Function
    host: Host

    def __post_init__(self) -> None:
        object.__setattr__(self, "__doc__", self.function.doc or f"`{self.name}` holds.")

    @property
    def name(self) -> str:
        """Its name."""
        return self.function.name

    @property
    def over(self) -> str:
        """What its function is given: values, rows or a frame."""
        return str(self.function.traits["over"])

    @property
    def types(self) -> dict[str, Any]:
        """The types of its arguments, with those that every expectation of its kind has."""
        from mlci.expectations.families import CONDITION

        subjects = {"column": str} if self.over == "values" else {}
        own = {setting.name: setting.type for setting in self.function.settings}
        return subjects | own | {"mostly": float} | dict(CONDITION)

    @property
    def required(self) -> tuple[str, ...]:
        """The arguments that have no default."""
        own = tuple(setting.name for setting in self.function.settings if setting.required)
        return ("column", *own) if self.over == "values" else own

    @property
    def defaults(self) -> dict[str, Any]:
        """What arguments are that are left out, for sentences."""
        return {setting.name: setting.default for setting in self.function.settings if setting.default is not None}

    @property
    def reads(self) -> tuple[str, ...] | None:
        """The columns that it reads besides those that its arguments name; None is every column."""
        declared = tuple(self.function.traits["columns"])
        return declared if declared or self.over == "values" or _names_columns(self.function) else None

    def problem(self, kwargs: Mapping[str, Any]) -> str | None:
        """Return what is wrong with `kwargs` as its arguments, or nothing."""
        from mlci.expectations.arguments import problem_with

        known = self.types
        taken = {name: value for name, value in kwargs.items() if name in known or not self.function.any_setting}
        return problem_with(self, taken)

    def given(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of `kwargs` that it takes."""
        from mlci.expectations.arguments import ACCEPTED_AND_UNUSED, given

        free = self.function.any_setting
        unused = {*ACCEPTED_AND_UNUSED, "severity", *self.types}
        return given(self, kwargs) | ({name: kwargs[name] for name in kwargs if name not in unused} if free else {})

    def __call__(self, table: Table, arguments: Mapping[str, Any]) -> Steps:
        """Start work on `table` with checked arguments."""
        return self._on_values(table, arguments) if self.over == "values" else self._on_rows(table, arguments)

    def settings(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of `arguments` that are the function's own."""
        own = {setting.name for setting in self.function.settings}
        added = {"column", "mostly", "row_condition", "condition_parser"} - own
        return {name: value for name, value in arguments.items() if name not in added}

    def _on_values(self, table: Table, arguments: Mapping[str, Any]) -> Steps:
        from mlci.expectations.requests import Streamed

        column = table.column(arguments["column"])
        judge = partial(_judge_values, self, arguments)
        found: Finding = yield Streamed(columns=(column,), take=judge)
        return found

    def _on_rows(self, table: Table, arguments: Mapping[str, Any]) -> Steps:
        from mlci.expectations.requests import Streamed

        columns = self._columns(table, arguments)
        judge = partial(_judge_rows, self, columns, arguments)
        found: Finding = yield Streamed(columns=columns, take=judge)
        return found

    def _columns(self, table: Table, arguments: Mapping[str, Any]) -> tuple[Column, ...]:
        """Return the columns that its rows have: those declared and those that arguments name, else all."""
        if self.reads is None:
            return tuple(table.columns.values())
        named = [*self.reads]
        for setting in self.function.settings:
            value = arguments.get(setting.name) if setting.name.startswith("column") else None
            named += [value] if isinstance(value, str) else value or ()
        return tuple(table.column(name) for name in dict.fromkeys(named))


def _names_columns(function: Function) -> bool:
    return any(setting.name.startswith("column") for setting in function.settings)


def resolved(asked: Sequence[Asked], vocabulary: Vocabulary) -> list[Asked]:
    """Return `asked` with the expectations that are not built in taken from the project's own."""
    return [each if is_built_in(each.name) else _resolved(each, vocabulary) for each in asked]


def _resolved(asked: Asked, vocabulary: Vocabulary) -> Asked:
    from mlci.expectations import EXPECTATIONS

    if asked.problem and not asked.problem.startswith("unknown expectation"):
        return asked
    try:
        function = vocabulary.named("expectation", asked.name, EXPECTATIONS)
    except (CannotRun, UsageError) as error:
        return replace(asked, problem=error.says)
    own = OwnExpectation(function=function, host=vocabulary.host)
    return replace(asked, own=own, problem=own.problem({"severity": asked.severity, **asked.kwargs}))


def _judge_values(own: OwnExpectation, arguments: Mapping[str, Any], parts: Iterable[Rows], limit: int) -> Finding:
    from mlci.expectations.families import succeeds
    from mlci.expectations.requests import Finding

    settings = own.settings(arguments)
    rows = missing = bad = 0
    kept: list[tuple[Any, ...]] = []
    for part in parts:
        given = part if own.function.traits["missing"] else [row for row in part if row[1] is not None]
        refused = [given[at] for at in _refused(own, [value for _, value in given], settings)]
        rows, missing, bad = rows + len(part), missing + len(part) - len(given), bad + len(refused)
        kept += refused[: max(0, limit - len(kept))]
    kept.sort()
    return Finding(
        success=succeeds(rows - missing, bad, arguments.get("mostly", 1.0)),
        element_count=rows,
        missing_count=missing,
        unexpected_count=bad,
        unexpected_values=tuple(value for _, value in kept),
        rows=tuple(number for number, _ in kept),
    )


def _refused(own: OwnExpectation, values: Sequence[Any], settings: Mapping[str, Any]) -> list[int]:
    """Return the positions of the values that are not as expected; the function is asked once of equal ones."""
    if not values:
        return []
    keys = [(type(value), _hashable(value)) for value in values]
    different = dict(zip(keys, values, strict=True))
    answer = own.host.ask("judge_values", own.function.target, list(different.values()), dict(settings))
    places = list(different)
    bad = {places[at] for at in answer["bad"]}
    return [at for at, key in enumerate(keys) if key in bad] if bad else []


def _hashable(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, list | dict) else value


def _judge_rows(
    own: OwnExpectation, columns: Sequence[Column], arguments: Mapping[str, Any], parts: Iterable[Rows], limit: int
) -> Finding:
    from mlci.expectations.families import succeeds
    from mlci.expectations.requests import Finding

    with tempfile.NamedTemporaryFile("w+", encoding="utf-8", suffix=".jsonl", prefix="mlci-") as file:
        count = _spool(file, columns, parts)
        answer = own.host.ask("judge_rows", own.function.target, file.name, own.over, own.settings(arguments), limit)
        if "success" in answer:
            return Finding(
                success=answer["success"],
                observed_value=answer.get("observed_value"),
                details=answer.get("details") or {},
                element_count=None,
            )
        bad = list(_lines(file, answer["bad"]))
    names = [column.name for column in columns]
    return Finding(
        success=succeeds(count, answer["count"], arguments.get("mostly", 1.0)),
        element_count=count,
        missing_count=0,
        unexpected_count=answer["count"],
        unexpected_values=tuple(dict(zip(names, values, strict=True)) for _, *values in bad),
        rows=tuple(number for number, *_ in bad),
    )


_HEAD = 40
"""Characters that the number of rows has in the head of the file: it is known only at the end."""


def _spool(file: IO[str], columns: Sequence[Column], parts: Iterable[Rows]) -> int:
    """Write the rows as JSON lines, a list each, behind a head; return how many there are."""
    from mlci.worker import NotJson, encode

    moments = [column.name for column in columns if column.kind in {"date", "datetime"}]
    head = json.dumps({"columns": [column.name for column in columns], "moments": moments})[:-1]
    file.write(f'{head}, "rows": {" " * _HEAD}}}\n')
    count = 0
    try:
        for part in parts:
            file.writelines(f"{json.dumps(encode(row))}\n" for row in part)
            count += len(part)
    except NotJson as error:
        raise CannotRun(f"a column holds {error.what}, which JSON cannot hold") from None
    file.seek(0)
    file.write(f'{head}, "rows": {str(count).rjust(_HEAD)}}}\n')
    file.flush()
    return count


def _lines(file: IO[str], positions: Sequence[int]) -> Iterator[list[Any]]:
    """Give the rows at the positions, which are in order."""
    wanted = set(positions)
    file.seek(0)
    file.readline()
    if wanted:
        for at, line in enumerate(file):
            if at in wanted:
                yield json.loads(line)
