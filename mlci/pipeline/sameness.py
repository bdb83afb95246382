"""Whether two runs with one seed gave the same outputs, and the first place where they differ."""

from __future__ import annotations

import csv
import filecmp
import json
import math
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

_TABLES = {".csv": ",", ".tsv": "\t"}
_Step = str | int


def difference(one: Path, other: Path, *, tolerance: float) -> str | None:
    """Return where two files differ, in words without their values; None where they are the same.

    Numbers in JSON, JSON Lines, YAML, CSV and TSV may be off by `tolerance` of the larger one.
    """
    if not other.is_file():
        return "was not written again"
    if filecmp.cmp(one, other, shallow=False):
        return None
    if one.suffix.lower() in _TABLES:
        return _of_tables(one, other, tolerance)
    documents = _documents(one), _documents(other)
    if None in documents:
        return f"holds other bytes ({one.stat().st_size:,} and {other.stat().st_size:,} of them)"
    return next((f"differs at {_shown(step)}" for step in _apart(*documents, tolerance, ())), None)


def _documents(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
        if path.suffix.lower() == ".json":
            return [json.loads(text)]
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        if path.suffix.lower() in (".yaml", ".yml"):
            import yaml

            return list(yaml.safe_load_all(text))
    except (ValueError, RecursionError):
        return None
    except Exception as error:
        if type(error).__module__.startswith("yaml"):
            return None
        raise
    return None


def _apart(one: Any, other: Any, tolerance: float, at: tuple[_Step, ...]) -> Iterator[tuple[_Step, ...]]:
    """Give the steps to each place where two values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys([*one, *other]):
            if key in one and key in other:
                yield from _apart(one[key], other[key], tolerance, (*at, str(key)))
            else:
                yield (*at, str(key))
    elif isinstance(one, list) and isinstance(other, list):
        for index, pair in enumerate(zip(one, other, strict=False)):
            yield from _apart(*pair, tolerance, (*at, index))
        if len(one) != len(other):
            yield (*at, min(len(one), len(other)))
    elif not _same(one, other, tolerance):
        yield at


def _same(one: Any, other: Any, tolerance: float) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=0) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(steps: tuple[_Step, ...]) -> str:
    """Return a place in documents: which of them where there are several, and the keys and positions in it."""
    first, *rest = steps
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest).lstrip(".")
    return f"`{text}`" if text and first == 0 else f"line or document {int(first) + 1}"


def _of_tables(one: Path, other: Path, tolerance: float) -> str | None:
    delimiter = _TABLES[one.suffix.lower()]
    with (
        one.open(encoding="utf-8", errors="replace", newline="") as first,
        other.open(encoding="utf-8", errors="replace", newline="") as second,
    ):
        header: list[str] = []
        rows = zip_longest(csv.reader(first, delimiter=delimiter), csv.reader(second, delimiter=delimiter))
        for number, (left, right) in enumerate(rows):
            if left is None or right is None:
                return f"has {'more' if left is None else 'fewer'} rows than the first time, from row {number} on"
            header = header or left
            for at, (a, b) in enumerate(zip_longest(left, right)):
                if a != b and not _same(_number(a), _number(b), tolerance):
                    return f"differs in row {number}, column {header[at] if at < len(header) else at + 1}"
    return None


def _number(text: str | None) -> Any:
    try:
        return float(text or "")
    except ValueError:
        return text
