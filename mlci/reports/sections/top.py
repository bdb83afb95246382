"""The first thing a reviewer sees: the verdict, the reason that matters first, and the gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mlci.numbers import count, duration
from mlci.reports.findings import Finding, blocking, headline, nothing_checked, verdict
from mlci.reports.inert import prose, words
from mlci.reports.layout import SIGNS, Section, row, table
from mlci.reports.legs import told
from mlci.reports.links import Links
from mlci.reports.names import parts
from mlci.reports.sections.checks import source, subject
from mlci.results.model import RULES, Change, Check, Gate, Results, Verdict

_LONGEST_LEGS = 120
_SUBJECTS = 3
_SHOWN_BY_SUMMARY = 2
NOTHING_RAN = "No gate ran, so nothing is known about this change."
TITLES: dict[Verdict, str] = {"passed": "passed", "failed": "blocked", "errored": "could not run"}


def heading(results: Results, found: Sequence[Finding], links: Links) -> str:
    """Return the verdict as a heading, and below it the reason that matters first."""
    ended = verdict(results)
    if ended == "passed":
        return _calm_heading(results, found)
    stopping = blocking(found)
    first = _first(stopping[0], links) if stopping else f"**{words(headline(results).partition(': ')[2])}**"
    more = f"\n\nAnd {len(stopping) - 1:,} more below." if len(stopping) > 1 else ""
    legs = f"\n\n{words(told(results))}" if results.legs else ""
    nothing = f"\n\n{NOTHING_RAN}" if results.problems and not results.gates else ""
    return f"### {SIGNS[ended]} mlci: {TITLES[ended]}\n\n{first}{more}{legs}{nothing}"


def gates(results: Results) -> Section:
    """Return the table of gates: how each ended, what it looked at, and the time it took, in a phone's width."""
    return Section(
        what="gates",
        priority=0,
        head=table(("Gate", "Looked at")),
        entries=tuple(_gate(gate) for gate in results.gates),
    )


def _first(finding: Finding, links: Links) -> str:
    if finding.kind in ("change", "anchor"):
        return f"{subject(finding)} **{words(finding.text)}**"
    below = source(finding, links)
    return f"**{words(finding.line)}**" + (f"<br>{below}" if below else "")


def _calm_heading(results: Results, found: Sequence[Finding]) -> str:
    said = words(headline(results).partition(": ")[2])
    if nothing_checked(results):
        return f"### {SIGNS['skipped']} mlci: passed, but nothing was checked\n\n{said}"
    unsure = sum(finding.status == "inconclusive" for finding in found)
    none = f" {kept(results)}" if kept(results) else ""
    few = f" {count(unsure, 'comparison')} could not be decided with so few examples." if unsure else ""
    new = "" if has_baseline(results) else " **No baseline** was found: changes were not judged."
    legs = f" {words(told(results))}" if results.legs else ""
    return f"### {SIGNS['passed']} mlci: passed\n\n{said}.{none}{few}{new}{legs}"


def kept(results: Results) -> str:
    """Return how many numbers stayed within their limits; empty when none has one."""
    limited = [change for change in (results.comparison.changes if results.comparison else ()) if _judged(change)]
    return f"{count(len(limited), 'number')} compared with the baseline, none beyond its limit." if limited else ""


def _judged(change: Change) -> bool:
    return change.status == "passed" and change.max_drop is not None and change.drop is not None


def has_baseline(results: Results) -> bool:
    """Whether there was a baseline, where one was looked for."""
    return results.baseline is None or results.baseline.source is not None


def _gate(gate: Gate) -> str:
    below = f"<br><sub>{prose(gate.leg, limit=_LONGEST_LEGS)}</sub>" if gate.leg else ""
    name = f"{SIGNS[gate.status]}&nbsp;**{gate.name}** {gate.status}{below}"
    return row((name, f"{_looked_at(gate)}{_time(gate)}"))


def _time(gate: Gate) -> str:
    return (
        ""
        if gate.status == "skipped" or not gate.duration_s
        else f" · {duration(gate.duration_s).replace(' ', '&nbsp;')}"
    )


def _looked_at(gate: Gate) -> str:
    if not gate.checks:
        return words(gate.reason or "nothing")
    if gate.status == "passed" and len(gate.checks) <= _SHOWN_BY_SUMMARY:
        return "; ".join(words(check.summary, limit=60) for check in gate.checks)
    if gate.name == RULES:
        return amounts(gate.checks)
    return f"{_subjects(gate.checks)}: {amounts(gate.checks)}"


def _subjects(checks: Sequence[Check]) -> str:
    names = tuple(dict.fromkeys(parts(check.id).subject for check in checks))
    more = f" and {len(names) - _SUBJECTS} more" if len(names) > _SUBJECTS else ""
    return ", ".join(prose(name, limit=40) for name in names[:_SUBJECTS]) + more


def amounts(checks: Sequence[Check]) -> str:
    """Return how many checks there are, and how many did not pass: `24 checks, 2 failed`."""
    statuses = Counter(check.status for check in checks)
    not_passed = [f"{statuses[status]} {status}" for status in SIGNS if status != "passed" and statuses[status]]
    return ", ".join((count(len(checks), "check"), *not_passed))
