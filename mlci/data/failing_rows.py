"""The failing rows of an asset as CSV: row number, reasons, and every column."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.expectations.columns import ROW

MOST = 10_000
"""Rows written at most; the first of them are."""


def reasons_by_row(found: Iterable[tuple[str, Iterable[int]]]) -> dict[int, list[str]]:
    """Return for each of the first failing rows, in order, the names of the checks that it fails."""
    reasons: dict[int, list[str]] = {}
    for name, rows in found:
        for row in rows:
            reasons.setdefault(row, []).append(name)
    return {row: reasons[row] for row in sorted(reasons)[:MOST]}


def write(path: Path, batch: Batch, reasons: Mapping[int, Iterable[str]]) -> None:
    """Write the rows named in `reasons` to `path`; texts are written as they are in the data."""
    shown = [
        (column.text if column.engine == "duckdb" else column.expr).alias(f"v{position}")
        for position, column in enumerate(batch.columns.values())
    ]
    chosen = batch.numbered().filter(nw.col(ROW).is_in(list(reasons))).select(nw.col(ROW), *shown).sort(ROW)
    rows = list(reasons)
    files = batch.files(rows)
    lines = batch.lines(rows) if files else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", *(("file", "line") if files else ()), "reasons", *batch.columns])
        for row, *values in fetch(chosen):
            place = (files[row], lines.get(row, "")) if files else ()
            written = ("" if value is None else value for value in values)
            writer.writerow([row, *place, "; ".join(reasons[row]), *written])
