"""Print results for a person at a terminal, or for a log."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mlci.numbers import count, number, pair
from mlci.reports import console_behaviour, console_data, console_decision, console_rules
from mlci.reports.findings import Finding, findings, headline
from mlci.reports.terminal import plain
from mlci.results.decision import Trend
from mlci.results.model import Change, Check, Comparison, Gate, Receipt, Results, Status

if TYPE_CHECKING:
    from mlci.baselines.model import Found

Form = Literal["console", "json", "markdown"]

_STYLE: dict[Status, str] = {
    "passed": "green",
    "failed": "bold red",
    "errored": "bold magenta",
    "warned": "yellow",
    "inconclusive": "yellow",
    "skipped": "dim",
}
_WORST_FIRST: tuple[Status, ...] = ("errored", "failed", "warned", "inconclusive", "skipped", "passed")
_NUMERIC = frozenset({"time", "value", "n", "baseline", "now", "worse by", "allowed"})
_LOG_WIDTH = 160
ROWS = 20
"""How many failing rows of a check are told."""


def show(results: Results, *, form: Form, quiet: bool, verbose: bool, folder: str | None, rows: int = ROWS) -> None:
    """Print `results` in one of the forms; `folder` is where the reports lie, if they do.

    Of each check at most `rows` failing rows are told.
    """
    if form == "json":
        from mlci.results.files import dumps

        sys.stdout.write(dumps(results).replace("##", "#\\u0023") + "\n")  # a runner looks for ##[ anywhere in a line
    elif form == "markdown":
        from mlci.reports.markdown import render

        sys.stdout.write(render(results))
    else:
        _print(Group(*_parts(results, quiet=quiet, verbose=verbose, folder=folder, rows=rows)))


def show_baseline(found: Found) -> None:
    """Print where a baseline was looked for, and its numbers."""
    parts: list[RenderableType] = [_receipt(found.receipt)]
    if found.stored:
        table = _table("number", "slice", "value", "n")
        for metric in found.stored.metrics:
            size = str(metric.n) if metric.n is not None else ""
            _add(table, metric.name, metric.slice or "", number(metric.value), size)
        parts.append(table)
    _print(Group(*parts))


def show_trends(trends: Sequence[Trend]) -> None:
    """Print how stored numbers went."""
    _print(console_decision.history(trends))


def _print(what: RenderableType) -> None:
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(what)
        return
    text = io.StringIO()
    Console(highlight=False, width=_LOG_WIDTH, no_color=True, file=text).print(what)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _parts(results: Results, *, quiet: bool, verbose: bool, folder: str | None, rows: int) -> Iterator[RenderableType]:
    values = results.show_values
    if not quiet:
        yield _heading(results)
        yield _gates(results)
    yield from console_rules.told(results, quiet=quiet)
    for finding in findings(results):
        if finding.kind not in ("change", "rule"):
            check = finding.check if not quiet else None
            rest = console_data.failing_rows(check, rows=rows, folder=folder, show_values=values) if check else ()
            again = console_behaviour.failing(check, show_values=values) if check else ()
            yield _finding(finding, *rest, *again)
    if not quiet:
        yield from console_data.changed(results, verbose=verbose)
        yield from _rest(results, verbose=verbose)
    if results.comparison:
        yield from _comparison(results.comparison, results.baseline, quiet=quiet, verbose=verbose)
    if not quiet:
        yield from console_decision.told(results)
    if not quiet or results.verdict != "passed":
        yield Text(f"\n{plain(headline(results))}", style=_STYLE[results.verdict])
    if folder and not quiet:
        yield Text(f"reports: {folder}", style="dim")


def _heading(results: Results) -> Text:
    text = Text.assemble(("mlci", "bold"), f"  {plain(results.project)}")
    if results.commit:
        text.append(f"  {plain(results.commit[:10])}", style="dim")
    if results.base:
        text.append(f" against {plain(results.base[:10])}", style="dim")
    text.append("\n")
    return text


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in _NUMERIC else "left", overflow="fold")
    return table


def _add(table: Table, *cells: str | Text) -> None:
    """Add a row of untrusted texts, which must not be taken for markup."""
    table.add_row(*(cell if isinstance(cell, Text) else Text(plain(cell)) for cell in cells))


def _gates(results: Results) -> RenderableType:
    table = _table("gate", "status", "looked at", "time")
    for gate in results.gates:
        _add(table, gate.name, _status(gate.status), _looked_at(gate), f"{gate.duration_s:.1f} s")
    if results.comparison:
        compared = sum(1 for change in results.comparison.changes if change.drop is not None)
        _add(table, "baseline", _status(results.comparison.status), f"{count(compared, 'number')} compared", "")
    return Padding(table, (0, 0, 0, 2))


def _looked_at(gate: Gate) -> str:
    """Say how many checks a gate made, told apart by how they ended: `24 checks: 2 failed, 22 passed`."""
    if not gate.checks:
        return gate.reason or "nothing"
    counts = Counter(check.status for check in gate.checks)
    total = count(len(gate.checks), "check")
    if set(counts) == {"passed"}:
        return total
    return f"{total}: {', '.join(f'{counts[status]} {status}' for status in _WORST_FIRST if counts[status])}"


def _status(status: Status) -> Text:
    return Text(status, style=_STYLE[status])


def _finding(finding: Finding, *rest: RenderableType) -> RenderableType:
    return _entry(finding.status, finding.subject, finding.text, str(finding.where or ""), *rest)


def _entry(status: Status, subject: str, says: str, where: str = "", *rest: RenderableType) -> RenderableType:
    head = Text.assemble((status.upper(), _STYLE[status]), "  ", (plain(subject), "bold"))
    if where:
        head.append(f"  {plain(where)}", style="dim")
    below = (Padding(each, (0, 0, 0, 2)) for each in (Text(plain(says)), *rest))
    return Padding(Group(head, *below), (1, 0, 0, 2))


def _rest(results: Results, *, verbose: bool) -> Iterator[RenderableType]:
    """Give what is no finding: what was skipped, and, where all is to be shown, what passed."""
    checks: list[Check] = [check for gate in results.gates for check in gate.checks]
    for check in checks:
        if check.status == "skipped":
            yield _entry("skipped", check.id, check.reason or check.summary, str(check.where or ""))
    for gate in results.gates:
        if gate.status == "skipped" and not gate.checks and gate.reason:
            yield Padding(Text(f"{gate.name} skipped: {plain(gate.reason)}", style="dim"), (1, 0, 0, 2))
    passed = [check for check in checks if check.status == "passed"] if verbose else []
    if passed:
        table = _table("passed", "")
        for check in passed:
            _add(table, check.id, check.summary)
        yield Padding(table, (1, 0, 0, 2))


def _comparison(
    comparison: Comparison, receipt: Receipt | None, *, quiet: bool, verbose: bool
) -> Iterator[RenderableType]:
    shown = [change for change in comparison.changes if verbose or _matters(change, quiet=quiet)]
    if shown:
        table = _table("compared with the baseline", "status", "baseline", "now", "worse by", "allowed", "n")
        for change in shown:
            _add(table, *_change(change))
        yield Padding(table, (1, 0, 0, 2))
    if quiet:
        return
    if comparison.status in ("skipped", "errored") and comparison.reason:
        yield Padding(Text(plain(comparison.reason), style=_STYLE[comparison.status]), (1, 0, 0, 2))
    elif not verbose:
        yield from _not_shown(comparison.changes, shown=len(shown))
    if receipt and receipt.source:
        yield Padding(_receipt(receipt), (0, 0, 0, 2))


def _matters(change: Change, *, quiet: bool) -> bool:
    blocks = change.status not in ("passed", "skipped")
    return blocks or (not quiet and change.max_drop is not None and change.status == "passed")


def _not_shown(changes: Iterable[Change], *, shown: int) -> Iterator[RenderableType]:
    """Say what the table leaves out: numbers without a limit, and those that could not be compared."""
    changes = tuple(changes)
    skipped = [change for change in changes if change.status == "skipped"]
    rest = len(changes) - len(skipped) - shown
    if rest > 0:
        text = f"{count(rest, 'number')} more without a limit on their drop; -v shows them"
        yield Padding(Text(text, style="dim"), (0, 0, 0, 2))
    if skipped:
        reasons = "; ".join(dict.fromkeys(change.reason or "" for change in skipped))
        yield Padding(Text(plain(f"{len(skipped)} not compared: {reasons}"), style="dim"), (0, 0, 0, 2))


def _change(change: Change) -> tuple[str | Text, ...]:
    name = change.metric if change.slice is None else f"{change.metric} [{change.slice}]"
    if change.baseline is not None and change.candidate is not None:
        before, now = pair(change.baseline, change.candidate)
    else:
        before, now = _or_blank(change.baseline), _or_blank(change.candidate)
    allowed = change.max_drop if isinstance(change.max_drop, str) else _or_blank(change.max_drop)
    size = str(change.n) if change.n is not None else ""
    return (name, Text(change.verdict, style=_STYLE[change.status]), before, now, _or_blank(change.drop), allowed, size)


def _or_blank(value: float | None) -> str:
    return "" if value is None else number(value)


def _receipt(receipt: Receipt) -> Text:
    text = Text(style="dim")
    if receipt.source:
        text.append(f"baseline: {plain(receipt.source)}")
        text.append(f", computed at {plain(receipt.commit[:10])}" if receipt.commit else "")
        text.append(f" on {plain(receipt.created)}" if receipt.created else "")
        if receipt.commits_behind:
            text.append(f", {count(receipt.commits_behind, 'commit')} behind")
    else:
        text.append("no baseline")
    for rung in receipt.rungs:
        if not rung.found:
            text.append(f"\n  tried {plain(rung.source)}: {plain(rung.note)}")
    return text
