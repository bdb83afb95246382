"""What a change does to the rules that it is judged by: the looser ones in sight, the rest folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlci.numbers import count
from mlci.reports.inert import value, words
from mlci.reports.layout import Section, fold
from mlci.reports.links import Links
from mlci.results.model import Results
from mlci.results.rules import RuleChange, is_let_pass, loosened, others

_IN_SIGHT = 15
_LONGEST = 160


def section(results: Results, links: Links) -> Iterator[Section]:
    """Yield the changes of rules, the looser first."""
    loose, rest = loosened(results.rule_changes), others(results.rule_changes)
    if loose:
        head = f"#### {count(len(loose), 'rule')} loosened{', let pass' if is_let_pass(loose) else ''}\n"
        yield Section(what="loosened rules", priority=0, head=head, entries=_entries(loose[:_IN_SIGHT], links))
    yield from _folded("More loosened rules", loose[_IN_SIGHT:], links, priority=1)
    yield from _folded("Other changes of rules and bindings", rest, links, priority=6)


def _folded(title: str, changes: Sequence[RuleChange], links: Links, *, priority: int) -> Iterator[Section]:
    if changes:
        head, tail = fold(f"{title} ({len(changes):,})")
        entries = _entries(changes, links)
        yield Section(what=title.lower(), priority=priority, head=head, entries=entries, tail=tail)


def _entries(changes: Sequence[RuleChange], links: Links) -> tuple[str, ...]:
    return tuple(_entry(change, links) for change in changes)


def _entry(change: RuleChange, links: Links) -> str:
    sign = "" if not change.is_loose else "⚠️ " if change.accepted else "❌ "
    place = f" · {links.place(change.where)}" if change.where else ""
    return f"- {sign}**{words(change.word)}** {value(change.what, limit=_LONGEST)}{_values(change)}{place}"


def _values(change: RuleChange) -> str:
    shown = [value(each, limit=_LONGEST) for each in (change.before, change.after) if each is not None]
    return f": {' → '.join(shown)}" if shown else ""
