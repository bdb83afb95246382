"""Badges in the form of shields.io's endpoint: the verdict, the coverage, and every number of the whole data."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from mlci.numbers import number
from mlci.reports.findings import nothing_checked, verdict
from mlci.reports.inert import visible
from mlci.reports.names import parts
from mlci.reports.rows import Row, cut, rows_of
from mlci.results.model import Results

MOST = 200
"""Numbers that have a badge."""

_LABEL = 60
_FILE = 80
_VERDICTS = {"passed": ("passing", "brightgreen"), "failed": ("blocked", "red"), "errored": ("could not run", "orange")}
_COVERAGE = ((95.0, "brightgreen"), (90.0, "green"), (80.0, "yellowgreen"), (70.0, "yellow"), (50.0, "orange"))
_BY_STATUS = {"failed": "red", "errored": "orange", "warned": "yellow"}
_RESERVED = frozenset({"verdict.json", "coverage.json"})


def badges(results: Results) -> Mapping[str, str]:
    """Return the badges as JSON by file name: `verdict.json`, `coverage.json` and one for each number."""
    found = {"verdict.json": _verdict(results)}
    rows = [row for row in rows_of(results) if row.slice is None and row.metric is not None]
    covered = [row.metric.value for row in rows if row.metric and _is_coverage(row.name)]
    if covered and math.isfinite(min(covered)):
        found["coverage.json"] = _coverage(min(covered))
    for row in rows[:MOST]:
        found[_file(row.name, taken=found.keys() | _RESERVED)] = _number(row)
    return {name: json.dumps(badge) + "\n" for name, badge in found.items()}


def _verdict(results: Results) -> dict[str, Any]:
    if verdict(results) == "passed" and nothing_checked(results):
        return _badge("mlci", "nothing checked", "lightgrey")
    return _badge("mlci", *_VERDICTS[verdict(results)])


def _coverage(percent: float) -> dict[str, Any]:
    color = next((color for limit, color in _COVERAGE if percent >= limit), "red")
    return _badge("coverage", f"{math.floor(percent * 100) / 100:.2f}%", color)


def _number(row: Row) -> dict[str, Any]:
    known, value = parts(row.name), row.metric.value if row.metric else math.nan
    label = f"{known.rest} ({known.leg})" if known.leg else known.rest
    unit = "%" if _is_coverage(row.name) else ""
    color = _BY_STATUS.get(row.change.status, "blue") if row.change else "blue"
    return _badge(label, f"{number(cut(row.name, value))}{unit}", color)


def _badge(label: str, message: str, color: str) -> dict[str, Any]:
    return {"schemaVersion": 1, "label": visible(label, limit=_LABEL) or "mlci", "message": message, "color": color}


def _is_coverage(name: str) -> bool:
    known = parts(name)
    return known.gate == "code" and known.rest.startswith("coverage.")


def _file(name: str, *, taken: frozenset[str] | set[str]) -> str:
    """Return a plain file name for a number; one that had to be changed, or is taken, gets a digest."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", re.sub(r"\.", "-", name[: 2 * _FILE])).strip("-").lower()[:_FILE]
    changed = not plain or plain != name.replace(".", "-") or f"{plain}.json" in taken
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{digest}.json".lstrip("-") if changed else f"{plain}.json"
