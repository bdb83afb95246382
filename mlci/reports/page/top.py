"""The first thing on the HTML report: the verdict, the reason that matters first, and the gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mlci.numbers import count, duration
from mlci.reports.findings import Finding, findings, headline, nothing_checked, verdict
from mlci.reports.names import parts
from mlci.reports.sections.receipt import short
from mlci.reports.sections.top import NOTHING_RAN, TITLES, amounts, has_baseline, kept
from mlci.results.model import Gate, Results, Status

_SUBJECTS = 3
_LONGEST = 1_000
_LONGEST_FACT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Top:
    """The head of the page."""

    status: Status
    title: str
    reason: str
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    """Names and texts of what was checked, by what and when."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One gate."""

    name: str
    leg: str
    status: Status
    said: str
    time: str


def top_of(results: Results) -> Top:
    """Return the head of the page."""
    ended, nothing = verdict(results), nothing_checked(results)
    calm = ended == "passed"
    return Top(
        status="skipped" if calm and nothing else ended,
        title="passed, but nothing was checked" if calm and nothing else TITLES[ended],
        reason=headline(results).partition(": ")[2][:_LONGEST],
        notes=tuple(_notes(results, findings(results))) if calm and not nothing else _stopped(results),
        facts=tuple(_facts(results)),
    )


def tile_of(gate: Gate) -> Tile:
    """Return what there is to say of a gate in two lines."""
    time = "" if gate.status == "skipped" else duration(gate.duration_s)
    return Tile(name=gate.name, leg=leg_of(gate)[:_LONGEST_FACT], status=gate.status, said=_said(gate), time=time)


def leg_of(gate: Gate) -> str:
    """Return the leg of a matrix that a gate of merged results belongs to; empty where there is none."""
    return gate.leg or ""


def _said(gate: Gate) -> str:
    if not gate.checks:
        return (gate.reason or "nothing")[:_LONGEST]
    names = tuple(dict.fromkeys(parts(check.id).subject for check in gate.checks))
    more = f" and {len(names) - _SUBJECTS:,} more" if len(names) > _SUBJECTS else ""
    return f"{', '.join(name[:_LONGEST_FACT] for name in names[:_SUBJECTS])}{more}: {amounts(gate.checks)}"


def _stopped(results: Results) -> tuple[str, ...]:
    return (NOTHING_RAN,) if results.problems and not results.gates else ()


def _notes(results: Results, found: Sequence[Finding]) -> Iterator[str]:
    if said := kept(results):
        yield said
    unsure = sum(finding.status == "inconclusive" for finding in found)
    if unsure:
        yield f"{count(unsure, 'comparison')} could not be decided with so few examples."
    if not has_baseline(results):
        yield "No baseline was found: changes were not judged."


def moment(text: str) -> str:
    """Return a moment in ISO 8601 as date, time and zone for people; another text as it is."""
    try:
        known = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{known:%Y-%m-%d %H:%M} {known.tzname() or ''}".rstrip()


def _facts(results: Results) -> Iterator[tuple[str, str]]:
    yield "project", results.project[:_LONGEST_FACT]
    if results.cell:
        yield "leg", results.cell[:_LONGEST_FACT]
    if results.commit:
        yield "commit", short(results.commit)[:_LONGEST_FACT]
    if results.base:
        yield "compared with", short(results.base)[:_LONGEST_FACT]
    yield "began", moment(results.started)[:_LONGEST_FACT]
    yield "took", duration(results.duration_s)
    yield "mlci", results.mlci[:_LONGEST_FACT]
