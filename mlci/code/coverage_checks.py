"""The checks of coverage against its limits: in all, by file, by folder and of branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlci.code.coverage import Counts, Measured, shown, summed
from mlci.config.code import Coverage
from mlci.errors import Where
from mlci.locations import stands_for
from mlci.results.model import Check, failed_or_warned

COVERAGE = "code.coverage.total"
_LEAST_COVERED = 20
_PREFIX = "code.coverage"


def of_coverage(measured: Measured, limits: Coverage | None, where: Where | None) -> Check:
    """Return the check of the total coverage against its limit, compared unrounded; without a limit it passes."""
    counts, percent = measured.total, measured.total.percent
    lowest = limits.total if limits else None
    below = limits is not None and lowest is not None and percent < lowest
    limit = "no limit" if lowest is None else f"at least {lowest:g} %"
    return Check(
        id=COVERAGE,
        status=failed_or_warned(limits.severity) if limits and below else "passed",
        severity=limits.severity if limits else "error",
        summary=f"coverage {shown(percent)} % of {_measured(counts)} ({limit})",
        reason=f"coverage is {shown(percent)} %, below the limit of {lowest:g} %" if below else None,
        where=where if below else None,
        details=_coverage_details(measured, lowest),
    )


def _measured(counts: Counts) -> str:
    return f"{counts.statements} statements" + (f" and {counts.branches} branches" if counts.branches else "")


def _coverage_details(measured: Measured, lowest: float | None) -> dict[str, Any]:
    counts = measured.total
    missing = {name: counts.missing for name, counts in measured.files.items() if counts.missing}
    worst = sorted(missing, key=lambda name: (-missing[name], name))[:_LEAST_COVERED]
    return {
        "percent": counts.percent,
        "limit": lowest,
        "statements": counts.statements,
        "covered": counts.covered,
        "branches": counts.branches,
        "covered_branches": counts.covered_branches,
        "excluded": counts.excluded,
        "least_covered": [_file(name, measured.files) for name in worst],
    }


def _file(name: str, files: Mapping[str, Counts]) -> dict[str, Any]:
    return {"file": name, "percent": files[name].percent, "missing": files[name].statements - files[name].covered}


def of_parts(measured: Measured, limits: Coverage, where: Callable[..., Where]) -> Iterator[Check]:
    """Yield the checks of branches, files and folders that `limits` ask for; `where` gives the place of a key there."""
    if limits.branches is not None:
        yield _of_branches(measured, limits.branches, limits, where("branches"))
    if limits.each_file is not None or limits.files:
        yield from _of_files(measured, limits, where)
    for folder, lowest in limits.folders.items():
        yield _of_folder(measured, folder, lowest, limits, where("folders", folder))


def _of_branches(measured: Measured, lowest: float, limits: Coverage, where: Where) -> Check:
    counts = measured.total
    summary = f"{counts.covered_branches} of {counts.branches} branches are taken"
    if not measured.with_branches:
        reason = "no branch was measured; `branch: true` measures them"
        return Check(
            id=f"{_PREFIX}.branches", status="failed", summary="coverage of branches", reason=reason, where=where
        )
    return _judged(
        f"{_PREFIX}.branches",
        summary,
        "of the branches",
        percent=counts.branch_percent,
        lowest=lowest,
        limits=limits,
        where=where,
    )


def _of_files(measured: Measured, limits: Coverage, where: Callable[..., Where]) -> Iterator[Check]:
    """Yield a check of each file below its limit, or one for all where none is."""
    unmatched = [pattern for pattern in limits.files if not any(_stands(pattern, name) for name in measured.files)]
    for pattern in unmatched:
        reason = f"`{pattern}` stands for no file that was measured"
        key = where("files", pattern)
        yield Check(id=f"{_PREFIX}.files.{pattern}", status="failed", summary=reason, reason=reason, where=key)
    asked = {name: lowest for name in sorted(measured.files) if (lowest := _lowest(name, limits)) is not None}
    below = {name: lowest for name, lowest in asked.items() if measured.files[name].percent < lowest}
    for name, lowest in below.items():
        counts = measured.files[name]
        summary = f"coverage of {name} is {shown(counts.percent)} % of {_measured(counts)}"
        identity = f"{_PREFIX}.files.{name}"
        yield _judged(
            identity,
            summary,
            f"of {name}",
            percent=counts.percent,
            lowest=lowest,
            limits=limits,
            where=Where(path=name),
        )
    if not below and not unmatched:
        summary = f"coverage of {len(asked)} {'file' if len(asked) == 1 else 'files'}, each at least at its limit"
        yield Check(id=f"{_PREFIX}.files", status="passed", summary=summary)


def _lowest(name: str, limits: Coverage) -> float | None:
    asked = [lowest for pattern, lowest in limits.files.items() if _stands(pattern, name)]
    asked += [] if limits.each_file is None else [limits.each_file]
    return max(asked, default=None)


def _stands(pattern: str, name: str) -> bool:
    return stands_for(Path(pattern), Path(name))


def _of_folder(measured: Measured, folder: str, lowest: float, limits: Coverage, where: Where) -> Check:
    counts = summed(each for name, each in measured.files.items() if _stands(folder, name))
    identity = f"{_PREFIX}.folders.{folder}"
    if not counts.statements:
        reason = f"no statement below {folder} was measured"
        return Check(id=identity, status="failed", summary=reason, reason=reason, where=where)
    summary = f"coverage of {folder} is {shown(counts.percent)} % of {_measured(counts)}"
    return _judged(identity, summary, f"of {folder}", percent=counts.percent, lowest=lowest, limits=limits, where=where)


def _judged(
    identity: str, summary: str, what: str, *, percent: float, lowest: float, limits: Coverage, where: Where
) -> Check:
    below = percent < lowest
    return Check(
        id=identity,
        status=failed_or_warned(limits.severity) if below else "passed",
        severity=limits.severity,
        summary=f"{summary} (at least {lowest:g} %)",
        reason=f"coverage {what} is {shown(percent)} %, below the limit of {lowest:g} %" if below else None,
        where=where if below else None,
        details={"percent": percent, "limit": lowest},
    )
