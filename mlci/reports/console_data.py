"""What the console says of data: the failing rows of a check, and how data files changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mlci.reports.changes import by_column, changes_of, example_parts, line, measures, missing, said
from mlci.reports.terminal import plain
from mlci.results.model import Check, DataChange, Results

_COMMIT = 10


def failing_rows(check: Check, *, rows: int, folder: str | None, show_values: bool) -> Iterator[RenderableType]:
    """Yield the first failing rows of a check: numbers and lines, and keys and values only with `show_values`."""
    numbers = _integers(check.details.get("rows"))
    if not numbers or rows < 1:
        return
    total = check.details.get("unexpected_count")
    file = check.details.get("failing_rows")
    place = f"{folder}/{file}" if folder and isinstance(file, str) else ""
    place = place if Path(place).is_file() else ""
    values = check.details.get("values")
    if show_values and isinstance(values, Mapping):
        yield _table(numbers[:rows], _places(check.details), values)
    else:
        yield Text(plain(_listed(numbers[:rows], _places(check.details)[:rows])), style="dim")
    shown = min(rows, len(numbers))
    if place:
        count = f"all {total:,} failing rows" if isinstance(total, int) and total > shown else "failing rows"
        yield Text(plain(f"{count}: {place}"), style="dim")


_Place = tuple[str, str]
"""A file, where the data is several, and a line in it, where it has lines."""


def _places(details: Mapping[str, Any]) -> list[_Place]:
    """Return where the failing rows are, as far as that is known."""
    lines, found = [str(line) for line in _integers(details.get("lines"))], details.get("files")
    files = [str(each) for each in found] if isinstance(found, list) else []
    if files and len(lines) != len(files):
        return [(file, "") for file in files]
    return list(zip(files, lines, strict=True)) if files else [("", line) for line in lines]


def _listed(numbers: Sequence[int], places: Sequence[_Place]) -> str:
    named = f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
    by_file: dict[str, list[str]] = {}
    for file, number in places:
        by_file.setdefault(file, []).append(number)
    told = "; ".join(" ".join(filter(None, (file, _lines(lines)))) for file, lines in by_file.items())
    return f"{named} ({told})" if told else named


def _lines(lines: Sequence[str]) -> str:
    given = list(filter(None, lines))
    return f"line{'s' * (len(given) > 1)} {', '.join(given)}" if given else ""


def _table(numbers: Sequence[int], places: Sequence[_Place], values: Mapping[str, Any]) -> Table:
    keys = values.get("keys")
    keys = [each for each in keys if isinstance(each, Mapping)] if isinstance(keys, list) else []
    shown = values.get("unexpected_values")
    shown = shown if isinstance(shown, list) else []
    names = list(keys[0]) if keys else []
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for name in ("row", "line", *map(str, names), *(["value"] if shown else [])):
        table.add_column(Text(plain(name)), overflow="fold")
    for at, number in enumerate(numbers):
        cells = [str(number), ":".join(filter(None, places[at])) if at < len(places) else ""]
        cells += [said(keys[at].get(name)) if at < len(keys) else "" for name in names]
        cells += [said(shown[at]) if at < len(shown) else ""] if shown else []
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def _integers(found: Any) -> list[int]:
    return [each for each in found if isinstance(each, int)] if isinstance(found, list) else []


def changed(results: Results, *, verbose: bool) -> Iterator[RenderableType]:
    """Yield a line for each data file that changed; with `verbose` the columns that moved, and examples."""
    changes = changes_of(results)
    if not changes:
        return
    base = next((change.base for change in changes if change.base), None)
    since = f" since {plain(base[:_COMMIT])}" if base else ""
    parts: list[RenderableType] = [Text(f"data changed{since}", style="dim")]
    for change in changes:
        parts.append(Text.assemble((plain(change.path), "bold"), f": {plain(line(change))}"))
        if verbose:
            parts += [Padding(each, (0, 0, 0, 2)) for each in _closely(change, show_values=results.show_values)]
    yield Padding(Group(*parts), (1, 0, 0, 2))


def _closely(change: DataChange, *, show_values: bool) -> Iterator[RenderableType]:
    counts = by_column(change)
    if counts:
        told = ", ".join(f"`{name}` in {amount:,}" for name, amount in counts.items())
        yield Text(plain(f"changed rows by column: {told}"))
    for shift in change.shifts:
        told = ", ".join(
            part for part in (missing(shift), *(f"{name} {both}" for name, both in measures(shift))) if part
        )
        yield Text(plain(f"`{shift.column}` moved {shift.effect:.3f}: {told}"))
    if show_values:
        yield from (Text(plain(" · ".join(example_parts(example)))) for example in change.examples)
