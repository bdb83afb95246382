"""Results in the shape of Great Expectations 1.x, for programs that read that."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from mlci.data.validation import ExpectationResult, ValidationResult

FORMATS = ("BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE")
_PARTIAL = 20
_ABOUT_NULLS = ("expect_column_values_to_be_null", "expect_column_values_to_not_be_null")


def to_gx(result: ValidationResult, result_format: str) -> dict[str, Any]:
    """Return a validation result as plain JSON in the shape of Great Expectations 1.x.

    Args:
        result: what `validate` returned.
        result_format: how much to tell: one of `FORMATS`.

    Raises:
        UsageError: there is no such format; or it is COMPLETE, and not every failing row was kept.
    """
    if result_format not in FORMATS:
        raise UsageError(f'there is no result format "{result_format}"', fix=f"Known: {', '.join(FORMATS)}.")
    met = sum(each.success for each in result.results)
    asked = len(result.results)
    return {
        "success": result.success,
        "results": [_expectation(each, FORMATS.index(result_format)) for each in result.results],
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": asked,
            "successful_expectations": met,
            "unsuccessful_expectations": asked - met,
            "success_percent": 100 * met / asked if asked else None,
        },
        "meta": {},
        "id": None,
    }


def write(folder: Path, asset: str, result: ValidationResult) -> None:
    """Write the SUMMARY of what became of an asset's expectations to `folder`, in a file called after the asset.

    Raises:
        CannotRun: it cannot be written.
    """
    file = folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', asset)}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(to_gx(result, "SUMMARY"), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotRun(
            f"results cannot be written to {file}: {error.strerror}", fix="Choose another folder."
        ) from error


def _expectation(result: ExpectationResult, detail: int) -> dict[str, Any]:
    raised = result.error is not None
    return {
        "success": result.success,
        "expectation_config": {"type": result.expectation, "kwargs": _plain(result.kwargs), "meta": {}},
        "result": {} if raised or not detail else _plain(_seen(result, detail)),
        "meta": {},
        "exception_info": {
            "raised_exception": raised,
            "exception_traceback": None,
            "exception_message": result.error,
        },
    }


def _seen(result: ExpectationResult, detail: int) -> dict[str, Any]:
    if result.element_count is not None and result.unexpected_count is not None and result.observed_value is None:
        return _rows(result, result.element_count, result.unexpected_count, detail)
    seen: dict[str, Any] = {} if result.observed_value is None else {"observed_value": result.observed_value}
    if result.details:
        seen["details"] = result.details
    if result.unexpected_count is not None and result.element_count is None:
        partial = result.unexpected_values[:_PARTIAL]
        counted = {"unexpected_count": result.unexpected_count, "partial_unexpected_list": partial}
        return {"observed_value": None, **seen, **counted}
    return seen


def _rows(result: ExpectationResult, elements: int, unexpected: int, detail: int) -> dict[str, Any]:
    missing = result.missing_count or 0
    partial = result.unexpected_values[:_PARTIAL]
    seen: dict[str, Any] = {
        "element_count": elements,
        "unexpected_count": unexpected,
        "unexpected_percent": _percent(unexpected, elements - missing),
        "partial_unexpected_list": partial,
    }
    if result.expectation not in _ABOUT_NULLS:
        seen |= {
            "missing_count": missing,
            "missing_percent": _percent(missing, elements),
            "unexpected_percent_total": _percent(unexpected, elements),
            "unexpected_percent_nonmissing": _percent(unexpected, elements - missing),
        }
    if detail >= FORMATS.index("SUMMARY"):
        positions = [row - 1 for row in result.rows[:_PARTIAL]]
        seen |= {"partial_unexpected_counts": _counts(partial), "partial_unexpected_index_list": positions}
    if detail >= FORMATS.index("COMPLETE"):
        seen |= _all(result, unexpected)
    return seen


def _all(result: ExpectationResult, unexpected: int) -> dict[str, Any]:
    if min(len(result.rows), len(result.unexpected_values)) < unexpected:
        raise UsageError(
            f"{result.expectation} has {unexpected} failing rows, of which {len(result.unexpected_values)} were kept",
            fix=f"Call validate(…, failing_rows={unexpected}) for COMPLETE results.",
        )
    return {
        "unexpected_list": result.unexpected_values,
        "unexpected_index_list": [row - 1 for row in result.rows],
    }


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole > 0 else None


def _counts(values: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Return the values with how often each occurs, the most frequent first."""
    plain = {repr(value): value for value in values}
    counted = Counter(repr(value) for value in values)
    by_count = [(plain[key], count) for key, count in counted.items()]
    try:
        by_count.sort(key=lambda pair: (-pair[1], pair[0]))
    except TypeError:
        by_count.sort(key=lambda pair: (-pair[1], str(pair[0])))
    return [{"value": value, "count": count} for value, count in by_count]


def _plain(value: Any) -> Any:
    """Return `value` as plain JSON has it: dates as ISO 8601, decimals as numbers."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
