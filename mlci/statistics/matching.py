"""Matching the examples of two frames by id."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

import numpy as np

from mlci.errors import UsageError
from mlci.statistics.encoding import Column, missing, refuse_missing
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
    if baseline.dtype.kind in "iu" and candidate.dtype.kind in "iu":
        return _match_integers(baseline, candidate)
    _refuse_bad_ids(baseline, "baseline")
    if _same(baseline, candidate):
        return Match(baseline=None, candidate=None, only_in_baseline=0, only_in_candidate=0)
    _refuse_bad_ids(candidate, "candidate")
    row_of = {key: row for row, key in enumerate(baseline.tolist())}
    partner = np.fromiter(map(row_of.get, candidate.tolist(), repeat(-1)), dtype=np.int64, count=len(candidate))
    rows = np.flatnonzero(partner >= 0)
    return _found(baseline, candidate, partner[rows], rows)


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


def _match_integers(baseline: Column, candidate: Column) -> Match:
    """Do the same by sorting, which is faster than hashing where ids are whole numbers."""
    order = np.argsort(baseline, kind="stable")
    ordered = baseline[order]
    _refuse_repeats(int((ordered[1:] == ordered[:-1]).sum()), len(baseline), "baseline")
    if np.array_equal(baseline, candidate):
        return Match(baseline=None, candidate=None, only_in_baseline=0, only_in_candidate=0)
    again = np.sort(candidate)
    _refuse_repeats(int((again[1:] == again[:-1]).sum()), len(candidate), "candidate")
    place = np.minimum(np.searchsorted(ordered, candidate), len(ordered) - 1)
    rows = np.flatnonzero(ordered[place] == candidate)
    return _found(baseline, candidate, order[place[rows]], rows)


def _found(baseline: Column, candidate: Column, before: Ints, after: Ints) -> Match:
    if not len(after):
        raise UsageError(
            f"nothing to compare: of {len(candidate)} ids now and {len(baseline)} before, none is the same.",
            fix="Both must be predictions for the same examples, with ids of one type.",
        )
    return Match(
        baseline=before,
        candidate=after,
        only_in_baseline=len(baseline) - len(after),
        only_in_candidate=len(candidate) - len(after),
    )


def _refuse_repeats(repeats: int, n: int, where: str) -> None:
    if repeats:
        raise UsageError(
            f"{repeats} of the {where}'s {n} examples repeat an id of another.", fix="An id must name one example."
        )


def _refuse_bad_ids(ids: Column, where: str) -> None:
    if count := missing(ids):
        raise UsageError(f"{count} of the {where}'s {len(ids)} examples have no id.")
    _refuse_repeats(len(ids) - len(set(ids.tolist())), len(ids), where)
