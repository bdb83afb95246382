"""Behaviour suites: which cases passed before and which pass now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlci.errors import UsageError
from mlci.statistics.encoding import encode
from mlci.statistics.judgement import Draft
from mlci.statistics.limits import Limit, resolve
from mlci.statistics.paired import cluster_evidence, share_evidence

Cases = Mapping[Any, Any] | Sequence[Any]


def suite_draft(name: str, outcomes: Sequence[Cases], limit: Limit) -> Draft:
    """Measure the pass rate of one suite on the cases that both runs have.

    `outcomes` are what passed before and what passes now, by position or by case id, and optionally the cluster of each
    case, such as its template; None is a case that does not apply.
    """
    before, after, clusters = _matched(name, outcomes)
    n, wrong, right = len(before), int((before & ~after).sum()), int((after & ~before).sum())
    drop = (wrong - right) / n
    evidence = share_evidence(wrong, right, n)
    if clusters is not None:
        lost = before.astype(float) - after
        evidence = cluster_evidence(drop, lost - drop, encode([clusters])[1][0])
    rate = float(before.mean())
    return Draft(
        metric=name,
        slice=None,
        kind="suite",
        n=n,
        max_drop=resolve(limit, rate),
        higher_is_better=True,
        baseline=rate,
        candidate=float(after.mean()),
        drop=drop,
        evidence=evidence,
    )


def _matched(name: str, outcomes: Sequence[Cases]) -> tuple[Any, Any, Any]:
    before, after, *rest = (_by_case(cases) for cases in outcomes)
    by_id = [isinstance(cases, Mapping) for cases in outcomes]
    if len(set(by_id)) > 1 or (not by_id[0] and len({len(side) for side in (before, after, *rest)}) > 1):
        raise UsageError(
            f'the cases of the suite "{name}" cannot be paired: {len(before)} before, {len(after)} now.',
            fix="Give both by case id, or as many in the same order.",
        )
    cases = [case for case, passed in after.items() if passed is not None and before.get(case) is not None]
    if not cases:
        raise UsageError(f'no case of the suite "{name}" has an outcome before and now: nothing to compare.')
    then, now = (np.asarray([bool(side[case]) for case in cases]) for side in (before, after))
    return then, now, _clusters(name, rest[0], cases) if rest else None


def _clusters(name: str, clusters: Mapping[Any, Any], cases: Sequence[Any]) -> Any:
    if missing := [case for case in cases if clusters.get(case) is None]:
        raise UsageError(f'the case {missing[0]!r} of the suite "{name}" has no cluster.')
    column = np.empty(len(cases), dtype=object)
    column[:] = [clusters[case] for case in cases]
    return column


def _by_case(cases: Cases) -> Mapping[Any, Any]:
    return cases if isinstance(cases, Mapping) else dict(enumerate(cases))
