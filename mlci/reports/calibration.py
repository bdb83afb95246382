"""What `mlci calibrate` prints: a line for each number, and how often harmless changes break the present limits."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mlci.decisions.calibration import Calibration, Line
from mlci.numbers import number, percent
from mlci.reports.terminal import plain

_WIDTH = 160


def show(found: Calibration, *, rate: float) -> None:
    """Print it; `rate` is the false-alarm rate of the configuration."""
    text = io.StringIO()
    Console(highlight=False, width=_WIDTH, no_color=True, file=text).print(_table(found))
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())
    sys.stdout.write("\n" + "\n".join(lines(found, rate=rate)) + "\n")


def _table(found: Calibration) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name in ("number", "mean", "noise", "max-drop", "suggested", "shown from"):
        table.add_column(name, justify="left" if name == "number" else "right", overflow="fold")
    for line in found.lines:
        table.add_row(*(Text(plain(cell)) for cell in _cells(line)))
    return table


def _cells(line: Line) -> tuple[str, ...]:
    metric, limit = line.metric, line.metric.max_drop
    name = metric.name if metric.slice is None else f"{metric.name} [{metric.slice}]"
    present = limit if isinstance(limit, str) else "" if limit is None else number(limit)
    found = ("" if one is None else number(one) for one in (line.suggested, line.mde))
    return name, number(line.mean), number(line.noise), present, *found


def lines(found: Calibration, *, rate: float) -> Iterator[str]:
    """Yield what is said below the table."""
    yield "noise: standard deviation from run to run"
    yield "shown from: the smallest drop that a comparison example by example finds in four of five cases"
    if found.deterministic:
        yield f"{found.runs} runs gave the same numbers: there is no noise to measure."
        if found.changes:
            yield (
                f"What is suggested is of {found.changes} harmless changes that were drawn, "
                f"in which {percent(found.churn)} of the predictions differ."
            )
        else:
            yield "There are no predictions to draw changes of, so nothing is suggested."
    else:
        yield f"{found.runs} runs differ; what is suggested is of {found.changes} pairs of them."
    if found.plain is not None:
        yield f"Plain tolerance (stored aggregates): the present limits block {percent(found.plain)} of these changes."
    if found.paired is not None:
        yield f"Example by example: the present limits block {percent(found.paired)} of these changes."
    if not found.deterministic and (found.paired or 0.0) > rate:
        yield "Runs differ by more than chance among examples: `estimand: recipe` judges them by their history."
