"""Suites: lists of expectations, in the shapes of Great Expectations 0.15 to 1.x and in ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlci.errors import CannotRun, UsageError, Where

if TYPE_CHECKING:
    from mlci.vocabulary.expectations import OwnExpectation

Severity = Literal["error", "warning"]
_SEVERITIES: Mapping[str, Severity] = {"critical": "error", "error": "error", "warning": "warning", "info": "warning"}


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
    found = []
    for key, entry in _entries(document.value, name):
        found.append(_asked(entry, document.where(*key, *_naming(entry))))
    return tuple(found)


def parse_suite(suite: Any) -> Sequence[Asked]:
    """Return the expectations of a suite that is parsed already.

    Raises:
        UsageError: it is not a suite.
    """
    return tuple(_asked(entry, None) for _, entry in _entries(suite, "suite"))


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
        return _written(kind, entry.get("kwargs") or {}, entry.get("severity"), where)
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
