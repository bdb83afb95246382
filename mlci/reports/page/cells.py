"""One number of the HTML report, beside its baseline, as the texts of its cells."""

from __future__ import annotations

from dataclasses import dataclass

from mlci.numbers import number, pair
from mlci.reports.findings import allowed, difference, without_verdict
from mlci.reports.page.plot import Plot, of_number
from mlci.reports.rows import Row, cut, split
from mlci.results.model import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """What one line of a table of numbers says; a cell that has nothing to say is empty."""

    name: str
    of: str
    """What it is a number of, as `model topics`."""
    slice: str
    status: Status | None
    verdict: str
    """The status in words."""
    """How the comparison ended; nothing where none could."""
    before: str
    now: str
    interval: str
    moved: str
    """How it changed, in words."""
    worse: bool
    limit: str
    n: str
    direction: str
    reason: str
    plot: Plot | None


def cells_of(one: Row) -> Cells:
    """Return the cells of a number."""
    above, name, legs = split(one.name)
    change = one.change
    before, now = _values(one)
    moved = difference(change) if change else None
    limit = allowed(change) if change else None
    judged = change is not None and (change.status != "passed" or limit is not None)
    return Cells(
        name=name,
        of=" · ".join(part for part in (above, legs) if part),
        slice=one.slice or "",
        status=change.status if change and judged else None,
        verdict=change.verdict if change and judged else "",
        before=before,
        now=now,
        interval=_interval(one),
        moved=moved or "",
        worse=bool(moved and moved.endswith("worse")),
        limit=limit or "",
        n="" if one.n is None else f"{one.n:,}",
        direction={None: "", True: "↑", False: "↓"}[one.higher_is_better],
        reason=_reason(one, moved),
        plot=of_number(one),
    )


def _values(one: Row) -> tuple[str, str]:
    before = one.change.baseline if one.change else None
    now = one.change.candidate if one.change else None
    if now is None and one.metric is not None:
        now = one.metric.value
    if before is not None and now is not None:
        return pair(cut(one.name, before), cut(one.name, now))
    gone = "gone" if one.change else ""
    return "" if before is None else number(before), gone if now is None else number(cut(one.name, now))


def _interval(one: Row) -> str:
    ends = one.metric.interval if one.metric else None
    return f"{number(ends[0])} to {number(ends[1])}" if ends else ""


def _reason(one: Row, moved: str | None) -> str:
    """Return what the other cells do not say: a drop beyond its limit is in them."""
    change = one.change
    if change is None or change.status == "passed" or not change.reason:
        return ""
    return "" if moved and change.status in ("failed", "warned") else without_verdict(change)
