"""The failing rows of an asset: put down by its checks, told by number, line and key, and written as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.expectations.columns import ROW
from mlci.results.model import Check

_NAMED = 5
MOST = 10_000
"""Rows written at most; the first of them are."""


class FailingRows:
    """What the checks of one asset say of its rows, until all of them have looked."""

    def __init__(self, *, key: Sequence[str] = (), shown: int) -> None:
        self._key = key
        self._shown = shown
        self._reasons: dict[int, list[str]] = {}

    def add(self, part: str, rows: Iterable[int]) -> dict[str, Any]:
        """Put `rows` (numbers from 1) down as failing the check called `part`; return what its details say of them."""
        first = sorted(set(rows))[:MOST]
        for row in first:
            self._reasons.setdefault(row, []).append(part)
        return {"rows": first[: self._shown]} if first else {}

    def finish(self, batch: Batch, checks: Sequence[Check], path: Path) -> list[Check]:
        """Write the rows to `path`; return `checks` with the lines and keys of the rows that their details name.

        Raises:
            OSError: the file cannot be written.
        """
        if not self._reasons:
            return list(checks)
        reasons = {row: self._reasons[row] for row in sorted(self._reasons)[:MOST]}
        key = [name for name in self._key if name in batch.columns]
        found = _Found(
            names=(*key, *(name for name in batch.columns if name not in key)),
            rows=_values(batch, list(reasons), key),
            lines=batch.lines(list(reasons)),
            files=batch.files(list(reasons)),
        )
        _write(path, found, reasons)
        return [_told(check, found, key, file=f"{path.parent.name}/{path.name}") for check in checks]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    names: tuple[str, ...]
    """The columns, those of the key first."""
    rows: Mapping[int, tuple[Any, ...]]
    lines: Mapping[int, int]
    files: Mapping[int, str]
    """The files of the rows, where the data is several."""

    def place(self, row: int) -> str:
        """Return the file and the line of a row."""
        return f"{self.files[row]}:{self.lines[row]}" if row in self.lines else self.files[row]


def _values(batch: Batch, rows: Sequence[int], key: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    """Return the texts of the rows, as they are written in the data, the key's first."""
    columns = [batch.columns[name] for name in (*key, *(name for name in batch.columns if name not in key))]
    shown = [
        (column.text if column.engine == "duckdb" else column.expr).alias(f"v{position}")
        for position, column in enumerate(columns)
    ]
    chosen = batch.numbered().filter(nw.col(ROW).is_in(list(rows))).select(nw.col(ROW), *shown).sort(ROW)
    return {row: tuple(values) for row, *values in fetch(chosen)}


def _write(path: Path, found: _Found, reasons: Mapping[int, Iterable[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", *(["file"] if found.files else []), "line", "reasons", *found.names])
        for row, values in found.rows.items():
            shown = ("" if value is None else value for value in values)
            file_name = [found.files[row]] if found.files else []
            writer.writerow([row, *file_name, found.lines.get(row, ""), "; ".join(reasons[row]), *shown])


def _told(check: Check, found: _Found, key: Sequence[str], *, file: str) -> Check:
    rows = check.details.get("rows")
    if check.status == "passed" or not rows:
        return check
    lines = [found.lines[row] for row in rows if row in found.lines]
    keys = [dict(zip(key, found.rows[row], strict=False)) for row in rows if row in found.rows] if key else []
    details = {**check.details, **({"lines": lines} if lines else {}), "failing_rows": file}
    places = list(dict.fromkeys(found.place(row) for row in rows[:_NAMED] if row in found.files))
    if places:
        details["files"] = [found.files[row] for row in rows if row in found.files]
        check = replace(check, reason=f"{check.reason} ({', '.join(places)})")
    if keys:
        details["values"] = {**details.get("values", {}), "keys": keys}
    return replace(check, details=details)
