"""How far the values of each column moved between two versions, as facts about both: nothing is estimated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any

from mlci.data.diff.tables import BEFORE, NOW, Pair, Tables
from mlci.results.model import ColumnShift

_CATEGORIES = 50
"""A column of text or truth values with more different ones is described by the length of its texts."""
_CELLS = 20_000_000
"""Values that quantiles are found over at a time: the engine keeps all of them in memory."""
_GRID = tuple(step / 20 for step in range(1, 21))
_QUARTERS = [0.25, 0.5, 0.75]
_ORDERED = frozenset({"integer", "number", "date", "datetime"})
_DATES = frozenset({"date", "datetime"})
_TINY = 1e-12

Told = tuple[float, dict[str, tuple[Any, Any]]]
"""The effect, and the measures before and now."""


def shifts(tables: Tables, pairs: Sequence[Pair], *, show_values: bool) -> tuple[ColumnShift, ...]:
    """Return how each of `pairs` moved, the furthest first; those that did not are left out."""
    if not all(tables.rows):
        return ()
    missing = _missing(tables, pairs)
    found = [
        *_ordered(tables, [pair for pair in pairs if pair.kind in _ORDERED], missing),
        *_named(tables, [pair for pair in pairs if pair.kind not in _ORDERED], missing, show_values=show_values),
    ]
    moved = [each for each in found if each.effect > _TINY or each.missing[0] != each.missing[1]]
    return tuple(sorted(moved, key=lambda each: -max(each.effect, abs(each.missing[1] - each.missing[0]))))


def _missing(tables: Tables, pairs: Sequence[Pair]) -> dict[int, tuple[float, float]]:
    """Return the shares of missing values before and now, by the number of the column."""
    if not pairs:
        return {}
    counted = ", ".join(f"count({pair.sql})" for pair in pairs)
    sides = [tables.ask(f"select {counted} from {side}")[0] for side in (BEFORE, NOW)]
    shares = [[1 - count / rows for count in side] for side, rows in zip(sides, tables.rows, strict=True)]
    return {pair.position: both for pair, both in zip(pairs, zip(*shares, strict=True), strict=True)}


def _ordered(
    tables: Tables, pairs: Sequence[Pair], missing: Mapping[int, tuple[float, float]]
) -> Iterator[ColumnShift]:
    size = max(1, _CELLS // max(tables.rows))
    for some in _batched(pairs, size):
        quantiles = [_quantiles(tables, side, some) for side in (BEFORE, NOW)]
        effects = _distances(tables, some)
        for index, pair in enumerate(some):
            before, now = (side[index] for side in quantiles)
            kind = "date" if pair.kind in _DATES else "number"
            measures = {name: (before[name], now[name]) for name in before}
            yield ColumnShift(
                column=pair.name,
                kind=kind,
                effect=effects[index],
                missing=missing[pair.position],
                measures=_dated(measures) if kind == "date" else measures,
            )


def _batched(pairs: Iterable[Pair], size: int) -> Iterator[tuple[Pair, ...]]:
    left = iter(pairs)
    while some := tuple(islice(left, size)):
        yield some


def _value(pair: Pair) -> str:
    """Return the column as a finite number: dates as seconds."""
    if pair.kind in _DATES:
        return f"epoch({pair.sql})"
    return f"(case when isfinite({pair.sql}::double) then {pair.sql}::double end)"


def _quantiles(tables: Tables, side: str, pairs: Sequence[Pair]) -> list[dict[str, float | None]]:
    """Return mean, standard deviation and quartiles of each column, in one pass."""
    asked = ", ".join(
        f"avg({_value(p)}), stddev_samp({_value(p)}), quantile_cont({_value(p)}, {_QUARTERS})" for p in pairs
    )
    values = iter(tables.ask(f"select {asked} from {side}")[0])
    found = []
    for _ in pairs:
        mean, spread, quartiles = next(values), next(values), next(values) or (None, None, None)
        names = ("mean", "standard deviation", "lower quartile", "median", "upper quartile")
        found.append(dict(zip(names, (mean, spread, *quartiles), strict=True)))
    return found


def _distances(tables: Tables, pairs: Sequence[Pair]) -> list[float]:
    """Return the largest difference of the cumulative shares of each column, at the twentieths of both versions."""
    grids = _points(tables, pairs)
    before, now = (_shares_up_to(tables, side, pairs, grids) for side in (BEFORE, NOW))
    return [
        max((abs(one - other) for one, other in zip(*both, strict=True)), default=0.0)
        for both in zip(before, now, strict=True)
    ]


def _points(tables: Tables, pairs: Sequence[Pair]) -> list[list[float]]:
    """Return the twentieths of the values of both versions of each column."""
    asked = ", ".join(f"quantile_disc({_value(pair)}, {list(_GRID)})" for pair in pairs)
    sides = [tables.ask(f"select {asked} from {side}")[0] for side in (BEFORE, NOW)]
    return [
        sorted({float(each) for grid in both for each in grid or () if each is not None})
        for both in zip(*sides, strict=True)
    ]


def _shares_up_to(
    tables: Tables, side: str, pairs: Sequence[Pair], grids: Sequence[Sequence[float]]
) -> list[list[float]]:
    """Return the share of the values of each column up to each point of its grid, in one pass."""
    # A histogram finds the point of a value by halving; a count for each point would compare it with all of them.
    asked = ", ".join(
        f"histogram({_value(pair)}, '{list(grid)}'::double[])" for pair, grid in zip(pairs, grids, strict=True)
    )
    found = []
    for grid, counts in zip(grids, tables.ask(f"select {asked} from {side}")[0], strict=True):
        total = sum((counts or {}).values())
        up_to = accumulate((counts or {}).get(point, 0) for point in grid)
        found.append([count / max(total, 1) for count in up_to])
    return found


def _dated(measures: Mapping[str, tuple[float | None, float | None]]) -> dict[str, tuple[str | None, str | None]]:
    """Return the measures of dates as dates."""
    from datetime import UTC, datetime, timedelta

    def said(seconds: float | None) -> str | None:
        return None if seconds is None else f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%d}"

    return {name: (said(one), said(other)) for name, (one, other) in measures.items() if name != "standard deviation"}


def _named(
    tables: Tables, pairs: Iterable[Pair], missing: Mapping[int, tuple[float, float]], *, show_values: bool
) -> Iterator[ColumnShift]:
    for pair, distinct, lengths in _sizes(tables, pairs):
        few = max(distinct) <= _CATEGORIES
        shares = _shares(tables, pair) if few else {}
        effect, measures = _categories(shares) if few else _texts(*lengths)
        yield ColumnShift(
            column=pair.name,
            kind="category" if few else "text",
            effect=effect,
            missing=missing[pair.position],
            measures={"different values": (distinct[0], distinct[1]), **measures},
            values=shares if show_values else {},
        )


def _sizes(tables: Tables, pairs: Iterable[Pair]) -> Iterator[tuple[Pair, tuple[int, ...], tuple[float | None, ...]]]:
    """Give each column with its number of different values, before and now, and the mean length of its texts."""
    for some in _batched(pairs, max(1, _CELLS // max(tables.rows))):
        asked = ", ".join(f"count(distinct {pair.sql}), avg(length({pair.sql}::varchar))" for pair in some)
        sides = [tables.ask(f"select {asked} from {side}")[0] for side in (BEFORE, NOW)]
        for at, pair in enumerate(some):
            yield pair, tuple(side[2 * at] for side in sides), tuple(side[2 * at + 1] for side in sides)


def _shares(tables: Tables, pair: Pair) -> dict[str, tuple[float, float]]:
    """Return the share of each category among the values present, before and now, the most frequent first."""
    counts: dict[str, list[int]] = {}
    for side, name in enumerate((BEFORE, NOW)):
        query = f"select {pair.sql}::varchar, count(*) from {name} where {pair.sql} is not null group by 1"
        for category, count in tables.ask(query):
            counts.setdefault(category, [0, 0])[side] = count
    totals = [max(1, sum(each[side] for each in counts.values())) for side in (0, 1)]
    shares = {name: (each[0] / totals[0], each[1] / totals[1]) for name, each in counts.items()}
    return dict(sorted(shares.items(), key=lambda item: (-max(item[1]), item[0])))


def _categories(shares: Mapping[str, tuple[float, float]]) -> Told:
    """Return the total variation distance of two distributions, and how many categories are new and gone."""
    new = sum(1 for before, now in shares.values() if now and not before)
    gone = sum(1 for before, now in shares.values() if before and not now)
    measures: dict[str, tuple[Any, Any]] = {}
    if new:
        measures["new categories"] = (None, new)
    if gone:
        measures["lost categories"] = (None, gone)
    return sum(abs(before - now) for before, now in shares.values()) / 2, measures


def _texts(before: float | None, now: float | None) -> Told:
    if before is None or now is None or max(before, now) <= 0:
        return 0.0, {"mean length": (before, now)}
    return abs(before - now) / max(before, now), {"mean length": (before, now)}
