"""The legs of a matrix told together: what is the same in several of them is told once, with their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mlci.numbers import count
from mlci.reports.names import parts
from mlci.results.model import GATES, RULES, Anchor, Check, Comparison, DataChange, Gate, Metric, Results
from mlci.results.rules import RuleChange

_NAMED = 3
_LONGEST = 40
_ORDER = (RULES, *GATES)
_WORST_FIRST = ("errored", "failed", "warned", "inconclusive", "passed", "skipped")

Label = Callable[[Iterable[str]], str]
"""Gives the words for some of all legs."""

_T = TypeVar("_T", bound=Any)


def gathered(results: Results) -> Results:
    """Return merged results with each check, number and gate that is the same in several legs told once.

    In place of a leg, ids then name all the legs that they are of; what is the same in every leg names none.
    """
    if not results.legs:
        return results
    every = tuple(leg.name for leg in results.legs)

    def label(legs: Iterable[str]) -> str:
        return names(tuple(dict.fromkeys(legs)), every)

    metrics, comparison = _numbers(results, label)
    return replace(
        results,
        gates=_gates(results.gates, label),
        metrics=metrics,
        comparison=comparison,
        anchor=_anchor(results.anchor, label) if results.anchor else None,
        rule_changes=_rules(results.rule_changes, every, label),
        waivers=_together(_apart(results.waivers, "metric"), "metric", label),
        history=_together(_apart(results.history, "metric"), "metric", label),
    )


def names(legs: Sequence[str], every: Sequence[str]) -> str:
    """Return some of all legs in words: nothing for all of them, else the first three by name."""
    if every and set(legs) >= set(every):
        return ""
    shown = [leg if len(leg) <= _LONGEST else f"{leg[:_LONGEST]}…" for leg in legs[:_NAMED]]
    more = [f"{len(legs) - _NAMED} more"] if len(legs) > _NAMED else []
    return "; ".join((*shown, *more))


def told(results: Results) -> str:
    """Return how many legs did not pass, and which; empty where the results are of one run."""
    if not results.legs:
        return ""
    stopped = [leg.name for leg in results.legs if leg.verdict != "passed"]
    of = count(len(results.legs), "leg")
    all_of = names([leg.name for leg in results.legs], ())
    said = f"{len(stopped)} of {of} did not pass: {names(stopped, ())}." if stopped else f"All {of} passed: {all_of}."
    apart = len({leg.commit for leg in results.legs}) > 1
    return f"{said} The legs are of different commits: run them again together." if apart else said


def _gates(gates: Sequence[Gate], label: Label) -> tuple[Gate, ...]:
    """Return a gate for each end that a gate came to."""
    ends: dict[tuple[str, str], list[Gate]] = {}
    for gate in sorted(gates, key=lambda one: (_ORDER.index(one.name), _WORST_FIRST.index(one.status))):
        ends.setdefault((gate.name, gate.status), []).append(gate)
    return tuple(_gate(alike, label) for alike in ends.values())


def _gate(alike: Sequence[Gate], label: Label) -> Gate:
    checks = [_check(gate, check) for gate in alike for check in gate.checks]
    changes = tuple(change for gate in alike for change in gate.data_changes)
    return replace(
        alike[0],
        leg=label(gate.leg or "" for gate in alike) or None,
        duration_s=max(gate.duration_s for gate in alike),
        checks=_together(checks, "id", label, unlike=("details",)),
        data_changes=_once(changes),
    )


def _check(gate: Gate, check: Check) -> tuple[str, Check]:
    leg = gate.leg or ""
    return leg, replace(check, id=check.id.removeprefix(f"{leg}/"))


def _rules(changes: Sequence[RuleChange], legs: Sequence[str], label: Label) -> tuple[RuleChange, ...]:
    """Return changes of rules, whose names begin with a leg."""
    apart = [(next((leg for leg in legs if change.what.startswith(f"{leg}/")), ""), change) for change in changes]
    plain = [(leg, replace(change, what=change.what.removeprefix(f"{leg}/"))) for leg, change in apart]
    return _together(plain, "what", label)


def _once(changes: Sequence[DataChange]) -> tuple[DataChange, ...]:
    first: dict[str, DataChange] = {}
    for change in changes:
        first.setdefault(repr(replace(change, asset="")), change)
    return tuple(first.values())


def _numbers(results: Results, label: Label) -> tuple[tuple[Metric, ...], Comparison | None]:
    """Return numbers and their changes, told together only where both are the same."""
    compared = results.comparison.changes if results.comparison else ()
    metrics = {(leg, one.name, one.slice): one for leg, one in _apart(results.metrics, "name")}
    changes = {(leg, one.metric, one.slice): one for leg, one in _apart(compared, "metric")}
    alike: dict[str, list[tuple[str, str, str | None]]] = {}
    for key in dict.fromkeys((*changes, *metrics)):
        alike.setdefault(repr((key[1:], metrics.get(key), changes.get(key))), []).append(key)
    groups = [(keys[0], label(key[0] for key in keys)) for keys in alike.values()]
    told = tuple(_labelled(metrics[key], "name", legs) for key, legs in groups if key in metrics)
    moved = tuple(_labelled(changes[key], "metric", legs) for key, legs in groups if key in changes)
    return told, replace(results.comparison, changes=moved) if results.comparison else None


def _comparison(comparison: Comparison, label: Label) -> Comparison:
    return replace(comparison, changes=_together(_apart(comparison.changes, "metric"), "metric", label))


def _anchor(anchor: Anchor, label: Label) -> Anchor:
    return replace(anchor, comparison=_comparison(anchor.comparison, label))


def _apart(items: Sequence[_T], name: str) -> list[tuple[str, _T]]:
    """Return each item with its leg, which is taken from the attribute `name`."""
    found = [(parts(getattr(item, name)), item) for item in items]
    return [
        (known.leg, replace(item, **{name: f"{known.gate}.{known.rest}" if known.gate else known.rest}))
        for known, item in found
    ]


def _together(
    items: Sequence[tuple[str, _T]], name: str, label: Label, *, unlike: Sequence[str] = ()
) -> tuple[_T, ...]:
    """Return one item of each group that differs in nothing but the leg, and perhaps in the attributes `unlike`."""
    alike: dict[str, list[tuple[str, _T]]] = {}
    for leg, item in items:
        alike.setdefault(repr(replace(item, **dict.fromkeys(unlike))), []).append((leg, item))
    return tuple(_labelled(group[0][1], name, label(leg for leg, _ in group)) for group in alike.values())


def _labelled(item: _T, name: str, legs: str) -> _T:
    return replace(item, **{name: f"{legs}/{getattr(item, name)}"}) if legs else item
