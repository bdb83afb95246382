"""Reading coverage's JSON report, and computing the percentage anew from its counts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlci.errors import CannotRun

LARGEST = 512 << 20
"""Bytes of the largest file that is read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What was measured, in one file or in all."""

    statements: int
    covered: int
    branches: int = 0
    covered_branches: int = 0
    excluded: int = 0

    @property
    def percent(self) -> float:
        """Statements and branches covered, in percent of both, as coverage computes it; not rounded."""
        measured = self.statements + self.branches
        return 100.0 * (self.covered + self.covered_branches) / measured if measured else 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The coverage of a project: in all, and by file."""

    total: Counts
    files: Mapping[str, Counts]


def read_coverage(path: Path) -> Measured:
    """Return the coverage in the JSON file at `path`.

    Raises `CannotRun` where it is missing, too large, not what coverage writes, or where it measured no statement.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CannotRun(f"coverage's report is larger than {LARGEST >> 20} MiB")
        report = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CannotRun("pytest-cov left no coverage report") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CannotRun(f"coverage's report cannot be read: {error}") from None
    try:
        measured = _measured(report)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotRun(f"coverage's report is not what coverage writes: {error!r}") from None
    if not measured.total.statements:
        raise CannotRun("coverage measured no statement.", fix="Name the project's own code in `code.source`.")
    return measured


def _measured(report: Mapping[str, Any]) -> Measured:
    files = {str(name): _counts(entry["summary"]) for name, entry in report["files"].items()}
    total = Counts(
        statements=sum(counts.statements for counts in files.values()),
        covered=sum(counts.covered for counts in files.values()),
        branches=sum(counts.branches for counts in files.values()),
        covered_branches=sum(counts.covered_branches for counts in files.values()),
        excluded=sum(counts.excluded for counts in files.values()),
    )
    if total != _counts(report["totals"]):
        raise ValueError("its totals are not the sums of its files")
    return Measured(total=total, files=files)


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


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value


def shown(percent: float) -> str:
    """Return `percent` with two decimals, rounded down so that what is below a limit never looks like the limit."""
    return f"{math.floor(percent * 100) / 100:.2f}"
