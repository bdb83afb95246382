"""What a run found, the worst first, and the one line that says how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mlci.errors import Where
from mlci.limits import exceeds, tolerance
from mlci.numbers import count, number, pair, percent, same
from mlci.results.model import RULES, Change, Check, Gate, Results, Status, Verdict

_ORDER: tuple[Status, ...] = ("errored", "failed", "warned", "inconclusive")
_FELL: tuple[Status, ...] = ("errored", "failed", "warned")
_WORDS: dict[Verdict, str] = {"failed": "Blocked", "errored": "Could not run"}
_LONGEST = 1_000
_UNTOLD = "no finding says why; the log of the run may"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that did not pass; every text in it is untrusted and plain."""

    kind: Literal["problem", "change", "check", "gate", "anchor", "waiver", "rule"]
    status: Status
    subject: str
    """The check's id, the metric's dotted name with its slice, or the gate's name."""
    text: str
    """What was seen and why it did not pass, in one sentence."""
    where: Where | None = None
    check: Check | None = None

    @property
    def line(self) -> str:
        """The finding in one plain line."""
        return self.text if self.kind in ("check", "problem", "rule") else f"{self.subject} {self.text}"


def findings(results: Results) -> tuple[Finding, ...]:
    """Return everything that did not pass and was not skipped: the worst status first, rules before drops."""
    numbers = (*_changes(results), *_anchored(results), *_waivers(results))
    checks = sorted(_checks(results), key=lambda finding: finding.kind != "rule")
    rules = sum(finding.kind == "rule" for finding in checks)
    found = (*_problems(results), *checks[:rules], *numbers, *checks[rules:])
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.status)))


def blocking(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return those findings that block the change."""
    return tuple(finding for finding in found if finding.status in ("errored", "failed"))


def headline(results: Results) -> str:
    """Return one plain line with the verdict and the reason that matters first; its texts are untrusted."""
    stopping = blocking(findings(results))
    if verdict(results) == "passed":
        return f"Passed: {_passed(results)}"
    first = stopping[0].line if stopping else _UNTOLD
    more = f" (and {len(stopping) - 1:,} more)" if len(stopping) > 1 else ""
    return f"{_WORDS[verdict(results)]}: {first}{more}"


def verdict(results: Results) -> Verdict:
    """Return the verdict of `results`: the worse of the one it states and the one that its own contents mean."""
    statuses = {finding.status for finding in findings(results)} | {results.verdict}
    return "errored" if "errored" in statuses else "failed" if "failed" in statuses else "passed"


def checks_of(results: Results) -> tuple[Check, ...]:
    """Return the checks of every gate, in order."""
    return tuple(check for gate in results.gates for check in gate.checks)


def nothing_checked(results: Results) -> bool:
    """Whether no check ran and no number was compared: such a run shows nothing about the change."""
    gates = [gate for gate in results.gates if gate.name != RULES or gate.status == "errored"]
    ran = any(check.status != "skipped" for gate in gates for check in gate.checks)
    return not ran and not any(gate.status != "skipped" for gate in gates)


def named(change: Change) -> str:
    """Return a metric's dotted name with its slice."""
    name = change.metric[:_LONGEST]
    return f"{name} [{change.slice[:_LONGEST]}]" if change.slice else name


def difference(change: Change) -> str | None:
    """Return how a number moved, in words: `0.0312 worse`, `0.002 better`, `+3`, `unchanged`; None when unknown."""
    if change.baseline is None or change.candidate is None:
        return None
    if same(change.baseline, change.candidate):
        return "unchanged"
    moved = change.candidate - change.baseline
    if change.drop is None or change.higher_is_better is None:
        return f"+{number(moved)}" if moved > 0 else number(moved)
    return f"{amount(change)} {'worse' if change.drop > 0 else 'better'}"


def amount(change: Change) -> str:
    """Return the size of a drop or gain, in the unit of its limit, with the digits that tell it from the limit."""
    size = abs(change.drop or 0)
    relative = isinstance(change.max_drop, str) and change.max_drop.strip().endswith("%")
    if relative and change.baseline:
        return f"{number(size)} ({percent(size / abs(change.baseline))})"
    return pair(size, change.max_drop)[0] if isinstance(change.max_drop, (int, float)) else number(size)


def allowed(change: Change) -> str | None:
    """Return the largest drop that passes, as text; None when the number has no such limit."""
    return number(change.max_drop) if isinstance(change.max_drop, (int, float)) else change.max_drop


def why(check: Check) -> str:
    """Return summary and reason as one sentence that says nothing twice."""
    summary, reason = check.summary[:_LONGEST], (check.reason or "")[:_LONGEST]
    if not reason or reason in summary:
        return summary
    if summary in reason:
        return reason
    clause = summary.rpartition(": ")[2]
    if reason.startswith(clause):
        return summary.removesuffix(clause) + reason
    said, note, rest = summary.partition(" (")
    return f"{reason}{note}{rest}" if note and reason.startswith(said) else f"{summary}: {reason}"


def _problems(results: Results) -> Iterator[Finding]:
    """Yield what kept the run from beginning."""
    for problem in results.problems:
        where, key = problem.where, problem.key[:_LONGEST]
        place = " ".join(part for part in (where.path[:_LONGEST] if where else "", key) if part)
        text = problem.text[:_LONGEST]
        said = f"`{key}`: {text}" if key else text
        yield Finding(kind="problem", status="errored", subject=place or "run", text=said, where=where)


def _changes(results: Results) -> Iterator[Finding]:
    comparison = results.comparison
    if comparison is None:
        return
    found = [change for change in comparison.changes if change.status in _ORDER]
    for change in sorted(found, key=lambda change: change.slice is not None):
        yield Finding(kind="change", status=change.status, subject=named(change), text=_sentence(change))
    if not found and comparison.status in _ORDER:
        reason = (comparison.reason or "")[:_LONGEST] or comparison.status
        yield Finding(kind="gate", status=comparison.status, subject="comparison:", text=reason)


def without_verdict(change: Change) -> str:
    """Return the reason of a change without the verdict that it begins with."""
    return (change.reason or "").removeprefix(f"{change.verdict}: ")


def _anchored(results: Results) -> Iterator[Finding]:
    """Yield what fell since the pinned release, but for what the last merge's comparison tells already."""
    anchor, comparison = results.anchor, results.comparison
    if anchor is None:
        return
    told = {(one.metric, one.slice): one.status for one in (comparison.changes if comparison else ())}
    found = [one for one in anchor.comparison.changes if one.status in _FELL]
    for change in found:
        if told.get((change.metric, change.slice)) != change.status:
            text = _sentence(change, than=f" than at {anchor.name[:_LONGEST]}")
            yield Finding(kind="anchor", status=change.status, subject=named(change), text=text)
    if not found and anchor.comparison.status in _FELL:
        reason = (anchor.comparison.reason or "")[:_LONGEST] or anchor.comparison.status
        yield Finding(kind="gate", status=anchor.comparison.status, subject="anchor:", text=reason)


def _waivers(results: Results) -> Iterator[Finding]:
    """Yield the waivers that have expired, and those that waive nothing; others are told with what they let pass."""
    for waiver in results.waivers:
        if not waiver.applied:
            part = f" [{waiver.slice[:_LONGEST]}]" if waiver.slice else ""
            subject = f"waiver of {waiver.metric[:_LONGEST]}{part}:"
            yield Finding(kind="waiver", status=waiver.status, subject=subject, text=waiver.note[:_LONGEST])


def _sentence(change: Change, *, than: str = "") -> str:
    moved, limit = difference(change), allowed(change)
    if not change.comparable:
        return f"is not comparable: {without_verdict(change)}"[:_LONGEST]
    if moved is None or not moved.endswith("worse"):
        return (change.reason or "")[:_LONGEST].removeprefix(f"{named(change)} ") or f"is {change.status}"
    before, now = pair(change.baseline or 0, change.candidate or 0)
    bound = f", at most {limit} allowed" if limit is not None else ""
    reason = (change.reason or "").removeprefix(f"{named(change)} ")[:_LONGEST]
    unsure = f" ({reason})" if reason and (change.status == "inconclusive" or not _beyond(change)) else ""
    chance = "" if change.p_value is None or unsure else f" ({_chance(change.p_value, change.basis)})"
    let_pass = f"; {change.waiver[:_LONGEST]}" if change.waiver else ""
    return f"is {moved}{than}: {before} → {now}{bound}{chance}{unsure}{let_pass}"


def _chance(p_value: float, basis: str | None) -> str:
    return f"adjusted p = {p_value:.2g}" + (f", {basis[:_LONGEST]}" if basis else "")


def _beyond(change: Change) -> bool:
    """Whether a drop is larger than its limit; where there is none that can be read, it is said to be."""
    if change.drop is None or change.max_drop is None:
        return True
    try:
        return exceeds(change.drop, tolerance(change.max_drop, change.baseline or 0.0))
    except ValueError:
        return True


def _checks(results: Results) -> Iterator[Finding]:
    for gate in results.gates:
        found = [check for check in gate.checks if check.status in _ORDER]
        if gate.status in _ORDER and gate.status not in {check.status for check in found}:
            yield _gate(gate)
        for check in found:
            of_rules = gate.name == RULES and check.status != "errored" and bool(results.rule_changes)
            yield Finding(
                kind="rule" if of_rules else "check",
                status=check.status,
                subject=check.id[:_LONGEST],
                text=why(check),
                where=check.where,
                check=check,
            )


def _gate(gate: Gate) -> Finding:
    reason = (gate.reason or "")[:_LONGEST] or "no reason was given"
    return Finding(kind="gate", status=gate.status, subject=f"{gate.name} gate {gate.status}:", text=reason)


def _passed(results: Results) -> str:
    checks = checks_of(results)
    if nothing_checked(results):
        reason = next((gate.reason for gate in results.gates if gate.reason), "no gate ran")
        return f"nothing was checked ({reason})"
    statuses = Counter(check.status for check in checks)
    ran = len(checks) - statuses["skipped"]
    said = [f"{count(ran, 'check')} in {count(len(results.gates), 'gate')}"]
    warned = sum(finding.status == "warned" for finding in findings(results))
    said += [count(warned, "warning")] if warned else []
    said += [f"{statuses['skipped']} skipped"] if statuses["skipped"] else []
    return ", ".join(said)
