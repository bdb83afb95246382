"""`estimand: recipe`: a retrained model is one draw of many, and is judged by how trainings before it scattered."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlci.baselines.model import Stored
from mlci.decisions.changes import with_changes
from mlci.decisions.trainings import Draw, Past, Sample
from mlci.limits import tolerance
from mlci.model.paired import with_verdict
from mlci.numbers import count, number
from mlci.results.model import Change, Comparison, Metric

if TYPE_CHECKING:
    from mlci.statistics import PairedGate
    from mlci.statistics.judgement import Draft
    from mlci.statistics.paired import Evidence

_RULE = (
    "Models with `estimand: recipe`: a drop blocks when it is larger than `max-drop` and more than the noise of "
    "their trainings (Student's t)"
)
_Key = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """One number with the trainings that tell of it."""

    change: Change
    metric: Metric
    sample: Sample
    evidence: Evidence | None
    """None where too few trainings tell of its noise."""

    @property
    def before(self) -> float:
        return statistics.fmean(draw.value for draw in self.sample.before)

    @property
    def drop(self) -> float:
        fallen = self.before - self.metric.value
        return -fallen if self.metric.higher_is_better is False else fallen


def by_history(
    comparison: Comparison,
    metrics: Sequence[Metric],
    past: Past,
    *,
    false_alarm_rate: float,
    single: Stored | None = None,
) -> Comparison:
    """Judge `metrics`, those of models whose recipe is compared, by their trainings; the other changes stay.

    The drop is from the mean of the trainings before; with `single` it is from those of that one run alone. Where
    there are fewer than six trainings before and now, nothing is blocked, and it is said that the noise of seeds
    cannot be told from a drop. One and the same model as before passes.
    """
    from mlci.statistics.judgement import judge

    wanted = {(one.name, one.slice): one for one in metrics if one.max_drop is not None}
    found = {
        (change.metric, change.slice): _looked_at(change, wanted[change.metric, change.slice], past, single)
        for change in comparison.changes
        if (change.metric, change.slice) in wanted and change.drop is not None
    }
    known = {key: one for key, one in found.items() if one.evidence is not None and not one.sample.is_known}
    gates = judge([_draft(one) for one in known.values()], false_alarm_rate=false_alarm_rate)
    judged = {key: _verdict(known[key], gate, rate=false_alarm_rate) for key, gate in zip(known, gates, strict=True)}
    judged |= {key: _same(one) for key, one in found.items() if one.sample.is_known}
    judged |= dict(_unknown({key: one for key, one in found.items() if key not in judged}))
    changes = [judged.get((change.metric, change.slice), change) for change in comparison.changes]
    return replace(with_changes(comparison, changes), rule=f"{comparison.rule}. {_RULE}") if judged else comparison


def _looked_at(change: Change, metric: Metric, past: Past, single: Stored | None) -> _Judged:
    sample = past.sample(metric, single)
    return _Judged(change=change, metric=metric, sample=sample, evidence=_evidence(metric, sample))


def _evidence(metric: Metric, sample: Sample) -> Evidence | None:
    """Return what trainings say, or what runs of as many trainings each say, where that is less sure."""
    from mlci.statistics.history import compared_trainings, predicted_from_history

    higher = metric.higher_is_better is not False
    found = compared_trainings(
        _values(sample.before),
        _values(sample.now),
        _values(sample.others),
        higher_is_better=higher,
        unit=1 / metric.n if metric.n else 0.0,
    )
    by_run = predicted_from_history(sample.runs, metric.value, higher_is_better=higher)
    if found is None or by_run is None or len(sample.now) == 1:
        return found
    return max(found, by_run, key=lambda one: one.p_value)


def _values(draws: Sequence[Draw]) -> list[float]:
    return [draw.value for draw in draws]


def _draft(one: _Judged) -> Draft:
    from mlci.statistics.judgement import Draft

    return Draft(
        metric=one.metric.name,
        slice=one.metric.slice,
        kind="metric",
        n=len(one.sample.before),
        max_drop=tolerance(one.metric.max_drop or 0.0, one.before),
        higher_is_better=one.metric.higher_is_better,
        baseline=one.before,
        candidate=one.metric.value,
        drop=one.drop,
        evidence=one.evidence,
    )


def _verdict(one: _Judged, gate: PairedGate, *, rate: float) -> Change:
    """Return the change as trainings judge it; its `n` is the number of examples."""
    change = replace(with_verdict(one.metric, gate, rate=rate), n=one.change.n, basis=_told(one.sample))
    if change.status != "inconclusive":
        return change
    shown = f"they show drops of {number(gate.mde)} or more" if gate.mde is not None else "they are all the same"
    return replace(change, reason=f"{_told(one.sample)}, which scatter by chance: {shown}")


def _told(sample: Sample) -> str:
    return f"{count(len(sample.before), 'training')} before and {len(sample.now)} now"


def _same(one: _Judged) -> Change:
    return replace(
        one.change, status="passed", baseline=one.metric.value, drop=0.0, reason=None, p_value=1.0, upper_bound=0.0
    )


def _unknown(found: Mapping[_Key, _Judged]) -> Iterator[tuple[_Key, Change]]:
    """Yield the changes that too few trainings tell about; one that is no change at all stays as it is."""
    from mlci.statistics.history import FEWEST_TRAININGS

    for key, one in found.items():
        if one.change.drop != 0:
            known, now = len(one.sample.before), len(one.sample.now)
            stored = f"{count(known, 'comparable training')} {'is' if known == 1 else 'are'} stored"
            needed = f"beside {now} now it takes {max(1, FEWEST_TRAININGS - now)}"
            hint = "" if now > 1 else "; `seeds: 3` on both sides would do"
            said = f"cannot separate seed noise from a drop: {stored}, and {needed}{hint}"
            change = replace(one.change, status="inconclusive", reason=said, p_value=None, upper_bound=None, mde=None)
            yield key, change
