"""Checking the arguments of an expectation before it is run."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Protocol, Union, get_args, get_origin

from mlci.errors import UsageError, did_you_mean
from mlci.expectations import EXPECTATIONS

ACCEPTED_AND_UNUSED = frozenset(
    {
        "result_format",
        "include_config",
        "catch_exceptions",
        "meta",
        "batch_id",
        "id",
        "notes",
        "description",
        "expectation_context",
        "rendered_content",
        "auto",
        "profiler_config",
        "success_on_last_run",
    }
)
"""Arguments that Great Expectations' files carry and that say nothing about the data."""
UNSUPPORTED = frozenset({"windows"})


class Takes(Protocol):
    """What takes arguments: an expectation, built in or the project's own."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def types(self) -> Mapping[str, Any]:
        """The types of all arguments."""

    @property
    def required(self) -> tuple[str, ...]:
        """The arguments that have no default."""


def check_expectation(name: str, kwargs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the expectation called `name` given `kwargs`, or nothing."""
    try:
        expectation = EXPECTATIONS[canonical(name)]
    except UsageError as error:
        return str(error)
    return problem_with(expectation, kwargs)


def problem_with(expectation: Takes, kwargs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with `kwargs` as the arguments of `expectation`, or nothing."""
    return next((problem for problem in _problems(expectation, kwargs) if problem), None)


def canonical(name: str) -> str:
    """Return the name that `name` is registered under: those of Great Expectations 1.x are classes in CamelCase."""
    if name.startswith("Expect") or name == "UnexpectedRowsExpectation":
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    return {
        "expect_column_pair_values_A_to_be_greater_than_B": "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_ato_be_greater_than_b": "expect_column_pair_values_a_to_be_greater_than_b",
    }.get(name, name)


def given(expectation: Takes, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `kwargs` that `expectation` takes, less those that are null where null says nothing."""
    known = {name: kind for name, kind in expectation.types.items() if name in kwargs}
    return {name: kwargs[name] for name, kind in known.items() if kwargs[name] is not None or fits(None, kind)}


def _problems(expectation: Takes, kwargs: Mapping[str, Any]) -> Any:
    known = expectation.types
    for name, value in kwargs.items():
        if name in ACCEPTED_AND_UNUSED:
            continue
        if name == "severity":
            yield _severity(value)
        elif name in UNSUPPORTED:
            yield None if value is None else f'the argument "{name}" is not supported'
        elif name not in known:
            yield f'{expectation.name} takes no argument "{name}"; {_advice(name, known)}'
        elif not fits(value, known[name]) and not (value is None and name not in expectation.required):
            yield f"the argument {name} is {value!r}, which is no {said(known[name])}"
        elif name == "mostly" and isinstance(value, (int, float)) and not 0 <= value <= 1:
            yield f"the argument mostly is {value}, which is no share between 0 and 1"
    for name in expectation.required:
        if name not in kwargs:
            yield f'{expectation.name} needs the argument "{name}"'


def _severity(value: Any) -> str | None:
    known = ("error", "warning", "critical", "info")
    return None if value in known else f"severity is one of {', '.join(known)}, not {value!r}"


def _advice(name: str, known: Mapping[str, Any]) -> str:
    return did_you_mean(name, known) or f"its arguments are {', '.join(known)}"


def _parameter(value: Any) -> bool:
    return isinstance(value, dict) and "$PARAMETER" in value


def fits(value: Any, kind: Any) -> bool:
    """Whether `value` is of the type `kind`; one that is filled in later is of every type."""
    if kind is Any or _parameter(value):
        return True
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return any(fits(value, part) for part in get_args(kind))
    if origin is list:
        part = (*get_args(kind), Any)[0]
        return isinstance(value, (list, tuple, set, frozenset)) and all(fits(each, part) for each in value)
    if origin is dict:
        return isinstance(value, dict)
    if kind in {int, float}:
        whole = kind is float or not isinstance(value, float) or value.is_integer()
        return isinstance(value, (int, float)) and not isinstance(value, bool) and whole
    return isinstance(value, kind)


def said(kind: Any) -> str:
    """Return the type `kind` in words."""
    words = {bool: "true or false", int: "whole number", float: "number", str: "text", types.NoneType: ""}
    parts = get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
    named = [words.get(part, "list" if get_origin(part) is list else "mapping") for part in parts]
    return " or ".join(word for word in named if word)
