"""What a change does to the rules that it is judged by, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mlci.numbers import count
from mlci.reports.terminal import plain
from mlci.results.model import Results
from mlci.results.rules import RuleChange, is_let_pass, loosened, others

_SHOWN = 20


def told(results: Results, *, quiet: bool) -> Iterator[RenderableType]:
    """Yield the rules that are looser, and, unless `quiet`, what else changed."""
    loose, rest = loosened(results.rule_changes), others(results.rule_changes)
    if loose:
        let_pass = is_let_pass(loose)
        title = f"{count(len(loose), 'rule')} loosened{', let pass' if let_pass else ''}"
        yield _block(title, loose, style="yellow" if let_pass else "bold red")
    if rest and not quiet:
        yield _block("other changes of rules and bindings", rest, style="dim")


def _block(title: str, changes: tuple[RuleChange, ...], *, style: str) -> RenderableType:
    lines = [Text(title, style=style), *map(_line, changes[:_SHOWN])]
    if len(changes) > _SHOWN:
        lines.append(Text(f"  and {len(changes) - _SHOWN} more, in results.json", style="dim"))
    return Padding(Group(*lines), (1, 0, 0, 2))


def _line(change: RuleChange) -> Text:
    text = Text(f"  {plain(change.line)}")
    return text.append(f"  {plain(str(change.where))}", style="dim") if change.where else text
