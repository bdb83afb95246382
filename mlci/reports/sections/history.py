"""How numbers went so far, folded: a table with sparklines, and Mermaid charts where the project wants them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlci.numbers import number
from mlci.reports.decided import can_be_drawn, trend
from mlci.reports.inert import prose
from mlci.reports.layout import Section, fold, row, table
from mlci.reports.rows import split
from mlci.results.decision import Point, Trend
from mlci.results.model import Results

_CHARTS = 8
_POINTS = 30
_TITLE = 60
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._-]+")
_MARGIN = 0.05


def sections(results: Results) -> Iterator[Section]:
    """Yield a line for each number whose earlier values are stored, and a chart of it where that is asked for."""
    if results.history:
        head, tail = fold(f"History ({len(results.history):,})")
        columns = table(("Number", "So far, now last"))
        entries = tuple(map(_line, results.history))
        yield Section(what="numbers' history", priority=8, head=f"{head}\n{columns}", entries=entries, tail=tail)
    charts = tuple(map(_chart, filter(_is_drawn, results.history[:_CHARTS]))) if results.posting.mermaid else ()
    if charts:
        head, tail = fold(f"Charts ({len(charts):,})")
        yield Section(what="charts", priority=9, head=head, entries=charts, tail=tail)


def _line(one: Trend) -> str:
    bars, reach, spread = trend(one)
    above, name, legs = split(one.metric)
    below = " · ".join(prose(part, limit=120) for part in (above, legs) if part)
    moves = f", moves by {prose(spread)}" if spread else ""
    last = number(one.points[-1].value) if one.points else "?"
    said = f"**{prose(name, limit=80)}**" + (f"<br><sub>{below}</sub>" if below else "")
    return row((said, f"{prose(bars)} **{last}**<br><sub>{prose(reach)}{moves}</sub>"))


def _comparable(one: Trend) -> Sequence[Point]:
    """Return the points since what is measured changed."""
    from mlci.decisions.trend import parts

    return parts(one.points)[-1][-_POINTS:] if one.points else ()


def _is_drawn(one: Trend) -> bool:
    points = _comparable(one)
    return len(points) > 1 and can_be_drawn(points)


def _chart(one: Trend) -> str:
    """Return a chart in a fence; nothing is in it but our own words, numbers, commit ids and plain letters."""
    points = _comparable(one)
    values = [point.value for point in points]
    low, high = min(values), max(values)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    title = " ".join(_NOT_PLAIN.sub(" ", one.metric[: 4 * _TITLE]).split())[:_TITLE].strip() or "number"
    lines = (
        "xychart-beta",
        f'    title "{title}"',
        f"    x-axis [{', '.join(_labels(points))}]",
        f"    y-axis {low - margin:.6g} --> {high + margin:.6g}",
        f"    line [{', '.join(f'{value:.6g}' for value in values)}]",
    )
    return "\n".join(("```mermaid", *lines, "```", ""))


def _labels(points: Sequence[Point]) -> Iterator[str]:
    for place, point in enumerate(points, 1):
        known = point.commit and _COMMIT.fullmatch(point.commit)
        yield '"now"' if place == len(points) else f'"{point.commit[:7]}"' if known and point.commit else f'"{place}"'
