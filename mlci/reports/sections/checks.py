"""What did not pass, one entry a finding, and what was skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlci.reports.findings import Finding, blocking, checks_of
from mlci.reports.inert import prose, value, words
from mlci.reports.layout import SIGNS, Section, fold
from mlci.reports.links import Links
from mlci.reports.names import parts
from mlci.results.model import Check, Results, Status

IN_SIGHT = 10
_LONGEST_LEGS = 120


def stopping(found: Sequence[Finding], links: Links) -> Iterator[Section]:
    """Yield the checks that block, but for the one that the heading tells of: ten in sight, the rest folded."""
    rest = [
        finding
        for place, finding in enumerate(blocking(found))
        if finding.kind == "change" or (place and finding.kind != "rule")
    ]
    entries = _entries(rest, ("errored", "failed"), links)
    if entries:
        more = " more" if len(rest) < len(blocking(found)) else ""
        noun = "problem" if all(finding.kind == "problem" for finding in rest) else "failed check"
        head = f"#### {len(entries):,}{more} {noun}{'s' * (len(entries) > 1)}\n"
        yield Section(what="findings", priority=2, head=head, entries=entries[:IN_SIGHT])
    yield from _folded("More findings", entries[IN_SIGHT:], priority=3)


def noted(found: Sequence[Finding], links: Links) -> Iterator[Section]:
    """Yield what is reported and does not block, folded."""
    yield from _folded("Warnings", _entries(found, ("warned",), links), priority=4)
    yield from _folded("Inconclusive", _entries(found, ("inconclusive",), links), priority=4)


def skipped(results: Results) -> Iterator[Section]:
    """Yield the checks that were skipped, each with its reason, folded."""
    checks = [check for check in checks_of(results) if check.status == "skipped"]
    yield from _folded("Skipped", tuple(_skip(check) for check in checks), priority=8)


def _entries(found: Sequence[Finding], statuses: tuple[Status, ...], links: Links) -> tuple[str, ...]:
    wanted = [finding for finding in found if finding.kind not in ("change", "rule") and finding.status in statuses]
    return tuple(_entry(finding, links) for finding in wanted)


def source(finding: Finding, links: Links) -> str:
    """Return the place that a finding is about and its check's id; empty for what is no check."""
    place = [links.place(finding.where)] if finding.where else []
    return " · ".join((*place, *([subject(finding)] if finding.kind == "check" else [])))


def subject(finding: Finding) -> str:
    """Return what a finding is about, with the legs of a matrix behind it."""
    known = parts(finding.subject)
    if not known.leg:
        return value(finding.subject)
    return f"{value(f'{known.gate}.{known.rest}')} in {prose(known.leg, limit=_LONGEST_LEGS)}"


def _entry(finding: Finding, links: Links) -> str:
    said = f"- {SIGNS[finding.status]} **{finding.status}** {words(finding.line)}"
    below = source(finding, links)
    return f"{said}<br>{below}" if below else said


def _skip(check: Check) -> str:
    return f"- {_named(check)}: {words(check.reason or 'no reason was given')}"


def _named(check: Check) -> str:
    return subject(Finding(kind="check", status=check.status, subject=check.id, text=""))


def _folded(title: str, entries: tuple[str, ...], *, priority: int) -> Iterator[Section]:
    if entries:
        head, tail = fold(f"{title} ({len(entries):,})")
        yield Section(what=title.lower(), priority=priority, head=head, entries=entries, tail=tail)
