"""What a decision tells beside its numbers, in words: plain texts with names in backticks, all of them untrusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from mlci.numbers import count, number, percent
from mlci.results.decision import Churn, Point, Trend, Waived
from mlci.results.model import Anchor, Results, Status

_LONGEST = 300
_COMMIT = 10


def churned(churn: Churn) -> str:
    """Return how many predictions of a model changed: `3.4% of 2,000 predictions changed: 41 newly wrong …`."""
    share = percent(churn.changed / churn.n) if churn.n else "0%"
    said = f"{share} of {count(churn.n, 'prediction')} changed"
    if churn.newly_wrong is not None and churn.newly_right is not None and churn.changed:
        said += f": {churn.newly_wrong:,} newly wrong, {churn.newly_right:,} newly right"
    return said


def compared_with(anchor: Anchor) -> str:
    """Return how the numbers stand beside those of the pinned release, in one line."""
    comparison = anchor.comparison
    judged = [one for one in comparison.changes if one.max_drop is not None and one.status != "skipped"]
    if not judged:
        return comparison.reason or "no number with a limit could be compared"
    statuses = Counter(one.status for one in judged)
    words: dict[Status, str] = {
        "failed": "beyond the limit",
        "warned": "let pass",
        "inconclusive": "inconclusive",
    }
    said = [f"{statuses[status]} {word}" for status, word in words.items() if statuses[status]]
    return f"{count(len(judged), 'number')} compared, {', '.join(said) or 'none beyond its limit'}"


def waived(waiver: Waived) -> str:
    """Return what became of a waiver, and whose it is."""
    part = f" [{waiver.slice[:_LONGEST]}]" if waiver.slice else ""
    return (
        f"`{waiver.metric[:_LONGEST]}{part}` {waiver.note[:_LONGEST]} ({waiver.owner[:_LONGEST]}: "
        f"{waiver.reason[:_LONGEST]})"
    )


def lines(results: Results) -> Iterator[tuple[str, str]]:
    """Yield what a reviewer is told in one line each, as title and text."""
    for churn in results.comparison.churn if results.comparison else ():
        yield f"Predictions of {churn.model[:_LONGEST]}", churned(churn)
    if results.anchor:
        yield f"Since {results.anchor.name[:_LONGEST]}", compared_with(results.anchor)
    for waiver in results.waivers:
        if waiver.applied:  # the others are findings
            yield "Waiver", waived(waiver)


def trend(one: Trend) -> tuple[str, str, str]:
    """Return a trend as a sparkline, its lowest and highest value, and its spread.

    Where the evaluation data or the metric changed, the line has a gap, and range and spread are of what came after.
    """
    from mlci.decisions.trend import broken_line, parts

    if not can_be_drawn(one.points):
        return "", "", ""
    values = [point.value for point in parts(one.points)[-1]]
    low, high = number(min(values)), number(max(values))
    spread = "" if one.spread is None else number(one.spread)
    breaks = len(parts(one.points)) - 1
    since = f" since {_other(one)}" if breaks else ""
    return broken_line(one.points), f"{low} to {high}{since}", spread


def can_be_drawn(points: Sequence[Point]) -> bool:
    """Whether there are points, and all of them on a scale."""
    values = [point.value for point in points]
    return bool(values) and all(map(math.isfinite, values)) and math.isfinite(max(values) - min(values))


def _other(one: Trend) -> str:
    """Return where the last change of what is measured lies, as `other evaluation data at 1a2b3c4`."""
    last = next(point for point in reversed(one.points) if point.broken)
    what = (last.broken or "").rpartition(" computed ")[2].partition(" ")[2] or "a change of what is measured"
    return f"{what[:_LONGEST]} at {last.commit[:_COMMIT]}" if last.commit else f"{what[:_LONGEST]} in this run"
