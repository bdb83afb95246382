"""The sections of the HTML report, in order; each entry is markup that a macro of the template made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.reports.changes import changes_of
from mlci.reports.decided import lines, trend
from mlci.reports.findings import Finding, blocking, findings, why
from mlci.reports.layout import Section
from mlci.reports.links import Links
from mlci.reports.page.analysis import analyses_of
from mlci.reports.page.behaviour import suites_of
from mlci.reports.page.cells import cells_of
from mlci.reports.page.code import parts_of
from mlci.reports.page.data_changes import file_of
from mlci.reports.page.details import details_of
from mlci.reports.page.top import leg_of, moment, tile_of
from mlci.reports.rows import Row, any_compared, rows_of, worst_first
from mlci.reports.sections.checks import IN_SIGHT
from mlci.reports.sections.receipt import age, command, short
from mlci.reports.sections.top import amounts
from mlci.results.model import Check, Gate, Results, Status
from mlci.results.rules import RuleChange, is_let_pass, loosened, others

_WORST_FIRST: tuple[Status, ...] = ("errored", "failed", "warned", "inconclusive", "skipped", "passed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """Makes the sections of one report."""

    results: Results
    links: Links
    show_values: bool
    macros: Any
    """The macros of the template: each takes plain values and gives markup with all of them escaped."""

    def sections(self) -> Iterator[Section]:
        """Yield every section that has something to say."""
        found = findings(self.results)
        yield from self._rules()
        yield from self._gates()
        yield from self._stopping([finding for finding in blocking(found) if finding.kind != "rule"])
        yield from self._numbers_in_sight()
        yield from self._decision()
        yield from self._code()
        yield from self._data_changes()
        yield from self._noted(found)
        yield from self._behaviour()
        yield from self._analyses()
        yield from self._slices()
        yield from self._history()
        yield from self._checks()
        yield from self._baseline()
        yield from self._fingerprints()
        yield from self._reproduce()

    def _gates(self) -> Iterator[Section]:
        tiles = [self.macros.gate(tile_of(gate)) for gate in self.results.gates]
        yield from self._section("gates", "Gates", tiles, priority=0, said="", kind="tiles")

    def _rules(self) -> Iterator[Section]:
        loose, rest = loosened(self.results.rule_changes), others(self.results.rule_changes)
        title = f"Rules loosened{', let pass' if is_let_pass(loose) else ''}"
        yield from self._section("loosened rules", title, [self._rule(change) for change in loose], priority=0)
        title, entries = "Other changes of rules and bindings", [self._rule(change) for change in rest]
        yield from self._section("other rules", title, entries, priority=3, folded=True)

    def _rule(self, change: RuleChange) -> str:
        status: Status = "passed" if not change.is_loose else "warned" if change.accepted else "failed"
        address = self.links.address(change.where) if change.where else ""
        markup: str = self.macros.rule(change, status, address)
        return markup

    def _stopping(self, found: Sequence[Finding]) -> Iterator[Section]:
        entries = self._findings(found)
        yield from self._section("findings", "What blocks", entries[:IN_SIGHT], priority=1, amount=len(entries))
        rest = entries[IN_SIGHT:]
        yield from self._section("more findings", "More that blocks", rest, priority=1, folded=True)

    def _noted(self, found: Sequence[Finding]) -> Iterator[Section]:
        for status, title in (("warned", "Warnings"), ("inconclusive", "Inconclusive")):
            entries = self._findings(
                [one for one in found if one.status == status and one.kind not in ("change", "rule")]
            )
            yield from self._section(title.lower(), title, entries, priority=2)

    def _findings(self, found: Sequence[Finding]) -> list[str]:
        return [self._finding(finding) for finding in found]

    def _finding(self, finding: Finding) -> str:
        address = self.links.address(finding.where) if finding.where else ""
        details = self._details(finding.check) if finding.check else ()
        markup: str = self.macros.finding(finding, address, details)
        return markup

    def _details(self, check: Check) -> Sequence[Any]:
        return details_of(check.details, show_values=self.show_values)

    def _numbers_in_sight(self) -> Iterator[Section]:
        rows = rows_of(self.results)
        shown = [*worst_first(rows), *(one for one in rows if one.calm)]
        yield from self._numbers("numbers", self._title(rows), shown, priority=1, folded=False)

    def _decision(self) -> Iterator[Section]:
        told = [self.macros.note(title, text) for title, text in lines(self.results)]
        yield from self._section("notes", "Beside the numbers", told, priority=1, said="")
        anchor = self.results.anchor
        if anchor is not None:
            rows = [
                Row(name=change.metric, slice=change.slice, change=change, metric=None)
                for change in anchor.comparison.changes
                if change.baseline is not None
            ]
            ordered = [*worst_first(rows), *(one for one in rows if not one.matters)]
            entries = [self.macros.number(cells_of(one), True) for one in ordered]
            inner = (self.macros.numbers_head(True), self.macros.numbers_tail(True, anchor.comparison.rule))
            title = f"Since {anchor.name}"
            yield from self._section("numbers since", title, entries, priority=2, folded=True, inner=inner, kind="")

    def _history(self) -> Iterator[Section]:
        entries = [self.macros.trend(one.metric, *trend(one)) for one in self.results.history]
        inner = (self.macros.trends_head(), self.macros.trends_tail())
        yield from self._section("trends", "History", entries, priority=4, folded=True, inner=inner, kind="")

    def _data_changes(self) -> Iterator[Section]:
        changes = changes_of(self.results)
        base = next((change.base for change in changes if change.base), None)
        entries = [self.macros.file(file_of(change, show_values=self.show_values)) for change in changes]
        title = f"Data changed since {short(base)}" if base else "Data changed"
        yield from self._section("changed data files", title, entries, priority=2)

    def _code(self) -> Iterator[Section]:
        for part in parts_of(self.results, self.links, self.macros):
            said = None if part.folded else ""
            yield from self._section(
                part.title.lower(), part.title, part.entries, priority=3, folded=part.folded, said=said
            )

    def _slices(self) -> Iterator[Section]:
        rows = rows_of(self.results)
        calm = [one for one in rows if one.slice is not None and not one.matters]
        yield from self._numbers("slices", "Slices", calm, priority=4, folded=True)

    def _title(self, rows: Sequence[Row]) -> str:
        return "Compared with the baseline" if any_compared(rows) else "Numbers"

    def _numbers(self, what: str, title: str, rows: Sequence[Row], *, priority: int, folded: bool) -> Iterator[Section]:
        compared = any_compared(rows_of(self.results))
        entries = [self.macros.number(cells_of(one), compared) for one in rows]
        head = self.macros.numbers_head(compared)
        said = self.results.comparison.rule if self.results.comparison and compared else ""
        tail = self.macros.numbers_tail(compared, said if not folded else "")
        yield from self._section(what, title, entries, priority=priority, folded=folded, inner=(head, tail), kind="")

    def _behaviour(self) -> Iterator[Section]:
        for suite in suites_of(self.results):
            inner = (self.macros.behaviour_head(), self.macros.behaviour_tail())
            entries = [self.macros.behaviour(test) for test in suite.tests]
            title = f"Behaviour: {suite.title}"
            yield from self._section(
                "behaviour tests", title, entries, priority=3, folded=True, said=suite.summary, inner=inner, kind=""
            )

    def _analyses(self) -> Iterator[Section]:
        for analysis in analyses_of(self.results, show_values=self.show_values):
            entries = [self.macros.analysed(table) for table in analysis.tables]
            title = f"Errors of {analysis.title}"
            yield from self._section("error analysis", title, entries, priority=4, folded=True, said="")

    def _checks(self) -> Iterator[Section]:
        for gate in self.results.gates:
            title = " · ".join(part for part in (f"Checks: {gate.name}", leg_of(gate)) if part)
            yield from self._section(
                f"checks of {gate.name}",
                title,
                [self._check(check) for check in _in_order(gate)],
                priority=5,
                folded=True,
                said=amounts(gate.checks),
            )

    def _check(self, check: Check) -> str:
        address = self.links.address(check.where) if check.where else ""
        markup: str = self.macros.check(check, why(check), address, self._details(check))
        return markup

    def _baseline(self) -> Iterator[Section]:
        receipt = self.results.baseline
        if receipt is None:
            return
        old, when = age(receipt.created, self.results.started), moment(receipt.created or "")
        origin = self.macros.origin(receipt, short(receipt.commit or ""), old, when)
        rungs = [self.macros.rung(rung) for rung in receipt.rungs]
        yield from self._section("baseline", "Baseline", [origin, *rungs], priority=1, said="")
        yield from self._anchor()

    def _anchor(self) -> Iterator[Section]:
        anchor = self.results.anchor
        if anchor is None:
            return
        receipt = anchor.baseline
        old, when = age(receipt.created, self.results.started), moment(receipt.created or "")
        origin = [self.macros.origin(receipt, short(receipt.commit or ""), old, when)] if receipt.source else []
        rungs = [self.macros.rung(rung) for rung in receipt.rungs]
        yield from self._section("anchor", f"Anchor {anchor.name}", [*origin, *rungs], priority=1, said="")

    def _fingerprints(self) -> Iterator[Section]:
        entries = [self.macros.fingerprint(name, digest) for name, digest in self.results.fingerprints.items()]
        yield from self._section("fingerprints", "Fingerprints", entries, priority=2, folded=True)

    def _reproduce(self) -> Iterator[Section]:
        if said := command(self.results):
            entries = [self.macros.command(said)]
            yield from self._section("how to reproduce", "Run it yourself", entries, priority=0, said="")

    def _section(
        self,
        what: str,
        title: str,
        entries: Sequence[str],
        *,
        priority: int,
        folded: bool = False,
        amount: int | None = None,
        said: str | None = None,
        inner: tuple[str, str] = ("", ""),
        kind: str = "list",
    ) -> Iterator[Section]:
        """Yield one section of entries; nothing where there are none."""
        if entries:
            number = len(entries) if amount is None else amount
            head = self.macros.opened(title, f"{number:,}" if said is None else said, folded, kind)
            tail = self.macros.closed(folded, kind)
            yield Section(
                what=what, priority=priority, head=f"{head}{inner[0]}", entries=tuple(entries), tail=f"{inner[1]}{tail}"
            )


def _in_order(gate: Gate) -> list[Check]:
    """Return the checks of a gate, those that did not pass first."""
    return sorted(gate.checks, key=lambda check: _WORST_FIRST.index(check.status))
