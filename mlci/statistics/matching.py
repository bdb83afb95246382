"""Matching the examples of two frames by id."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlci.errors import UsageError
from mlci.statistics.encoding import Column, is_missing, refuse_missing
from mlci.statistics.paired import Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Row numbers of the examples in both frames, in the candidate's order; None is every row as it stands."""

    baseline: Ints | None
    candidate: Ints | None
    only_in_baseline: int
    only_in_candidate: int


def match(baseline: Column, candidate: Column) -> Match:
    """Match two columns of ids; raise `UsageError` for a duplicate or missing one, or where none is in both."""
    before = _index(baseline, "baseline")
    after = before if _same(baseline, candidate) else _index(candidate, "candidate")
    if after is before:
        return Match(baseline=None, candidate=None, only_in_baseline=0, only_in_candidate=0)
    pairs = [(before[key], row) for key, row in after.items() if key in before]
    if not pairs:
        raise UsageError(
            f"none of the candidate's {len(after)} ids is among the baseline's {len(before)}: nothing to compare.",
            fix="Both must be predictions for the same examples, with ids of one type.",
        )
    rows = np.asarray(pairs, dtype=np.int64)
    return Match(
        baseline=rows[:, 0],
        candidate=rows[:, 1],
        only_in_baseline=len(before) - len(pairs),
        only_in_candidate=len(after) - len(pairs),
    )


def match_by_position(baseline: int, candidate: int) -> Match:
    """Match rows by their position, which needs as many on both sides."""
    if baseline != candidate:
        raise UsageError(f"without ids both sides need as many rows: {baseline} before, {candidate} now.")
    return Match(baseline=None, candidate=None, only_in_baseline=0, only_in_candidate=0)


def refuse_changed_labels(before: Column, after: Column) -> None:
    """Raise `UsageError` where a matched example has another label than before: the numbers are not comparable."""
    refuse_missing(before, "label in the baseline")
    refuse_missing(after, "label")
    changed = int(np.asarray(before != after, dtype=bool).sum())
    if changed:
        raise UsageError(
            f"{changed} of {len(after)} examples have another label than in the baseline: not comparable.",
            fix="Compute the baseline anew on the new labels.",
        )


def _same(one: Column, other: Column) -> bool:
    return len(one) == len(other) and bool(np.asarray(one == other, dtype=bool).all())


def _index(ids: Column, where: str) -> dict[object, int]:
    rows = {key: row for row, key in enumerate(ids.tolist())}
    if len(rows) < len(ids):
        raise UsageError(
            f"{len(ids) - len(rows)} of the {where}'s {len(ids)} examples repeat an id of another.",
            fix="An id must name one example.",
        )
    if ids.dtype.kind in "Of" and any(map(is_missing, rows)):
        raise UsageError(f"an example of the {where} has no id.")
    return rows
