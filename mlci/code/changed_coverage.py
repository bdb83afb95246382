"""Coverage of the lines that a change adds or changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mlci.changed.lines import ChangedFile
from mlci.code.coverage import Measured, shown
from mlci.config.code import Coverage
from mlci.errors import Where
from mlci.results.model import Check, Status, failed_or_warned

CHANGED = "code.coverage.changed-lines"
_NAMED = 3
_FILES = 200
_SUMMARY = "coverage of the changed lines"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedCoverage:
    """The statements that a change adds or changes: how many, and which of them no test runs, by file."""

    statements: int
    covered: int
    uncovered: Mapping[str, tuple[int, ...]]
    excluded: int = 0
    """Changed lines that the project takes out of the measurement."""

    @property
    def percent(self) -> float:
        """The share that is covered, in percent, not rounded."""
        return 100.0 * self.covered / self.statements if self.statements else 100.0


def changed_coverage(measured: Measured, changed: Mapping[str, ChangedFile]) -> ChangedCoverage:
    """Return the coverage of the lines that `changed` names; both are by the project's own names of files."""
    covered, excluded, uncovered = 0, 0, {}
    for name in sorted(changed):
        lines = measured.lines.get(name)
        if lines is None:
            continue
        touched = changed[name].lines
        covered += len(lines.executed & touched)
        excluded += len(lines.excluded & touched)
        if missing := lines.missing & touched:
            uncovered[name] = tuple(sorted(missing))
    missed = sum(map(len, uncovered.values()))
    return ChangedCoverage(statements=covered + missed, covered=covered, uncovered=uncovered, excluded=excluded)


def of_changed_lines(
    found: ChangedCoverage, limits: Coverage | None, where: Where, *, since: str, unmeasured: Sequence[str] = ()
) -> Check:
    """Return the check of the changed lines; `unmeasured` are changed files that coverage knows nothing of."""
    lowest = limits.changed_lines if limits else None
    apart = _apart(unmeasured)
    if not found.statements:
        reason = f"not applicable: no statement that was measured changed {since}{apart}"
        return Check(id=CHANGED, status="skipped", summary=_SUMMARY, reason=reason, details=_details(found, lowest))
    below = limits is not None and lowest is not None and found.percent < lowest
    limit = "no limit" if lowest is None else f"at least {lowest:g} %"
    said = f"{found.covered} of {found.statements} changed statements are covered"
    return Check(
        id=CHANGED,
        status=failed_or_warned(limits.severity) if limits and below else "passed",
        severity=limits.severity if limits else "error",
        summary=f"{said}, {shown(found.percent)} % ({limit}){apart}",
        reason=f"{said}, {shown(found.percent)} %, below the limit of {lowest:g} %: {places(found)}" if below else None,
        where=_first(found) if below else where,
        details={**_details(found, lowest), "unmeasured": list(unmeasured)[:_FILES]},
    )


def without_base(limits: Coverage | None, where: Where, *, note: str, broken: bool) -> Check | None:
    """Return the check where there is no commit to compare with; None where no limit asks for it."""
    if limits is None or limits.changed_lines is None:
        return None
    reason = f"no lines can be told that changed: {note}"
    status: Status = "errored" if broken else "skipped"
    return Check(id=CHANGED, status=status, summary=_SUMMARY, reason=reason, where=where)


def places(found: ChangedCoverage) -> str:
    """Return where the first uncovered lines are: `a.py:3-5, 9 and b.py:1, and 2 more files`."""
    named = [f"{name}:{', '.join(spans(lines))}" for name, lines in list(found.uncovered.items())[:_NAMED]]
    more = len(found.uncovered) - len(named)
    return "; ".join(named) + (f" and {more} more {'file' if more == 1 else 'files'}" if more else "")


def spans(lines: Iterable[int]) -> list[str]:
    """Return lines as spans: `3-5` for three in a row."""
    return [str(first) if first == last else f"{first}-{last}" for first, last in ranges(lines)]


def ranges(lines: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and the last of each row of lines without a gap."""
    ordered = sorted(lines)
    if not ordered:
        return []
    breaks = [(one, other) for one, other in pairwise(ordered) if other != one + 1]
    starts, ends = [ordered[0], *(other for _, other in breaks)], [*(one for one, _ in breaks), ordered[-1]]
    return list(zip(starts, ends, strict=True))


def _first(found: ChangedCoverage) -> Where | None:
    return next((Where(path=name, line=lines[0]) for name, lines in found.uncovered.items()), None)


def _apart(unmeasured: Sequence[str]) -> str:
    if not unmeasured:
        return ""
    more = f" and {len(unmeasured) - _NAMED} more" if len(unmeasured) > _NAMED else ""
    verb = "is" if len(unmeasured) == 1 else "are"
    return f"; {', '.join(unmeasured[:_NAMED])}{more} changed and {verb} not measured"


def _details(found: ChangedCoverage, lowest: float | None) -> dict[str, Any]:
    return {
        "percent": found.percent if found.statements else None,
        "limit": lowest,
        "statements": found.statements,
        "covered": found.covered,
        "excluded": found.excluded,
        "uncovered": {name: spans(lines) for name, lines in list(found.uncovered.items())[:_FILES]},
    }
