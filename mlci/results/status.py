"""How checks end, and which end decides among several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Status = Literal["passed", "failed", "warned", "skipped", "errored", "inconclusive"]
Verdict = Literal["passed", "failed", "errored"]
Severity = Literal["error", "warning"]

_WORST_FIRST: tuple[Status, ...] = ("errored", "failed", "warned", "inconclusive", "passed", "skipped")


def worst(statuses: Iterable[Status]) -> Status:
    """Return the status that decides among several; `skipped` when there is none."""
    seen = set(statuses)
    return next((status for status in _WORST_FIRST if status in seen), "skipped")


def failed_or_warned(severity: Severity) -> Status:
    """Return how a violation ends: `failed`, or `warned` where it must not block."""
    return "failed" if severity == "error" else "warned"


def verdict_of(statuses: Iterable[Status]) -> Verdict:
    """Return the verdict of the whole: warnings and inconclusive comparisons do not block."""
    status = worst(statuses)
    return status if status in ("errored", "failed") else "passed"
