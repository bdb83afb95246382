"""What a check's own kind has to tell: names and texts, without values of data rows unless those may be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from mlci.numbers import number
from mlci.reports import shares
from mlci.reports.sections.examples import KEYS

_MOST = 50
_DEEPEST = 4
_ITEMS = 20
_LONGEST = 1_000
_LONGEST_BLOCK = 4_000
_COUNTABLE = 10**15
_TITLES = {
    "rows": "failing rows",
    "lines": "lines in the file",
    "kwargs": "arguments",
    "n": "examples",
    "failing_rows": "all failing rows are in",
}
_NUMBERED = frozenset({"rows", "lines"})
"""Lists of numbers that name something: nobody separates their thousands."""
_ELSEWHERE = frozenset({"analysis"})
"""What has a section of its own."""
_DISTRIBUTION = "distribution"
_WITHHELD = "not shown, since show-values is off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    """One thing that a check tells: either one text, or several lines."""

    name: str
    text: str = ""
    lines: tuple[str, ...] = ()


def details_of(details: Mapping[str, Any], *, show_values: bool) -> tuple[Detail, ...]:
    """Return what `details` tell; those that hold values are named only, unless `show_values`."""
    shown = _rows_together(details) if show_values else details
    told = tuple(_details(dict(list(shown.items())[:_MOST]), show_values=show_values))
    left = len(details) - _MOST
    return (*told, Detail(name="left out", text=f"{left:,} more, in results.json")) if left > 0 else told


def _rows_together(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `details` with a line for each failing row: number, line in the file, key and value."""
    rows, values = details.get("rows"), details.get("values")
    if not isinstance(rows, list) or not isinstance(values, Mapping) or not isinstance(values.get("keys"), list):
        return details
    listed = [details.get("lines"), values["keys"], values.get("unexpected_values")]
    lines, keys, shown = (each if isinstance(each, list) else [] for each in listed)
    together = [
        {
            "row": str(row),
            "line": str(line or ""),
            **(key if isinstance(key, Mapping) else {}),
            **({} if at >= len(shown) else {"value": shown[at]}),
        }
        for at, (row, line, key) in enumerate(zip_longest(rows, lines[: len(rows)], keys[: len(rows)]))
    ]
    rest = {name: found for name, found in values.items() if name not in ("keys", "unexpected_values")}
    left = {name: found for name, found in details.items() if name not in (*_NUMBERED, "values")}
    return {**left, "rows": together, "values": rest}


def _details(details: Mapping[str, Any], *, show_values: bool) -> Iterator[Detail]:
    for key, found in details.items():
        name = _TITLES.get(key, key.replace("_", " "))[:_LONGEST]
        if found in (None, "", [], {}) or key in _ELSEWHERE:
            continue
        if key in shares.KEYS:
            yield from (
                Detail(name=_DISTRIBUTION, lines=shares.lines(cells)) for cells in shares.cells_of({key: found})
            )
        elif key in KEYS and not show_values:
            yield Detail(name=name, text=_WITHHELD)
        elif key in KEYS and isinstance(found, Mapping):
            yield from _details({part: inner for part, inner in found.items() if part not in KEYS}, show_values=True)
        elif key in _NUMBERED and isinstance(found, list) and not isinstance(found[0], Mapping):
            yield Detail(name=name, text=_joined([str(each) for each in found[:_ITEMS]], len(found), ", "))
        elif lines := _lines(found):
            yield Detail(name=name, lines=lines)
        else:
            yield Detail(name=name, text=said(found))


def said(found: Any, *, depth: int = 0) -> str:
    """Return plain JSON as one short text: lists with commas, mappings as `name: value`."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(found, Mapping):
        parts = [f"{key}: {said(part, depth=depth + 1)}" for key, part in list(found.items())[:_ITEMS]]
        return _joined(parts, len(found), " · ")
    if isinstance(found, (list, tuple)):
        return _joined([said(part, depth=depth + 1) for part in found[:_ITEMS]], len(found), ", ")
    return _scalar(found)


def _joined(parts: Sequence[str], amount: int, sign: str) -> str:
    more = f" … and {amount - len(parts):,} more" if amount > len(parts) else ""
    return sign.join(parts)[:_LONGEST] + more


def _scalar(found: Any) -> str:
    if found is None:
        return "missing"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int) and abs(found) < _COUNTABLE:
        return f"{found:,}"
    return number(found) if isinstance(found, float) else str(found)[:_LONGEST]


def _lines(found: Any) -> tuple[str, ...]:
    """Return the lines of a long text, or one for each entry of a list of mappings or lists; none for the rest."""
    if isinstance(found, str) and "\n" in found.strip():
        return tuple(found.strip("\n")[-_LONGEST_BLOCK:].splitlines())
    if isinstance(found, list) and found and all(isinstance(entry, (Mapping, list)) for entry in found):
        more = (f"… and {len(found) - _ITEMS:,} more",) if len(found) > _ITEMS else ()
        return (*map(_entry, found[:_ITEMS]), *more)
    return ()


def _entry(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return " → ".join(said(part) for part in entry[:_ITEMS])
    return said({key: part for key, part in entry.items() if part not in (None, "")})
