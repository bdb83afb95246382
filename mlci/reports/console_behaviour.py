"""Failing examples of behaviour tests, as the console tells them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.padding import Padding
from rich.text import Text

from mlci.reports.terminal import plain
from mlci.results.model import Check

_EXAMPLES = 3


def failing(check: Check, *, show_values: bool) -> Iterator[Padding]:
    """Give the first failing examples of a behaviour test, where they may be shown, and how to ask about one again."""
    ids, examples = check.details.get("replay"), check.details.get("examples")
    if not isinstance(ids, (list, tuple)) or not ids:
        return
    for example in examples[:_EXAMPLES] if show_values and isinstance(examples, (list, tuple)) else ():
        if isinstance(example, dict):
            yield Padding(Text(plain(_example(example))), (0, 0, 0, 2))
    yield Padding(Text(f"again: mlci behaviour replay {plain(str(ids[0]))}", style="dim"), (0, 0, 0, 2))


def _example(example: dict[str, object]) -> str:
    """Return an example in one line: original and input, each with what the model said of it."""
    original = f"{example.get('original')} → {example.get('original_prediction')}; " if example.get("original") else ""
    return f"{example.get('id')}  {original}{example.get('input')} → {example.get('prediction')}"
