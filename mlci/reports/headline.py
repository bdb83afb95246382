"""The verdict in one line, and what a gate looked at in a few words: every report begins with these."""

from __future__ import annotations

from collections import Counter

from mlci.results.model import Check, Gate, Results, Status

_ORDER: tuple[Status, ...] = ("errored", "failed", "warned", "inconclusive", "skipped", "passed")


def headline(results: Results) -> str:
    """Return the verdict with the reason that matters most, as plain text on one line."""
    if results.verdict == "passed":
        return f"Passed: {_all_passed(results)}"
    word = {"failed": "Blocked", "errored": "Could not run"}[results.verdict]
    reasons = blocking_reasons(results)
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"{word}: {reasons[0] if reasons else 'no reason was given'}{more}"


def blocking_reasons(results: Results) -> list[str]:
    """Return the reason of everything that blocks: what could not run first, then what failed."""
    comparison = results.comparison
    reasons = []
    for status in ("errored", "failed"):
        for gate in results.gates:
            blocking = [check for check in gate.checks if check.status == status]
            reasons += [check.reason or check.summary for check in blocking]
            if gate.status == status and not blocking:
                reasons.append(gate.reason or f"the {gate.name} gate {status}")
        if comparison:
            changes = [change for change in comparison.changes if change.status == status]
            reasons += [change.reason or change.metric for change in changes]
            if comparison.status == status and not changes:
                reasons.append(comparison.reason or f"the comparison {status}")
    return reasons


def looked_at(gate: Gate) -> str:
    """Return how many checks a gate made, told apart by how they ended: `24 checks: 2 failed, 22 passed`."""
    if not gate.checks:
        return gate.reason or "nothing"
    counts = Counter(check.status for check in gate.checks)
    total = f"{len(gate.checks)} check{'s' if len(gate.checks) > 1 else ''}"
    if set(counts) == {"passed"}:
        return total
    return f"{total}: {', '.join(f'{counts[status]} {status}' for status in _ORDER if counts[status])}"


def _all_passed(results: Results) -> str:
    checks: list[Check] = [check for gate in results.gates for check in gate.checks]
    counts = Counter(check.status for check in checks)
    ran = [gate.name for gate in results.gates if gate.status != "skipped"]
    if not ran:
        return "nothing of this change is looked at by any gate"
    text = f"{counts['passed']} of {len(checks)} checks in {', '.join(ran)}"
    notes = [f"{counts[status]} {status}" for status in ("warned", "inconclusive", "skipped") if counts[status]]
    if results.comparison and results.comparison.status == "skipped":
        notes.append("no baseline")
    return f"{text} ({', '.join(notes)})" if notes else text
