"""Merge the results of several legs of a matrix, or of several projects, into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mlci.errors import UsageError
from mlci.results.model import Anchor, Comparison, Gate, Results, verdict_of, worst
from mlci.results.pooling import pooled
from mlci.results.posting import MODES, Leg, Posting
from mlci.results.rules import RuleChange


def merge(parts: Sequence[Results]) -> Results:
    """Return one result for all `parts`: every gate, metric and change kept, ids told apart by their leg.

    What was judged by chance is decided anew, since all parts share one false-alarm rate (`mlci.results.pooling`).

    Raises:
        UsageError: there is nothing to merge.
    """
    if not parts:
        raise UsageError("no results to report", fix="Name one or more `results.json`.")
    if len(parts) == 1:
        return parts[0]
    parts = pooled(parts)
    names = _names(parts)
    told = tuple(zip(parts, names, strict=True))
    return replace(
        parts[0],
        started=min(part.started for part in parts),
        duration_s=max(part.duration_s for part in parts),
        cell=", ".join(names),
        project=", ".join(dict.fromkeys(part.project for part in parts)),
        problems=tuple(problem for part in parts for problem in part.problems),
        rule_changes=_rule_changes(parts, names),
        gates=tuple(_told_apart(gate, name) for part, name in told for gate in part.gates),
        metrics=_named(told, "metrics", "name"),
        comparison=_comparisons(parts, names),
        baseline=next((part.baseline for part in parts if part.baseline), None),
        anchor=_anchors(parts, names),
        waivers=_named(told, "waivers", "metric"),
        history=_named(told, "history", "metric"),
        show_values=all(part.show_values for part in parts),
        verdict=verdict_of(part.verdict for part in parts),
        posting=_posting([part.posting for part in parts]),
        legs=tuple(_legs(part, name) for part, name in told),
        fingerprints=_by_name(told, "fingerprints"),
        profiles=_by_name(told, "profiles"),
        trainings=_by_name(told, "trainings"),
    )


def _rule_changes(parts: Sequence[Results], names: Sequence[str]) -> tuple[RuleChange, ...]:
    """Return what became of the rules: once what all parts tell, as legs of a matrix do, and else by the part."""
    every = [set(part.rule_changes) for part in parts]
    told = {
        change if all(change in one for one in every) else replace(change, what=f"{name}/{change.what}"): None
        for part, name in zip(parts, names, strict=True)
        for change in part.rule_changes
    }
    return tuple(sorted(told, key=lambda change: not change.is_loose))


def _named(told: Sequence[tuple[Results, str]], attribute: str, key: str) -> tuple[Any, ...]:
    """Return what all parts have under `attribute`, with the part's name before what `key` calls each."""
    return tuple(
        replace(one, **{key: f"{name}/{getattr(one, key)}"}) for part, name in told for one in getattr(part, attribute)
    )


def _by_name(told: Sequence[tuple[Results, str]], attribute: str) -> dict[str, Any]:
    return {f"{name}/{key}": value for part, name in told for key, value in getattr(part, attribute).items()}


def _names(parts: Sequence[Results]) -> list[str]:
    """Name each part by its leg, else its project, else its number; no two alike."""
    projects = [part.project for part in parts]
    wanted = [
        part.cell or (part.project if projects.count(part.project) == 1 else str(number))
        for number, part in enumerate(parts, 1)
    ]
    seen: dict[str, int] = {}
    names = []
    for name in wanted:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _legs(part: Results, name: str) -> Leg:
    return Leg(name=name, verdict=part.verdict, commit=part.commit)


def _posting(wishes: Sequence[Posting]) -> Posting:
    """Return what all of them want together: the mode that writes most, and the id that they agree on."""
    ids = {wish.comment_id for wish in wishes}
    return Posting(
        comment=min((wish.comment for wish in wishes), key=MODES.index),
        comment_id=ids.pop() if len(ids) == 1 else None,
        check_run=any(wish.check_run for wish in wishes),
        mermaid=any(wish.mermaid for wish in wishes),
    )


def _told_apart(gate: Gate, name: str) -> Gate:
    return replace(
        gate,
        leg=f"{name}; {gate.leg}" if gate.leg else name,
        checks=tuple(replace(check, id=f"{name}/{check.id}") for check in gate.checks),
        data_changes=tuple(replace(change, asset=f"{name}/{change.asset}") for change in gate.data_changes),
    )


def _comparisons(parts: Sequence[Results], names: Sequence[str]) -> Comparison | None:
    found = [(part.comparison, name) for part, name in zip(parts, names, strict=True) if part.comparison]
    return _merged(found) if found else None


def _anchors(parts: Sequence[Results], names: Sequence[str]) -> Anchor | None:
    found = [(part.anchor, name) for part, name in zip(parts, names, strict=True) if part.anchor]
    if not found:
        return None
    pinned = ", ".join(dict.fromkeys(anchor.name for anchor, _ in found))
    comparison = _merged([(anchor.comparison, name) for anchor, name in found])
    return replace(found[0][0], name=pinned, comparison=comparison)


def _merged(found: Sequence[tuple[Comparison, str]]) -> Comparison:
    status = worst(comparison.status for comparison, _ in found)
    return Comparison(
        status=status,
        reason=next((comparison.reason for comparison, _ in found if comparison.status == status), None),
        rule=found[0][0].rule,
        changes=tuple(
            replace(change, metric=f"{name}/{change.metric}")
            for comparison, name in found
            for change in comparison.changes
        ),
        churn=tuple(
            replace(churn, model=f"{name}/{churn.model}") for comparison, name in found for churn in comparison.churn
        ),
    )
