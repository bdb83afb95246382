"""The JSON of coverage.py; percentages are computed anew from its counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from mlci.code.coverage import Counts, Lines, Measured, summed
from mlci.code.formats import reader


@reader
def coverage_json(raw: bytes) -> Measured | None:
    """`coverage json`."""
    if not raw.lstrip().startswith(b"{"):
        return None
    try:
        report = json.loads(raw)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    try:
        return _measured(report)
    except KeyError as error:
        raise ValueError(f"it is not what coverage writes: {error} is missing") from None


def _measured(report: Mapping[str, Any]) -> Measured:
    files = {str(name): _counts(entry["summary"]) for name, entry in report["files"].items()}
    total = summed(files.values())
    if total != _counts(report["totals"]):
        raise ValueError("its totals are not the sums of its files")
    lines = {str(name): _lines(entry, files[str(name)]) for name, entry in report["files"].items()}
    return Measured(
        total=total,
        files=files,
        lines=lines,
        with_branches="num_branches" in report["totals"],
        made=_made(report.get("meta", {})),
    )


def _counts(summary: Mapping[str, Any]) -> Counts:
    counts = Counts(
        statements=_count(summary["num_statements"]),
        covered=_count(summary["covered_lines"]),
        branches=_count(summary.get("num_branches", 0)),
        covered_branches=_count(summary.get("covered_branches", 0)),
        excluded=_count(summary.get("excluded_lines", 0)),
    )
    if counts.covered > counts.statements or counts.covered_branches > counts.branches:
        raise ValueError("more is covered than there is")
    return counts


def _lines(entry: Mapping[str, Any], counts: Counts) -> Lines:
    """Return the lines of a file; older reports without them have none."""
    names = ("executed_lines", "missing_lines", "excluded_lines")
    if not all(isinstance(entry.get(name), list) for name in names):
        return Lines()
    executed, missing, excluded = (frozenset(map(_count, entry[name])) for name in names)
    if len(executed) != counts.covered or len(executed) + len(missing) != counts.statements:
        raise ValueError("its counts are not those of its lines")
    return Lines(executed=executed, missing=missing, excluded=excluded)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def _made(meta: Mapping[str, Any]) -> datetime | None:
    with suppress(ValueError, TypeError, AttributeError):
        return datetime.fromisoformat(meta["timestamp"]).astimezone() if "timestamp" in meta else None
    return None
