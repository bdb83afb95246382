"""Where the baseline came from, how to run the same again, and what wrote the report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from mlci.numbers import count, duration
from mlci.reports.findings import verdict
from mlci.reports.inert import prose, value
from mlci.reports.layout import Section, fold
from mlci.reports.links import Links
from mlci.reports.names import parts
from mlci.results.model import GATES, RULES, Change, Gate, Receipt, Results, Rung

_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_SHORT = 7
_LONG_ENOUGH = 12
_DAY = 86_400.0


def baseline(results: Results) -> Iterator[Section]:
    """Yield the receipt: the baseline's source, commit and age, and each place tried, folded."""
    receipt = results.baseline
    if receipt is None:
        return
    if receipt.source is None:
        said = "**No baseline:** only limits such as `min` and `max` were held; `mlci baseline save` writes one."
    else:
        said = " · ".join(_origin("Baseline", receipt, results.started))
    anchor = results.anchor.baseline if results.anchor else None
    pinned = (" · ".join(_origin("Anchor", anchor, results.started)),) if anchor and anchor.source else ()
    yield Section(what="baseline", priority=1, entries=("<br>".join((said, *pinned)),))
    if receipt.source is None or len(receipt.rungs) > 1:
        head, tail = fold(f"Where a baseline was looked for ({len(receipt.rungs):,})")
        yield Section(what="places tried", priority=9, head=head, entries=tuple(map(_rung, receipt.rungs)), tail=tail)


def reproduce(results: Results) -> Iterator[Section]:
    """Yield the command that runs what did not pass on one's own machine."""
    if said := command(results):
        yield Section(what="how to reproduce", priority=1, entries=(f"Run it yourself: `{said}`",))


def command(results: Results) -> str:
    """Return the command that runs again what blocks, with nothing in it that a shell expands; empty when none does."""
    if verdict(results) == "passed":
        return ""
    if any(problem.where for problem in results.problems):
        return "mlci config check"
    both = (results.comparison, results.anchor.comparison if results.anchor else None)
    worse = [change.metric for comparison in both if comparison for change in comparison.changes if _failed(change)]
    fell = {parts(name).gate for name in worse}
    gates = [gate.name for gate in results.gates if gate.name in GATES and (_failed(gate) or gate.name in fell)]
    compared = worse or any(gate.name == RULES and _failed(gate) for gate in results.gates)
    known = compared and _COMMIT.fullmatch(results.base or "")
    base = f"--base {(results.base or '')[:_LONG_ENOUGH]}" if known else ""
    return " ".join(part for part in ("mlci run", *dict.fromkeys(gates), base) if part)


def footer(results: Results, links: Links) -> str:
    """Return the last line: what was checked, by which mlci, and how long it took."""
    project = prose(results.project, limit=60)
    legs = count(len(results.legs), "leg") if results.legs else results.cell
    cell = [prose(legs, limit=60)] if legs else []
    run = [f'<a href="{links.run}">log and files</a>'] if links.run else []
    commit = [f"commit {_commit(results.commit)}"] if results.commit else []
    took = duration(results.duration_s)
    parts = (project, *cell, *commit, took, f"mlci {prose(results.mlci, limit=30)}", *run)
    return f"<sub>{' · '.join(parts)}</sub>"


def age(created: str | None, now: str) -> str | None:
    """Return how old the baseline was when the run began, from two texts of ISO 8601."""
    try:
        seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(created or "")).total_seconds()
    except (ValueError, TypeError):
        return None
    if seconds < 0:
        return "from the future: check the clocks"
    return f"{count(int(seconds // _DAY), 'day')} old" if seconds >= _DAY else "less than a day old"


def _origin(title: str, receipt: Receipt, now: str) -> Iterator[str]:
    yield f"**{title}:** {value(receipt.source or '')}"
    if receipt.commit:
        yield f"commit {_commit(receipt.commit)}"
    if old := age(receipt.created, now):
        yield old
    if receipt.commits_behind:
        yield f"{count(receipt.commits_behind, 'commit')} behind the merge-base"


def _failed(one: Gate | Change) -> bool:
    return one.status in ("failed", "errored")


def _rung(rung: Rung) -> str:
    note = f": {prose(rung.note, limit=200)}" if rung.note else ""
    return f"- {'✅ found' if rung.found else '➖ not found'} {value(rung.source)}{note}"


def short(sha: str) -> str:
    """Return the first digits of a commit id; what is none stays as it is."""
    return sha[:_SHORT] if _COMMIT.fullmatch(sha) else sha


def _commit(sha: str) -> str:
    return value(short(sha), limit=40)
