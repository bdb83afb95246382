"""The metrics gate: numbers that other programs wrote to JSON and YAML files, against their limits."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlci.config.common import Limits
from mlci.config.when import numbers_of, when_of
from mlci.documents import read
from mlci.errors import MlciError, UsageError, Where, did_you_mean
from mlci.gates import Context, Outcome, gate_of
from mlci.limits import judge
from mlci.results.model import Check, Gate, Metric, failed_or_warned

_SHOWN_KEYS = 10


def run(context: Context) -> Outcome:
    """Check every number of `metrics:`; a file or number that is missing is never a pass."""
    started = time.monotonic()
    checks: list[Check] = []
    metrics: list[Metric] = []
    for file, limits in context.config.metrics.items():
        if not context.feeds(context.root / file):
            continue
        left_out = context.left_out(when_of(limits), f"metrics.{file}", f"the numbers in {file}", "metrics", file)
        if left_out is not None:
            checks.append(left_out)
            continue
        for check, metric in _file(context, file, numbers_of(limits)):
            checks.append(check)
            metrics.extend([metric] if metric else [])
    if not checks:
        reason = "none of the changed files is one of its files"
        return Outcome(gate=Gate(name="metrics", status="skipped", reason=reason))
    gate = gate_of("metrics", tuple(checks), duration_s=time.monotonic() - started)
    return Outcome(gate=gate, metrics=tuple(metrics))


def _file(context: Context, file: str, numbers: Mapping[str, Limits]) -> Iterator[tuple[Check, Metric | None]]:
    try:
        document = _read(context, file)
    except MlciError as error:
        yield _errored(context, file, error.says, error.where), None
        return
    for path, limits in numbers.items():
        yield _number(context, file, path, limits, document)


def _read(context: Context, file: str) -> Any:
    where = Where(path=file)
    try:
        raw = (context.root / file).read_bytes()
    except FileNotFoundError as error:
        raise UsageError("the file is missing", where=where, fix="Run what writes it before mlci.") from error
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=where) from error
    if raw.startswith(b"version https://git-lfs"):
        raise UsageError("a Git LFS pointer stands in place of the file", where=where, fix="Run `git lfs pull`.")
    return read(raw, file)


def _errored(context: Context, file: str, reason: str, where: Where | None) -> Check:
    return Check(
        id=f"metrics.{file}",
        status="errored",
        summary=f"{file} could not be read",
        reason=f"{file}: {reason}",
        where=where or context.where("metrics", file),
    )


def _number(context: Context, file: str, path: str, limits: Limits, document: Any) -> tuple[Check, Metric | None]:
    name = f"metrics.{file}.{path}"
    value, problem = _find(document.value, path)
    check = Check(
        id=name,
        status="failed",
        severity=limits.severity,
        summary=f"{path} in {file}",
        where=context.where("metrics", file, path),
    )
    if value is None:
        return replace(check, status=failed_or_warned(limits.severity), reason=f"{path} in {file} {problem}"), None
    metric = Metric(
        name=name,
        value=value,
        higher_is_better=None if limits.direction is None else limits.direction == "higher",
        max_drop=limits.max_drop,
        severity=limits.severity,
    )
    return judge(check, f"{path} in {file}", value, limits), metric


def number_at(value: Any, path: str) -> float | None:
    """Return the finite number at a dotted path; None where there is none."""
    return _find(value, path)[0]


def _find(value: Any, path: str) -> tuple[float | None, str]:
    """Return the number at a dotted path, or what is wrong; the longest key that fits wins, so keys may hold dots."""
    found = _descend(value, path.split("."))
    if found is None:
        return None, _missing(value, path)
    (number,) = found
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None, f"is {_kind(number)}, not a number"
    if not math.isfinite(number):
        return None, f"is {number}, not a finite number"
    return float(number), ""


def _descend(value: Any, parts: list[str]) -> tuple[Any] | None:
    if not parts:
        return (value,)
    for end in range(len(parts), 0, -1):
        key = ".".join(parts[:end])
        if isinstance(value, dict) and key in value:
            inner = _descend(value[key], parts[end:])
            if inner is not None:
                return inner
    if isinstance(value, list) and parts[0].isdecimal() and int(parts[0]) < len(value):
        return _descend(value[int(parts[0])], parts[1:])
    return None


def _missing(value: Any, path: str) -> str:
    known = list(_paths(value))
    advice = did_you_mean(path, known)
    if advice:
        return f"is missing, {advice}"
    shown = ", ".join(known[:_SHOWN_KEYS]) or "no number at all"
    return f"is missing; the file has {shown}"


def _paths(value: Any, prefix: str = "") -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        path = f"{prefix}{key}"
        if isinstance(item, dict | list):
            yield from _paths(item, f"{path}.")
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield path


def _kind(value: Any) -> str:
    kinds = {str: "a text", bool: "true or false", dict: "a mapping", list: "a list", type(None): "null"}
    return kinds.get(type(value), type(value).__name__)
