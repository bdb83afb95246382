"""Print results for a person at a terminal, or for a log."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mlci.baselines.model import Found
from mlci.limits import apart, number
from mlci.reports.headline import headline, looked_at
from mlci.reports.terminal import plain
from mlci.results.model import Change, Check, Comparison, Receipt, Results, Status

Form = Literal["console", "json", "markdown"]

_STYLE: dict[str, str] = {
    "passed": "green",
    "failed": "bold red",
    "errored": "bold magenta",
    "warned": "yellow",
    "inconclusive": "yellow",
    "skipped": "dim",
}
_LOG_WIDTH = 160


def show(results: Results, *, form: Form, quiet: bool, verbose: bool, folder: str | None) -> None:
    """Print `results` in one of the forms; `folder` is where the reports lie, if they do."""
    if form == "json":
        from mlci.results.files import dumps

        sys.stdout.write(dumps(results) + "\n")
    elif form == "markdown":
        from mlci.reports.markdown import render

        sys.stdout.write(render(results))
    else:
        _print(Group(*_parts(results, quiet=quiet, verbose=verbose, folder=folder)))


def show_baseline(found: Found) -> None:
    """Print where a baseline was looked for, and its numbers."""
    parts: list[RenderableType] = [_receipt(found.receipt)]
    if found.stored:
        table = _table("number", "slice", "value", "n")
        for metric in found.stored.metrics:
            table.add_row(
                plain(metric.name), plain(metric.slice or ""), number(metric.value), str(metric.n) if metric.n else ""
            )
        parts.append(table)
    _print(Group(*parts))


def _print(what: RenderableType) -> None:
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(what)
        return
    log = Console(highlight=False, width=_LOG_WIDTH, no_color=True, file=io.StringIO())
    log.print(what)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in log.file.getvalue().splitlines())  # type: ignore[attr-defined]


def _parts(results: Results, *, quiet: bool, verbose: bool, folder: str | None) -> Iterator[RenderableType]:
    if not quiet:
        yield _heading(results)
        yield _gates(results)
    yield from _findings(results, verbose=verbose and not quiet)
    if results.comparison and not (quiet and results.comparison.status in ("passed", "skipped")):
        yield from _comparison(results.comparison, results.baseline, verbose=verbose)
    if not quiet or results.verdict != "passed":
        yield Text(f"\n{plain(headline(results))}", style=_STYLE[results.verdict])
    if folder and not quiet:
        yield Text(f"reports: {folder}", style="dim")


def _heading(results: Results) -> Text:
    text = Text.assemble(("mlci", "bold"), f"  {plain(results.project)}")
    if results.commit:
        text.append(f"  {results.commit[:10]}", style="dim")
    if results.base:
        text.append(f" against {results.base[:10]}", style="dim")
    text.append("\n")
    return text


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for column in columns:
        right = column in ("time", "value", "n", "baseline", "now", "worse by", "allowed")
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    return table


def _gates(results: Results) -> RenderableType:
    table = _table("gate", "status", "looked at", "time")
    for gate in results.gates:
        table.add_row(gate.name, _status(gate.status), plain(looked_at(gate)), f"{gate.duration_s:.1f} s")
    comparison = results.comparison
    if comparison:
        compared = sum(1 for change in comparison.changes if change.drop is not None)
        table.add_row("baseline", _status(comparison.status), f"{compared} numbers compared", "")
    return Padding(table, (0, 0, 0, 2))


def _status(status: Status) -> Text:
    return Text(status, style=_STYLE[status])


def _findings(results: Results, *, verbose: bool) -> Iterator[RenderableType]:
    order: tuple[Status, ...] = ("errored", "failed", "warned", "inconclusive", "skipped")
    checks = [check for gate in results.gates for check in gate.checks]
    for status in (*order, "passed") if verbose else order:
        for check in checks:
            if check.status == status:
                yield _finding(check)
    for gate in results.gates:
        if gate.status == "skipped" and not gate.checks and gate.reason:
            yield Padding(Text(f"{gate.name} skipped: {plain(gate.reason)}", style="dim"), (1, 0, 0, 2))


def _finding(check: Check) -> RenderableType:
    head = Text.assemble((check.status.upper() if check.status != "passed" else "passed", _STYLE[check.status]), "  ")
    head.append(plain(check.id), style="bold")
    if check.where:
        head.append(f"  {plain(str(check.where))}", style="dim")
    body = plain(check.reason or check.summary)
    return Padding(Group(head, Padding(Text(body), (0, 0, 0, 2))), (1 if check.status != "passed" else 0, 0, 0, 2))


def _comparison(comparison: Comparison, receipt: Receipt | None, *, verbose: bool) -> Iterator[RenderableType]:
    shown = [change for change in comparison.changes if verbose or change.status != "skipped"]
    if shown:
        table = _table("compared", "status", "baseline", "now", "worse by", "allowed", "n")
        for change in shown:
            table.add_row(*_change(change))
        yield Padding(table, (1, 0, 0, 2))
    if comparison.status in ("skipped", "errored") and comparison.reason:
        yield Padding(Text(plain(comparison.reason), style=_STYLE[comparison.status]), (1, 0, 0, 2))
    yield from _not_compared(comparison.changes, verbose=verbose)
    if receipt and receipt.source:
        yield Padding(_receipt(receipt), (0, 0, 0, 2))


def _not_compared(changes: Iterable[Change], *, verbose: bool) -> Iterator[RenderableType]:
    skipped = [change for change in changes if change.status == "skipped"]
    if skipped and not verbose:
        reasons = dict.fromkeys(change.reason or "" for change in skipped)
        text = f"{len(skipped)} not compared: {'; '.join(reasons)}"
        yield Padding(Text(plain(text), style="dim"), (0, 0, 0, 2))


def _change(change: Change) -> tuple[str | Text, ...]:
    name = plain(change.metric if change.slice is None else f"{change.metric} [{change.slice}]")
    if change.baseline is not None and change.candidate is not None:
        before, now = apart(change.baseline, change.candidate)
    else:
        before, now = (number(value) if value is not None else "" for value in (change.baseline, change.candidate))
    allowed = change.max_drop if isinstance(change.max_drop, str) else _or_blank(change.max_drop)
    return (name, _status(change.status), before, now, _or_blank(change.drop), allowed, str(change.n or ""))


def _or_blank(value: float | None) -> str:
    return "" if value is None else number(value)


def _receipt(receipt: Receipt) -> Text:
    text = Text(style="dim")
    if receipt.source:
        text.append(f"baseline: {plain(receipt.source)}")
        text.append(f", computed at {receipt.commit[:10]}" if receipt.commit else "")
        text.append(f" on {plain(receipt.created)}" if receipt.created else "")
        if receipt.commits_behind:
            text.append(f", {receipt.commits_behind} commits behind")
    else:
        text.append("no baseline")
    for rung in receipt.rungs:
        if not rung.found:
            text.append(f"\n  tried {plain(rung.source)}: {plain(rung.note)}")
    return text
