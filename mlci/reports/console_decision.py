"""What the console says of a decision beside its numbers: changed predictions, the anchor, waivers, and trends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mlci.numbers import number
from mlci.reports.decided import lines, trend
from mlci.reports.terminal import plain
from mlci.results.decision import Trend
from mlci.results.model import Results

_COMMIT = 10


def told(results: Results) -> Iterator[RenderableType]:
    """Yield a line each of changed predictions, the anchor and the waivers, and where the anchor's numbers are from."""
    for title, text in lines(results):
        yield Padding(Text.assemble((f"{plain(title)}: ", "bold"), plain(text)), (0, 0, 0, 2))
    receipt = results.anchor.baseline if results.anchor else None
    if receipt and receipt.source:
        commit = f", computed at {plain(receipt.commit[:_COMMIT])}" if receipt.commit else ""
        yield Padding(Text(f"anchor: {plain(receipt.source)}{commit}", style="dim"), (0, 0, 0, 2))


def history(trends: Sequence[Trend]) -> Table:
    """Return how numbers went as a table: a sparkline of the stored values, their range and their spread."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for name in ("number", "history", "newest", "range", "spread", "runs"):
        table.add_column(name, overflow="fold")
    for one in trends:
        bars, between, spread = trend(one)
        newest = number(one.points[-1].value)
        cells = (one.metric, bars, newest, between, spread, str(len(one.points)))
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table
