"""Suites: lists of expectations, in the shapes of Great Expectations 0.15 to 1.x and in ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlci.errors import CannotRun, UsageError, Where, did_you_mean

if TYPE_CHECKING:
    from mlci.vocabulary.expectations import OwnExpectation

Severity = Literal["error", "warning"]
_SEVERITIES: Mapping[str, Severity] = {"critical": "error", "error": "error", "warning": "warning", "info": "warning"}


_OF_A_SUITE = (
    *("expectations", "name", "expectation_suite_name", "meta", "id", "notes", "ge_cloud_id", "data_asset_type"),
    *("data_asset_name", "evaluation_parameters", "suite_parameters"),
)
"""The keys of a suite; those that are no expectations and no parameters say nothing of data."""
_OF_AN_ENTRY = (
    *("expectation_type", "type", "kwargs", "severity", "meta", "id", "notes", "description", "ge_cloud_id"),
    *("rendered_content", "expectation_context", "success_on_last_run"),
)
_NOTHING: tuple[Any, ...] = (None, "", [], {}, False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One expectation as a suite asks it."""

    name: str
    """Its registered name, or whatever stands in its place."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """Its arguments, as written."""
    severity: Severity = "error"
    where: Where | None = None
    problem: str | None = None
    """Why it cannot be asked."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Values of the suite's own for what it leaves open."""
    own: OwnExpectation | None = None
    """What it is, where it is the project's own."""


def check_expectation(name: str, kwargs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the expectation called `name` given `kwargs`, or nothing."""
    from mlci.expectations import arguments

    return arguments.check_expectation(name, kwargs)


def is_built_in(name: str) -> bool:
    """Whether mlci itself has an expectation called `name`."""
    from mlci.expectations import EXPECTATIONS
    from mlci.expectations.arguments import canonical

    return canonical(name) in EXPECTATIONS


def read_suite(path: Path, name: str) -> Sequence[Asked]:
    """Return the expectations of a suite file (JSON or YAML), each with its line; messages call the file `name`.

    Raises:
        CannotRun: there is no such file, or it cannot be read.
        UsageError: it is not a suite.
    """
    from mlci.documents import read

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CannotRun(f"the suite cannot be read: {error.strerror}", where=Where(path=name)) from error
    document = read(raw, name)
    entries = _entries(document.value, name)
    found = [_asked(entry, document.where(*key, *_naming(entry))) for key, entry in entries]
    return (*_with_parameters(document.value, found), *_unknown(document.value, document.where))


def parse_suite(suite: Any) -> Sequence[Asked]:
    """Return the expectations of a suite that is parsed already.

    Raises:
        UsageError: it is not a suite.
    """
    found = [_asked(entry, None) for _, entry in _entries(suite, "suite")]
    return (*_with_parameters(suite, found), *_unknown(suite, lambda _key: None))


def parse_entry(entry: Any, where: Where | None) -> Asked:
    """Return one expectation, written `name: {argument: value}`."""
    return _asked(entry, where)


def named_in(asked: Sequence[Asked]) -> Callable[[str], bool]:
    """Return whether the name of a column stands anywhere in the arguments of `asked`: others need not be looked at."""
    if any(each.own is not None and each.own.reads is None for each in asked):
        return lambda _name: True
    reads = [[each.kwargs, each.own and each.own.reads] for each in asked]
    text = json.dumps(reads, default=str, ensure_ascii=False).lower()
    return lambda name: json.dumps(name, ensure_ascii=False).lower()[1:-1] in text


def _with_parameters(suite: Any, asked: Sequence[Asked]) -> Iterator[Asked]:
    """Give the expectations with the values that the suite itself has for its parameters."""
    own = suite if isinstance(suite, Mapping) else {}
    given = (own.get(key) for key in ("evaluation_parameters", "suite_parameters"))
    parameters = {name: value for each in given if isinstance(each, Mapping) for name, value in each.items()}
    for each in asked:
        yield replace(each, defaults=parameters) if parameters else each


def _unknown(suite: Any, where: Callable[[str], Where | None]) -> Iterator[Asked]:
    """Give an expectation that cannot be asked for each key of a suite that is not known."""
    for name, value in suite.items() if isinstance(suite, Mapping) else ():
        if name not in _OF_A_SUITE and value not in (None, "", [], {}, False):
            advice = did_you_mean(str(name), _OF_A_SUITE)
            problem = f"`{name}` of the suite is not supported; {advice}".rstrip("; ")
            yield Asked(name=str(name), where=where(str(name)), problem=problem)


def _entries(suite: Any, name: str) -> Iterable[tuple[tuple[str | int, ...], Any]]:
    if isinstance(suite, Mapping) and isinstance(suite.get("expectations"), Sequence):
        return [(("expectations", index), entry) for index, entry in enumerate(suite["expectations"])]
    if isinstance(suite, Sequence) and not isinstance(suite, (str, bytes)):
        return [((index,), entry) for index, entry in enumerate(suite)]
    raise UsageError(
        'no suite: it has no list "expectations" and is no list itself',
        where=Where(path=name),
        fix="Name a Great Expectations suite, or a list of `expectation: {argument: value}`.",
    )


def _naming(entry: Any) -> tuple[str, ...]:
    if not isinstance(entry, Mapping):
        return ()
    return next(((key,) for key in ("expectation_type", "type") if key in entry), tuple(map(str, entry))[:1])


def _asked(entry: Any, where: Where | None) -> Asked:
    if isinstance(entry, str):
        entry = {entry: {}}
    if not isinstance(entry, Mapping) or not entry:
        return Asked(name=str(entry), where=where, problem="no expectation: it is no `expectation: {argument: value}`")
    kind = entry.get("expectation_type", entry.get("type"))
    if isinstance(kind, str):
        asked = _written(kind, entry.get("kwargs") or {}, entry.get("severity"), where)
        beside = [f'"{key}"' for key, value in entry.items() if key not in _OF_AN_ENTRY and value not in _NOTHING]
        said = f"{', '.join(beside)} beside the `kwargs` is not supported"
        return replace(asked, problem=asked.problem or said) if beside else asked
    (name, kwargs), *others = entry.items()
    if others:
        names = ", ".join(f'"{other}"' for other, _ in others)
        return Asked(name=str(name), where=where, problem=f"{names} stands beside the expectation, not under it")
    return _written(str(name), kwargs or {}, None, where)


def _written(name: str, kwargs: Any, severity: Any, where: Where | None) -> Asked:
    from mlci.expectations.arguments import canonical

    if not isinstance(kwargs, Mapping):
        return Asked(name=name, where=where, problem=f"the arguments of {name} are no mapping")
    level = kwargs.get("severity") or severity or "error"
    return Asked(
        name=canonical(name),
        kwargs={str(key): value for key, value in kwargs.items()},
        severity=_SEVERITIES.get(str(level), "error"),
        where=where,
        problem=check_expectation(name, {**kwargs, "severity": level}),
    )
