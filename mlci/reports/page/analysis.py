"""The error analyses of a run, as tables and the positions of marks in pictures beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.numbers import count, number, percent
from mlci.reports.findings import checks_of
from mlci.results.model import Results

SIDE = 220.0
"""Width and height of a picture."""
_EDGE = 8.0
_MOST_CLASSES = 16
_MOST_ROWS = 20
_MOST_POINTS = 400
_SHADES = 0.85
_CLUSTERS = 5
_POINT = 4
"""Right, up, whether it is wrong, and the number of its cluster."""
_LONGEST = 500
_LARGEST = 1e15


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table and, where one can be drawn, the picture of the same."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: str = ""
    boxes: tuple[tuple[float, float, float, float, str, float], ...] = ()
    """Left, top, width, height, class and opacity."""
    lines: tuple[tuple[str, str], ...] = ()
    """Class and path."""
    dots: tuple[tuple[float, float, str], ...] = ()
    """Centre and class."""

    @property
    def drawn(self) -> bool:
        """Whether there is a picture."""
        return bool(self.boxes or self.lines or self.dots)


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """The error analysis of one model on one set of examples."""

    title: str
    tables: tuple[Table, ...]


def analyses_of(results: Results, *, show_values: bool) -> tuple[Analysis, ...]:
    """Return every error analysis of `results`; examples only with `show_values`. What is malformed is left out."""
    found = []
    for check in checks_of(results):
        parts = _list(check.details.get("analysis"))
        model = check.id.removeprefix("model.").removesuffix(".analysis")
        for at, part in enumerate(parts):
            if isinstance(part, Mapping):
                last = at == len(parts) - 1
                examples = check.details.get("examples") if show_values and last else None
                tables = tuple(_tables(part, examples if isinstance(examples, Mapping) else {}))
                found.append(Analysis(title=f"{model}: {part.get('of', '')}", tables=tables))
    return tuple(one for one in found if one.tables)


def _tables(part: Mapping[str, Any], examples: Mapping[str, Any]) -> Iterator[Table]:
    confusion = part.get("confusion")
    if isinstance(confusion, Mapping):
        yield from _confusion(confusion)
    yield from _calibration(_mappings(part.get("calibration")))
    yield from _residuals(_mappings(part.get("residuals")))
    mistakes = _mappings(examples.get("mistakes"))
    if mistakes:
        yield _examples("Most confident mistakes", mistakes)
    if isinstance(part.get("clusters"), list):
        yield from _clusters(_mappings(part["clusters"]), part.get("map"), examples.get("clusters"))


def _confusion(found: Mapping[str, Any]) -> Iterator[Table]:
    labels = [str(label) for label in _list(found.get("labels"))][:_MOST_CLASSES]
    counts, change = _square(found.get("counts"), len(labels)), _square(found.get("change"), len(labels))
    if not labels or counts is None:
        return
    rows = tuple(
        (label, *(_cell(counts[at][to], None if change is None else change[at][to]) for to in range(len(labels))))
        for at, label in enumerate(labels)
    )
    size = (SIDE - 2 * _EDGE) / len(labels)
    boxes = tuple(
        (_EDGE + to * size, _EDGE + at * size, size, size, "right" if at == to else "wrong", _share(counts[at], to))
        for at in range(len(labels))
        for to in range(len(labels))
    )
    since = " In brackets: the change since the baseline." if change is not None else ""
    legend = f"Rows: what is true, columns: what was predicted; shades are shares of a row.{since}"
    yield Table(title="Confusion matrix", head=("true \\ predicted", *labels), rows=rows, legend=legend, boxes=boxes)


def _cell(value: float, moved: float | None) -> str:
    return f"{value:,.0f} ({moved:+,.0f})" if moved else f"{value:,.0f}"


def _share(row: Sequence[float], to: int) -> float:
    total = sum(row)
    return round(_SHADES * row[to] / total, 3) if total > 0 else 0.0


def _calibration(bins: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    known = _complete(bins, ("n", "confidence", "accuracy", "low", "high"))
    if not known:
        return
    at = _Square(0.0, 1.0)
    bars = [[(at(one["confidence"]), at.up(one[key])) for key in ("low", "high")] for one in known]
    yield Table(
        title="Calibration",
        head=("mean confidence", "accuracy", "95 % interval", "n"),
        rows=tuple(
            (percent(one["confidence"]), percent(one["accuracy"]), _span(one, percent), _n(one)) for one in known
        ),
        legend="Right: more confident, up: more often right; a calibrated model lies on the line.",
        lines=(("axis", _path([(at(0), at.up(0)), (at(1), at.up(1))])), *(("interval", _path(bar)) for bar in bars)),
        dots=tuple((at(one["confidence"]), at.up(one["accuracy"]), "now") for one in known),
    )


def _residuals(tenths: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    known = _complete(tenths, ("n", "predicted", "low", "median", "high"))
    if not known:
        return
    across = _Square(min(one["predicted"] for one in known), max(one["predicted"] for one in known))
    up = _Square(min(0.0, *(one["low"] for one in known)), max(0.0, *(one["high"] for one in known)))
    bars = [[(across(one["predicted"]), up.up(one[key])) for key in ("low", "high")] for one in known]
    axis = _path([(_EDGE, up.up(0)), (SIDE - _EDGE, up.up(0))])
    yield Table(
        title="Residuals",
        head=("mean prediction", "median residual", "1st to 9th tenth", "n"),
        rows=tuple((number(one["predicted"]), number(one["median"]), _span(one, number), _n(one)) for one in known),
        legend="Right: larger predictions, up: the true value is above the predicted one; the line is at 0.",
        lines=(("axis", axis), *(("interval", _path(bar)) for bar in bars)),
        dots=tuple((across(one["predicted"]), up.up(one["median"]), "now") for one in known),
    )


def _complete(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the first rows that have a number under each of `keys`."""
    return [one for one in rows if all(_is_number(one.get(key)) for key in keys)][:_MOST_ROWS]


def _span(one: Mapping[str, Any], say: Callable[[float], str]) -> str:
    return f"{say(one['low'])} to {say(one['high'])}"


def _n(one: Mapping[str, Any]) -> str:
    return f"{one['n']:,.0f}"


def _clusters(found: Sequence[Mapping[str, Any]], points: Any, examples: Any) -> Iterator[Table]:
    known = _complete(found, ("n", "wrong", "error", "elsewhere"))
    rows = tuple(
        (str(at), _n(one), number(one["error"]), number(one["elsewhere"]), _mostly(one))
        for at, one in enumerate(known, start=1)
    )
    drawn = [each for each in _list(points) if isinstance(each, list) and len(each) == _POINT]
    said = "" if known else "No part of the examples has more than its share of mistakes. "
    yield Table(
        title=f"Clusters of mistakes ({len(known)})",
        head=("cluster", "n", "mean error", "elsewhere", "mostly"),
        rows=rows,
        legend=f"{said}The map has the examples in two main directions of their features: filled dots are mistakes, "
        "colours are clusters.",
        dots=tuple(_map([each for each in drawn if all(map(_is_number, each))][:_MOST_POINTS])),
    )
    for at, each in enumerate(_list(examples)[: len(known)], start=1):
        if shown := _mappings(each):
            yield _examples(f"Examples of cluster {at}", shown)


def _mostly(one: Mapping[str, Any]) -> str:
    return "; ".join(str(each) for each in _list(one.get("mostly"))[:3])


def _map(points: Sequence[Sequence[float]]) -> Iterator[tuple[float, float, str]]:
    if not points:
        return
    across, up = (_Square(min(one[axis] for one in points), max(one[axis] for one in points)) for axis in (0, 1))
    for x, y, wrong, cluster in sorted(points, key=lambda one: one[2]):
        of = f" cluster-{int(cluster) % (_CLUSTERS + 1)}" if cluster > 0 else ""
        yield across(x), up.up(y), f"{'mistake' if wrong else 'example'}{of}"


def _examples(title: str, shown: Sequence[Mapping[str, Any]]) -> Table:
    head = tuple(dict.fromkeys(str(key) for one in shown for key in one))[:8]
    rows = tuple(tuple(_text(one.get(key)) for key in head) for one in shown[:_MOST_ROWS])
    return Table(title=f"{title} ({count(len(rows), 'example')})", head=head, rows=rows)


def _text(value: Any) -> str:
    return (
        number(value)
        if isinstance(value, float) and math.isfinite(value)
        else ""
        if value is None
        else str(value)[:500]
    )


class _Square:
    """From values to positions in a picture."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._span = low, (high - low) or 1.0

    def __call__(self, value: float) -> float:
        share = min(1.0, max(0.0, (value - self._low) / self._span))
        return round(_EDGE + share * (SIDE - 2 * _EDGE), 1)

    def up(self, value: float) -> float:
        """Return the position with larger values above."""
        return round(SIDE - self(value), 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _square(value: Any, size: int) -> list[list[float]] | None:
    rows = [
        row for row in _list(value)[:size] if isinstance(row, list) and len(row) >= size and all(map(_is_number, row))
    ]
    return [row[:size] for row in rows] if len(rows) == size and size else None
