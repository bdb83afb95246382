"""Results of one project among several, told as of the folder that all of them lie in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath, PurePosixPath
from typing import Any

from mlci.results.decision import Churn
from mlci.results.model import Check, Comparison, DataChange, Gate, Results
from mlci.results.rules import RuleChange

ATTACHED = ("failing_rows", "file", "pictures")
"""Details of checks that name a file of the report folder."""


def placed(results: Results, *, folder: str, reports: str) -> Results:
    """Return `results` with paths that start where `folder`, the project's, and `reports`, its report folder, lie."""
    if folder == "." and not reports:
        return results
    anchor = results.anchor
    return replace(
        results,
        rule_changes=tuple(_rule(change, folder) for change in results.rule_changes),
        gates=tuple(_gate(gate, folder, reports) for gate in results.gates),
        comparison=_comparison(results.comparison, reports),
        anchor=replace(anchor, comparison=_comparison(anchor.comparison, reports)) if anchor else None,
    )


def _rule(change: RuleChange, folder: str) -> RuleChange:
    where = replace(change.where, path=_below(folder, change.where.path)) if change.where else None
    return replace(change, where=where)


def _gate(gate: Gate, folder: str, reports: str) -> Gate:
    return replace(
        gate,
        checks=tuple(_check(check, folder, reports) for check in gate.checks),
        data_changes=tuple(_change(change, folder) for change in gate.data_changes),
    )


def _check(check: Check, folder: str, reports: str) -> Check:
    where = replace(check.where, path=_below(folder, check.where.path)) if check.where else None
    return replace(check, where=where, details=_details(check.details, reports))


def _details(details: Mapping[str, Any], reports: str) -> dict[str, Any]:
    attached = {key: _below(reports, value) for key in ATTACHED if isinstance(value := details.get(key), str)}
    return {**details, **attached}


def _change(change: DataChange, folder: str) -> DataChange:
    return replace(change, path=_below(folder, change.path))


def _comparison(comparison: Comparison | None, reports: str) -> Any:
    if comparison is None:
        return None
    return replace(comparison, churn=tuple(_churn(churn, reports) for churn in comparison.churn))


def _churn(churn: Churn, reports: str) -> Churn:
    return replace(churn, file=_below(reports, churn.file)) if churn.file else churn


def _below(folder: str, path: str) -> str:
    """Return `path` as seen from above `folder`; an absolute one or a URL stays as it is."""
    if not folder or folder == "." or "://" in path or PurePath(path).is_absolute():
        return path
    return f"{PurePosixPath(folder) / path}{'/' if path.endswith('/') else ''}"
