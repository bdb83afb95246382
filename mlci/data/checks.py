"""From what became of an expectation to a check of the data gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mlci.data.suites import Asked
from mlci.results.model import Check, Status, failed_or_warned

if TYPE_CHECKING:
    from mlci.data.validation import ExpectationResult

SHOWN = 20
"""Failing rows that the details of a check name, unless more are asked for."""


def ids(asset: str, asked: Iterable[Asked]) -> Iterator[str]:
    """Yield the id of the check of each expectation, `~2` behind the second of one name and so on."""
    from mlci.data.sentences import subjects

    seen: Counter[str] = Counter()
    for each in asked:
        columns = [] if each.name.startswith("expect_table_") else subjects(each.kwargs)
        check_id = f"data.{asset}.{each.name}.{'+'.join(columns) or 'table'}"
        seen[check_id] += 1
        yield check_id if seen[check_id] == 1 else f"{check_id}~{seen[check_id]}"


def check_of(check_id: str, asked: Asked, result: ExpectationResult, *, shown: int = SHOWN) -> Check:
    """Return the check that tells what became of an expectation, with the numbers of the first `shown` failing rows.

    Values of rows are in `details["values"]` alone.
    """
    from mlci.data.sentences import reason, summary

    status: Status = "passed" if result.success else failed_or_warned(asked.severity)
    if result.error and not result.missing_column:
        status = "errored"
    return Check(
        id=check_id,
        status=status,
        severity=asked.severity,
        summary=summary(asked, result),
        reason=None if status == "passed" else reason(asked, result),
        where=asked.where,
        details=_details(result, shown),
    )


def _details(result: ExpectationResult, shown: int) -> dict[str, Any]:
    looked = (result.element_count or 0) - (result.missing_count or 0)
    order = result.details.get("row_order")
    rows = [] if order else list(result.rows[:shown])
    details: dict[str, Any] = {
        "expectation": result.expectation,
        "kwargs": result.kwargs,
        "observed_value": result.observed_value if _is_aggregate(result) else None,
        "element_count": result.element_count,
        "missing_count": result.missing_count,
        "unexpected_count": result.unexpected_count,
        "unexpected_percent": 100 * result.unexpected_count / looked if result.unexpected_count and looked else None,
        "rows": rows,
        "row_order": order,
        "mismatched": result.details.get("mismatched"),
        "values": _values(result),
    }
    return {name: _json(value) for name, value in details.items() if value not in (None, [], {})}


def _is_aggregate(result: ExpectationResult) -> bool:
    """Whether the observed value is a number, numbers or names of columns, and not a value of some row."""
    value = result.observed_value
    return isinstance(value, int | float | dict) or (isinstance(value, list) and "_table_" in result.expectation)


def _values(result: ExpectationResult) -> dict[str, Any]:
    shown: dict[str, Any] = {"unexpected_values": list(result.unexpected_values)} if result.unexpected_values else {}
    if result.observed_value is not None and not _is_aggregate(result):
        shown["observed_value"] = result.observed_value
    return shown


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_json(each) for each in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
