"""Counting the values of columns in cells, in as few passes over the table as its engine allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.data.drift.features import MOST_CATEGORIES, Basics, key
from mlci.expectations.columns import Column

CELLS = 64
EXACT_ROWS = 2_000_000
"""Up to so many rows, quantiles and numbers of distinct values are exact; beyond, sketches give them."""
_VALUES_HELD = 16_000_000
_ASKED_AT_ONCE = 128
_TRUSTED_DISTINCT = 5_000
_DIGITS = 3
_DISTINCT = frozenset({"integer", "boolean", "text", "object"})
"""Kinds of columns of which it matters how many values are different."""


def basics(batch: Batch, columns: Mapping[str, Column], rows: int) -> dict[str, Basics]:
    """Return what one pass tells of each column."""
    found: dict[str, Basics] = {}
    for some in _batched(columns, rows):
        named = [expr.alias(f"a{at}") for at, expr in enumerate(e for one in some.values() for e in _basics(one))]
        values = iter(fetch(batch.frame.select(*named))[0])
        for name, column in some.items():
            present = int(next(values) or 0)
            distinct = int(next(values) or 0) if column.kind in _DISTINCT else present
            low, high = (next(values), next(values)) if column.kind == "integer" else (None, None)
            if column.kind in _DISTINCT and present < rows:
                distinct -= 1  # what is missing counts as a value of its own
            found[name] = Basics(rows=rows, present=present, distinct=distinct, low=low, high=high)
    return found


def _basics(column: Column) -> Iterator[nw.Expr]:
    yield (~column.missing).cast(nw.Int64).sum()
    if column.kind in _DISTINCT:
        yield column.expr.n_unique()
    if column.kind == "integer":
        yield column.expr.min()
        yield column.expr.max()


def edges(batch: Batch, numbers: Mapping[str, nw.Expr], rows: int, *, cells: int = CELLS) -> dict[str, list[float]]:
    """Return, for each column, rounded bounds between which about equal shares of its values lie.

    A value that fills a cell alone has that cell for itself, so that a value beside it is not taken for it.
    """
    shares = [position / cells for position in range(1, cells)]
    return {name: bounds(found) for name, found in quantiles(batch, numbers, shares, rows).items()}


def bounds(quantiles: Sequence[float]) -> list[float]:
    """Return the bounds of cells from quantiles in order: rounded, each once, and on both sides of a frequent value."""
    finite = [each for each in quantiles if math.isfinite(each)]
    if not finite:
        return []
    step = _step(finite)
    frequent = {one for one, other in itertools.pairwise(finite) if one == other}
    found = {one if one in frequent else _rounded(one, step) for one in finite}
    return sorted(found | {just_below(one) for one in frequent})


def _step(finite: Sequence[float]) -> float:
    spread = finite[-1] - finite[0] or abs(finite[0])
    return float(10.0 ** (math.floor(math.log10(spread)) - _DIGITS + 1)) if spread else 1.0


def _rounded(value: float, step: float) -> float:
    return float(f"{round(value / step) * step:.12g}")


def just_below(value: float) -> float:
    """Return a bound just below a frequent value: half a unit for whole numbers."""
    return value - 0.5 if value == round(value) else math.nextafter(value, -math.inf)


def quantiles(
    batch: Batch, numbers: Mapping[str, nw.Expr], shares: Sequence[float], rows: int
) -> dict[str, list[float]]:
    """Return quantiles of the values present of each column; none of a column without values."""
    found: dict[str, list[float]] = {}
    for some in _batched(numbers, rows):
        found |= (_quantiles_duckdb if batch.engine == "duckdb" else _quantiles)(batch, some, shares, rows)
    return found


def _quantiles_duckdb(
    batch: Batch, numbers: Mapping[str, nw.Expr], shares: Sequence[float], rows: int
) -> dict[str, list[float]]:
    function = "quantile_disc" if rows <= EXACT_ROWS else "approx_quantile"
    asked = ", ".join(f"{function}(v{at}, [{', '.join(map(repr, shares))}])" for at in range(len(numbers)))
    row = _selected(batch, numbers).aggregate(asked).fetchall()[0]
    return {name: list(values or ()) for name, values in zip(numbers, row, strict=True)}


def _quantiles(
    batch: Batch, numbers: Mapping[str, nw.Expr], shares: Sequence[float], rows: int
) -> dict[str, list[float]]:
    exprs = [expr.quantile(share, interpolation="linear") for expr in numbers.values() for share in shares]
    try:
        values = iter(list(_in_parts(batch, exprs)))
    except Exception:  # noqa: BLE001 - an engine that has no quantiles, as SQLite, can still sort
        return {name: _by_rank(batch, expr, shares, rows) for name, expr in numbers.items()}
    return {name: [each for each in (next(values) for _ in shares) if each is not None] for name in numbers}


def _by_rank(batch: Batch, expr: nw.Expr, shares: Sequence[float], rows: int) -> list[float]:
    """Return quantiles by sorting: the values at their places, one pass for each column."""
    present = batch.frame.select(expr.alias("v")).filter(~nw.col("v").is_null())
    total = int(fetch(present.select(nw.len()))[0][0]) if rows else 0
    if not total:
        return []
    places = [min(total - 1, math.ceil(share * total) - 1) for share in shares]
    ranked = present.sort("v").with_row_index("i", order_by="v").filter(nw.col("i").is_in(sorted(set(places))))
    at = {int(place): float(value) for place, value in fetch(ranked.select("i", "v"))}
    return [at[place] for place in places]


def counts(
    batch: Batch, numbers: Mapping[str, nw.Expr], edges: Mapping[str, Sequence[float]], present: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """Return how many values of each column lie in each of its cells: up to each bound, and above the last."""
    wanted = {name: expr for name, expr in numbers.items() if edges[name]}
    count = _counts_duckdb if batch.engine == "duckdb" else _counts
    upto = count(batch, wanted, edges) if wanted else {}
    return {
        name: (*inside, max(0, present[name] - sum(inside)))
        for name, inside in ((name, upto.get(name, ())) for name in numbers)
    }


def _counts_duckdb(
    batch: Batch, numbers: Mapping[str, nw.Expr], edges: Mapping[str, Sequence[float]]
) -> dict[str, list[int]]:
    asked = ", ".join(
        f"histogram(v{at}, [{', '.join(map(repr, edges[name]))}]::double[])" for at, name in enumerate(numbers)
    )
    row = _selected(batch, numbers).aggregate(asked).fetchall()[0]
    return {
        name: [int((found or {}).get(edge, 0)) for edge in edges[name]]
        for name, found in zip(numbers, row, strict=True)
    }


def _counts(batch: Batch, numbers: Mapping[str, nw.Expr], edges: Mapping[str, Sequence[float]]) -> dict[str, list[int]]:
    exprs = [nw.when(expr <= edge).then(1).otherwise(0).sum() for name, expr in numbers.items() for edge in edges[name]]
    values = _in_parts(batch, exprs)
    found = {}
    for name in numbers:
        upto = [int(next(values) or 0) for _ in edges[name]]
        found[name] = [now - before for before, now in zip([0, *upto], upto, strict=False)]
    return found


def categories(batch: Batch, labels: Mapping[str, nw.Expr], distinct: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return how often each category of each column occurs; of a column with too many only the most frequent."""
    few = {name: expr for name, expr in labels.items() if distinct[name] <= _TRUSTED_DISTINCT}
    found = _histograms(batch, few) if batch.engine == "duckdb" and few else {}
    for name, expr in labels.items():
        if name not in found:
            rows = batch.frame.select(expr.alias("value")).filter(~nw.col("value").is_null())
            counted = rows.group_by("value").agg(nw.len().alias("n")).sort("n", "value", descending=[True, False])
            found[name] = _named(fetch(counted.head(MOST_CATEGORIES)))
    return found


def _histograms(batch: Batch, labels: Mapping[str, nw.Expr]) -> dict[str, dict[str, int]]:
    asked = ", ".join(f"histogram(v{at})" for at in range(len(labels)))
    row = _selected(batch, labels).aggregate(asked).fetchall()[0]
    return {name: _named((values or {}).items()) for name, values in zip(labels, row, strict=True)}


def _named(counted: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for value, amount in counted:
        found[key(value)] = found.get(key(value), 0) + int(amount)
    return found


def _selected(batch: Batch, exprs: Mapping[str, nw.Expr]) -> Any:
    named = [expr.alias(f"v{at}") for at, expr in enumerate(exprs.values())]
    return nw.to_native(batch.frame.select(*named))


def _in_parts(batch: Batch, exprs: Sequence[nw.Expr]) -> Iterator[Any]:
    for start in range(0, len(exprs), _ASKED_AT_ONCE):
        some = exprs[start : start + _ASKED_AT_ONCE]
        yield from fetch(batch.frame.select(*(expr.alias(f"a{at}") for at, expr in enumerate(some))))[0]


def _batched(items: Mapping[str, Any], rows: int) -> Iterator[dict[str, Any]]:
    """Yield as many columns at a time as memory may hold the values of."""
    size = max(1, min(_ASKED_AT_ONCE // 4, _VALUES_HELD // max(rows, 1)))
    names = list(items)
    for start in range(0, len(names), size):
        yield {name: items[name] for name in names[start : start + size]}
