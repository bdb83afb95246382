"""The numbers of a run as reports list them: each with its change, its metric, or both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mlci.reports.names import parts
from mlci.results.model import Change, Metric, Results

_WORST_FIRST = ("errored", "failed", "warned", "inconclusive")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One number; its texts are untrusted."""

    name: str
    slice: str | None
    change: Change | None
    metric: Metric | None

    @property
    def matters(self) -> bool:
        """Whether the comparison has something to say against it."""
        return self.change is not None and self.change.status not in ("passed", "skipped")

    @property
    def calm(self) -> bool:
        """Whether it is an overall number that is no cause for worry."""
        return self.slice is None and not self.matters

    @property
    def higher_is_better(self) -> bool | None:
        """Its direction, where it is known."""
        source = self.change or self.metric
        return source.higher_is_better if source else None

    @property
    def n(self) -> int | None:
        """How many examples, lines or cases it was computed on, where that is known."""
        return next((one.n for one in (self.metric, self.change) if one is not None and one.n is not None), None)


def rows_of(results: Results) -> list[Row]:
    """Return every number of `results`: those that were compared first."""
    metrics = {(metric.name, metric.slice): metric for metric in results.metrics}
    compared = results.comparison.changes if results.comparison else ()
    changes = {(change.metric, change.slice): change for change in compared}
    keys = dict.fromkeys((*changes, *metrics))
    return [Row(name=key[0], slice=key[1], change=changes.get(key), metric=metrics.get(key)) for key in keys]


def worst_first(numbers: Sequence[Row]) -> list[Row]:
    """Return those that matter: the worst status first, an overall number before a slice."""
    return sorted((one for one in numbers if one.matters), key=_urgency)


def any_compared(numbers: Sequence[Row]) -> bool:
    """Whether any of the numbers has a baseline."""
    return any(one.change is not None and one.change.baseline is not None for one in numbers)


def split(name: str) -> tuple[str, str, str]:
    """Split a dotted name into what it is a number of, the number, and its legs: `model topics`, `accuracy`, ``."""
    known = parts(name)
    subject, dot, rest = known.rest.partition(".")
    inside = known.gate == "model" and bool(dot)
    return f"{known.gate} {subject}" if inside else known.gate, rest if inside else known.rest, known.leg


def cut(name: str, value: float) -> float:
    """Cut coverage to hundredths of a percent, as the code gate does, so that it is never rounded up to its limit."""
    known = parts(name)
    covered = known.gate == "code" and known.subject == "coverage" and math.isfinite(value * 100)
    return math.floor(value * 100) / 100 if covered else value


def _urgency(one: Row) -> tuple[int, bool]:
    return (_WORST_FIRST.index(one.change.status) if one.change else len(_WORST_FIRST), one.slice is not None)
