"""`estimand: recipe`: a retrained model is one draw of many, and is judged by how the runs before it scattered."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlci.baselines.model import Stored
from mlci.compare import not_comparable
from mlci.decisions.changes import with_changes
from mlci.limits import tolerance
from mlci.model.paired import with_verdict
from mlci.numbers import count, number
from mlci.results.model import Change, Comparison, Metric

if TYPE_CHECKING:
    from mlci.statistics import PairedGate
    from mlci.statistics.judgement import Draft
    from mlci.statistics.paired import Evidence

_Key = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What runs before this one stored, the newest first, and what this one's numbers were computed on."""

    runs: tuple[Stored, ...]
    fingerprints: Mapping[str, str]

    def values(self, metric: Metric) -> list[float]:
        """Return the stored values of a number, the newest first, back to the first run that is not comparable.

        That is one on other evaluation data or by other metric code, or the last before `mlci baseline save
        --new-level`.
        """
        found = []
        for stored in self.runs:
            if not_comparable(metric, self.fingerprints, stored):
                break
            known = {(one.name, one.slice): one.value for one in stored.metrics}
            if (metric.name, metric.slice) in known:
                found.append(known[metric.name, metric.slice])
            if stored.new_level:
                break
        return found


def by_history(
    comparison: Comparison, metrics: Sequence[Metric], past: Past, *, false_alarm_rate: float, single: bool = False
) -> Comparison:
    """Judge `metrics`, those of models whose recipe is compared, by the runs before; the other changes stay.

    The drop is from the mean of those runs (Student's t prediction of one more); with `single` it is from the one
    value that the comparison has, which is a draw itself. With fewer than five runs nothing is blocked, and it is said
    that the noise of seeds cannot be told from a drop.
    """
    from mlci.statistics.judgement import judge

    wanted = {(one.name, one.slice): one for one in metrics if one.max_drop is not None}
    drafts = {
        (change.metric, change.slice): _draft(change, wanted[change.metric, change.slice], past, single=single)
        for change in comparison.changes
        if (change.metric, change.slice) in wanted and change.drop is not None
    }
    known = {key: draft for key, draft in drafts.items() if draft is not None}
    gates = dict(zip(known, judge(list(known.values()), false_alarm_rate=false_alarm_rate), strict=True))
    sizes = {(change.metric, change.slice): change.n for change in comparison.changes}
    judged = {key: _verdict(wanted[key], gate, n=sizes[key]) for key, gate in gates.items()}
    judged |= dict(_unknown(comparison, drafts, past, wanted))
    changes = [judged.get((change.metric, change.slice), change) for change in comparison.changes]
    return with_changes(comparison, changes) if judged else comparison


def _verdict(metric: Metric, gate: PairedGate, *, n: int | None) -> Change:
    """Return the change as the runs before judge it; `n` is the number of examples."""
    change = replace(with_verdict(metric, gate), n=n)
    if change.status != "inconclusive":
        return change
    shown = f"they show drops of {number(gate.mde)} or more" if gate.mde is not None else "they are all the same"
    return replace(change, reason=f"the {gate.n} runs before scatter by chance: {shown}")


def _unknown(
    comparison: Comparison, drafts: Mapping[_Key, Draft | None], past: Past, wanted: Mapping[_Key, Metric]
) -> Iterator[tuple[_Key, Change]]:
    """Yield the changes that too few runs tell about; one that is no change at all stays as it is."""
    for change in comparison.changes:
        key = (change.metric, change.slice)
        if drafts.get(key, change) is None and change.drop != 0:
            runs = len(past.values(wanted[key]))
            stored = f"{count(runs, 'comparable run')} {'is' if runs == 1 else 'are'} stored, and it takes five"
            said = f"cannot separate seed noise from a drop: {stored}"
            yield key, replace(change, status="inconclusive", reason=said, p_value=None, upper_bound=None, mde=None)


def _draft(change: Change, metric: Metric, past: Past, *, single: bool) -> Draft | None:
    from mlci.statistics.history import predicted_from_history
    from mlci.statistics.judgement import Draft

    values, higher = past.values(metric), metric.higher_is_better is not False
    evidence = predicted_from_history(values, metric.value, higher_is_better=higher)
    if evidence is None:
        return None
    before = statistics.fmean(values)
    if single:
        before = change.baseline or 0.0
        evidence = _of_two_runs(values, before, metric.value, higher=higher)
    return Draft(
        metric=metric.name,
        slice=metric.slice,
        kind="metric",
        n=len(values),
        max_drop=tolerance(metric.max_drop or 0.0, before),
        higher_is_better=metric.higher_is_better,
        baseline=before,
        candidate=metric.value,
        drop=before - metric.value if higher else metric.value - before,
        evidence=evidence,
    )


def _of_two_runs(values: Sequence[float], before: float, now: float, *, higher: bool) -> Evidence:
    """Judge the difference of two single runs, each of which scatters as `values` do."""
    from mlci.statistics.paired import t_evidence

    drop = before - now if higher else now - before
    return t_evidence(drop, statistics.stdev(values) * math.sqrt(2), len(values) - 1)
