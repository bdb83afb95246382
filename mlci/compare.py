"""The numbers of a run beside the baseline's: pure functions.

Where only aggregates are stored the rule is the plain tolerance: a drop larger than `max-drop` fails. It knows
nothing of chance, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlci.baselines.model import Found, Stored
from mlci.limits import exceeds, tolerance
from mlci.model.paired import Predicted
from mlci.numbers import number, pair
from mlci.results.model import Change, Comparison, Metric, failed_or_warned, worst

_PAIRED_RULE = (
    "metrics of models and behaviour suites: paired, example by example; a drop blocks when it is larger than "
    "`max-drop` and more than chance, so that at most {rate:g} % of harmless changes are blocked. "
    "Other numbers: plain tolerance"
)
RULE = "plain tolerance on stored aggregates: a drop larger than `max-drop` fails; chance is not accounted for"

_Key = tuple[str, str | None]


def compare(
    metrics: Iterable[Metric],
    fingerprints: Mapping[str, str],
    found: Found,
    *,
    whole: bool = True,
    lost: frozenset[str] = frozenset(),
    predicted: Mapping[str, Predicted] | None = None,
    false_alarm_rate: float = 0.05,
) -> Comparison:
    """Compare every number of a run with the baseline that was found, or say why there is nothing to compare.

    A run limited to some files or gates (`whole=False`) leaves out what it did not look at, and so is what could not
    run or was left out by a condition (`lost`: gates, and what else the names of numbers begin with).
    Models of which both sides have the predictions (`predicted` by the model's name) are compared example by example.
    """
    if found.stored is None:
        return _without_baseline(found)
    before = {(metric.name, metric.slice): metric for metric in found.stored.metrics}
    now = tuple(metrics)
    changes = [_change(metric, before.get((metric.name, metric.slice)), fingerprints, found.stored) for metric in now]
    if whole:
        gone = {key: metric for key, metric in before.items() if not _is_below(key[0], lost)}
        changes += _gone(gone, now)
    paired = _paired(changes, now, predicted or {}, found, false_alarm_rate)
    changes = [paired.get((change.metric, change.slice), change) for change in changes]
    status = worst(change.status for change in changes)
    reason = next((change.reason for change in changes if change.status == status), None)
    if not changes:
        reason = "no number to compare"
    rule = _PAIRED_RULE.format(rate=100 * false_alarm_rate) if paired else RULE
    return Comparison(status=status, reason=reason, rule=rule, changes=tuple(changes))


def _paired(
    changes: Iterable[Change],
    metrics: Sequence[Metric],
    predicted: Mapping[str, Predicted],
    found: Found,
    false_alarm_rate: float,
) -> dict[_Key, Change]:
    """Judge again what can be judged example by example; several models share the false-alarm rate."""
    from mlci.model.paired import paired_changes

    models = [name for name in predicted if name in found.predicted]
    comparable = {(change.metric, change.slice) for change in changes if change.drop is not None}
    judged = {}
    for model in models:
        own = [one for one in metrics if one.name.startswith(f"model.{model}.") and (one.name, one.slice) in comparable]
        own += [one for one in metrics if one.name in _of_suites(predicted[model]) and one not in own]
        rate = false_alarm_rate / len(models)
        for change in paired_changes(found.predicted[model], predicted[model], own, false_alarm_rate=rate):
            judged[change.metric, change.slice] = change
    return judged


def _of_suites(predicted: Predicted) -> set[str]:
    """Return the metrics of behaviour suites: where a part of the cases is the same, that part is compared."""
    return {f"{prefix}.failure_rate" for prefix in predicted.suites}


def _without_baseline(found: Found) -> Comparison:
    if found.error:
        return Comparison(status="errored", reason=f"no baseline could be looked for: {found.error}", rule=RULE)
    tried = "; ".join(f"{rung.source}: {rung.note}" for rung in found.receipt.rungs)
    return Comparison(status="skipped", reason=f"no baseline, so nothing was compared ({tried})", rule=RULE)


def _change(metric: Metric, before: Metric | None, fingerprints: Mapping[str, str], stored: Stored) -> Change:
    if before is None:
        return _changed(metric, None, status="skipped", reason="the baseline does not have it")
    if why_not := not_comparable(metric, fingerprints, stored):
        unsure = metric.max_drop is not None
        return _changed(metric, None, status="inconclusive" if unsure else "skipped", reason=why_not, comparable=False)
    drop = _drop(metric, before)
    if drop is None or metric.max_drop is None:
        return _changed(metric, before, status="passed", drop=drop)
    allowed = tolerance(metric.max_drop, before.value)
    if not exceeds(drop, allowed):
        return _changed(metric, before, status="passed", drop=drop)
    return _changed(
        metric,
        before,
        status=failed_or_warned(metric.severity),
        drop=drop,
        reason=_worse(metric, before, drop),
    )


def _changed(metric: Metric, before: Metric | None, **rest: object) -> Change:
    return Change(
        metric=metric.name,
        slice=metric.slice,
        baseline=before.value if before else None,
        candidate=metric.value,
        max_drop=metric.max_drop,
        n=metric.n,
        higher_is_better=metric.higher_is_better,
        **rest,  # type: ignore[arg-type]
    )


def _drop(metric: Metric, before: Metric) -> float | None:
    if metric.higher_is_better is None:  # without a direction a limit is on any change
        return None if metric.max_drop is None else abs(metric.value - before.value)
    return before.value - metric.value if metric.higher_is_better else metric.value - before.value


def _worse(metric: Metric, before: Metric, drop: float) -> str:
    name = metric.name if metric.slice is None else f"{metric.name} [{metric.slice}]"
    old, new = pair(before.value, metric.value)
    allowed = metric.max_drop if isinstance(metric.max_drop, str) else number(metric.max_drop or 0)
    if metric.higher_is_better is None:
        return f"{name} moved by {number(drop)}: {old} → {new}, at most {allowed} allowed"
    return f"{name} is {number(drop)} worse: {old} → {new}, at most {allowed} allowed"


_OTHER = {
    "function": "by another version of the metric's function",
    "settings": "under other settings of the metric",
    "metric-code": "by other metric code",
    "labels": "with another set of labels",
    "evaluate": "on other evaluation data",
    "cases": "on other cases, or with other expectations",
}
"""What the baseline did otherwise, by the last part of a fingerprint's name; the first that applies is said."""
_OF_EXAMPLES = frozenset({"metric-code", "labels", "evaluate"})


def not_comparable(metric: Metric, fingerprints: Mapping[str, str], stored: Stored) -> str | None:
    """Return why the baseline's number is about something else than this run's; None where it is not."""
    differ = {
        key.rpartition(".")[2]
        for key, value in fingerprints.items()
        if stored.fingerprints.get(key, value) != value and _is_about(key, metric.name)
    }
    if not differ:
        return None
    said = next((words for part, words in _OTHER.items() if part in differ), "on something else")
    return f"not comparable: the baseline was computed {said}"


def _is_about(key: str, metric: str) -> bool:
    """Whether a fingerprint says what a metric was computed on; behaviour suites have cases of their own."""
    subject, _, part = key.rpartition(".")
    of_suite = metric.startswith(f"{subject}.behaviour.") and part in _OF_EXAMPLES
    return f"{metric}.".startswith(f"{subject}.") and not of_suite


def _is_below(metric: str, lost: frozenset[str]) -> bool:
    """Whether the name of a number begins with one of the dotted names in `lost`."""
    return any(f"{metric}.".startswith(f"{name}.") for name in lost)


def _gone(before: Mapping[_Key, Metric], now: Iterable[Metric]) -> list[Change]:
    kept = {(metric.name, metric.slice) for metric in now}
    return [
        Change(
            metric=metric.name,
            slice=metric.slice,
            status="warned",
            baseline=metric.value,
            higher_is_better=metric.higher_is_better,
            reason="is in the baseline, and this run did not compute it",
        )
        for key, metric in before.items()
        if key not in kept
    ]
