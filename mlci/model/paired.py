"""Two runs of one model on the same examples, compared example by example.

This is what a baseline with predictions allows and one of aggregates does not: chance is accounted for, and at most the
stated share of harmless changes is blocked (`mlci.statistics.compare_predictions`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlci.errors import CannotRun, MlciError
from mlci.metrics import METRICS
from mlci.numbers import number, pair
from mlci.results.model import Change, Metric, Severity, Status, failed_or_warned
from mlci.statistics.comparison import ByExample

if TYPE_CHECKING:
    from mlci.model.behaviour.outcomes import Outcomes
    from mlci.model.measure import Measured
    from mlci.model.slices import Slice
    from mlci.statistics import PairedGate

SCORE = "score"
_RATE = "failure_rate"


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """What a model said of its examples, kept in memory until the comparison."""

    columns: Mapping[str, Sequence[Any]]
    """id, label, prediction, a score for each class, and a truth value for each slice."""
    slices: Mapping[str, str]
    """The names of the slices, with the column of each."""
    positive: Any
    """The label that binary metrics take for positive."""
    values: Mapping[str, ByExample] = field(default_factory=dict)
    """Metrics of the project's own that are means over examples: the column of each."""
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is said of built-in metrics by their names here: other names of theirs, and settings."""
    order: Sequence[int] = ()
    """The positions of the examples in the order of their digests (`mlci.model.evaluation.identity`)."""
    stored: bool = False
    """Whether it came out of a store: rows stand in the order of their digests, without ids, labels and slices."""
    seed: int | None = None
    """The seed of the random choices that were made about it."""
    suites: Mapping[str, Outcomes] = field(default_factory=dict)
    """How each case of the behaviour suites ended, by the prefix of the suite's metrics."""


def predicted(measured: Measured, slices: Sequence[Slice], *, order: Sequence[int] = ()) -> Predicted:
    """Keep the predictions of a model that was measured, with the slices that its examples are in."""
    columns: dict[str, Sequence[Any]] = {
        "id": measured.evaluation.ids,
        "label": measured.evaluation.labels,
        "prediction": [said.label for said in measured.predictions],
        **_scores(measured),
    }
    named = {}
    for at, part in enumerate(slices):
        members = set(part.members)
        named[part.name] = f"slice_{at}"
        columns[f"slice_{at}"] = [row in members for row in range(len(measured.evaluation))]
    if measured.evaluation.groups is not None:
        columns["group"] = measured.evaluation.groups
    values, model = _values(measured, columns), measured.model
    chosen = {name: model.chosen(name) for name in {**model.slice_metrics, **model.metrics} if model.chosen(name)}
    return Predicted(
        columns=columns,
        slices=named,
        positive=model.positive,
        values=values,
        metrics=chosen,
        order=order,
        seed=model.seed,
    )


def _values(measured: Measured, columns: dict[str, Sequence[Any]]) -> dict[str, ByExample]:
    """Put the values of the project's own metrics into `columns`, and return where each stands."""
    found: dict[str, ByExample] = {}
    for name, metric in measured.own.items():
        limits = measured.model.metrics.get(name) or measured.model.slice_metrics[name]
        higher = metric.higher_is_better if limits.direction is None else limits.direction == "higher"
        if metric.values is not None and higher is not None and all(map(math.isfinite, metric.values)):
            column = f"value_{len(found)}"
            columns[column] = metric.values
            found[name] = ByExample(column=column, higher_is_better=higher)
    return found


def _scores(measured: Measured) -> dict[str, Sequence[float]]:
    said = [prediction.probabilities for prediction in measured.predictions]
    if not said or any(probabilities is None for probabilities in said):
        return {}
    classes = dict.fromkeys(name for probabilities in said for name in probabilities or ())
    return {f"{SCORE}_{name}": [float((some or {}).get(name, 0.0)) for some in said] for name in classes}


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """What both runs said of the examples that they share, in the order of this run."""

    ids: Sequence[Any]
    labels: Sequence[Any]
    before: Sequence[Any]
    now: Sequence[Any]


def same_examples(before: Predicted, now: Predicted) -> Matched | None:
    """Return the predictions of the examples that both runs have with the same label; None where there are none.

    A run out of a store must be of the same examples, in number and order.
    """
    if not before.columns or not now.columns:
        return None
    before = beside(before, now) if before.stored else before
    old = {key: at for at, key in enumerate(before.columns["id"])}
    label = now.columns["label"]
    at = [
        (old[key], row)
        for row, key in enumerate(now.columns["id"])
        if key in old and before.columns["label"][old[key]] == label[row]
    ]
    return Matched(
        ids=[now.columns["id"][row] for _, row in at],
        labels=[label[row] for _, row in at],
        before=[before.columns["prediction"][row] for row, _ in at],
        now=[now.columns["prediction"][row] for _, row in at],
    )


def paired_changes(
    before: Predicted, now: Predicted, metrics: Sequence[Metric], *, false_alarm_rate: float
) -> Iterator[Change]:
    """Give the change of every number that can be compared example by example; `metrics` are those of one model."""
    from mlci.statistics import compare_predictions

    try:
        question = _question(before, now, metrics)
        suites = _suites(before, now, metrics)
        if not question["metrics"] and not question["values"] and not suites:
            return
        limits = {name: metric.max_drop for name, (metric, _) in suites.items() if metric.max_drop is not None}
        comparison = compare_predictions(
            **{**question, "max_drop": {**question["max_drop"], **dict.fromkeys(suites), **limits}},
            suites={name: cases for name, (_, cases) in suites.items()},
            false_alarm_rate=false_alarm_rate,
            positive=now.positive,
            min_slice_size=1,
        )
    except MlciError:  # the plain rule judges what cannot be paired, and says so
        return
    judged = {(gate.metric, gate.slice): gate for gate in comparison.gates}
    for metric in metrics:
        of_suite = metric.name in suites
        gate = judged.get((metric.name if of_suite else _short(metric), metric.slice))
        if gate is not None and gate.baseline is not None and gate.candidate is not None:
            yield with_verdict(metric, _as_failures(gate) if of_suite else gate, rate=false_alarm_rate)


def _question(before: Predicted, now: Predicted, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return what `compare_predictions` is asked about the examples."""
    values = {name: each for name, each in now.values.items() if name in before.values}
    renamed = {before.values[name].column: each.column for name, each in values.items()}
    named = metrics if before.columns and now.columns else ()
    known = [metric for metric in named if _short(metric) in values or _is_paired(_short(metric), now)]
    before = beside(before, now) if known and before.stored else before
    whole = {_short(metric): metric for metric in known if metric.slice is None}
    return {
        "baseline": {renamed.get(name, name): column for name, column in before.columns.items()},
        "candidate": now.columns,
        "metrics": {name: now.metrics.get(name, {}) for name in whole if name not in values},
        "group": "group" if "group" in now.columns else None,
        "values": {name: each for name, each in values.items() if name in whole},
        "slices": {name: now.slices[name] for name in now.slices if name in before.slices},
        "max_drop": {name: metric.max_drop for name, metric in whole.items() if metric.max_drop is not None},
        "slice_max_drop": {_short(one): one.max_drop for one in known if one.slice and one.max_drop is not None},
    }


def beside(before: Predicted, now: Predicted) -> Predicted:
    """Put rows out of a store into the order of those now, and give them their ids, labels, groups and slices.

    Both must be about the same examples: their fingerprints agree. Raises `CannotRun` where there are more or fewer.
    """
    if any(len(column) != len(now.order) for column in before.columns.values()):
        raise CannotRun("the stored predictions are of another number of examples")
    named = [name for name in ("id", "label", "group", *now.slices.values()) if name in now.columns and before.columns]
    own = {name: now.columns[name] for name in named}
    placed = {name: _placed(column, now.order) for name, column in before.columns.items()}
    return replace(before, columns={**own, **placed}, slices=now.slices, stored=False)


def _placed(column: Sequence[Any], order: Sequence[int]) -> list[Any]:
    found: list[Any] = [None] * len(order)
    for value, row in zip(column, order, strict=True):
        found[row] = value
    return found


def _suites(before: Predicted, now: Predicted, metrics: Sequence[Metric]) -> dict[str, tuple[Metric, Any]]:
    """Return, by the name of its metric, the outcomes of every behaviour suite that has cases on both sides."""
    from mlci.model.behaviour.outcomes import paired

    named = {metric.name: metric for metric in metrics}
    found = {}
    for prefix, outcomes in now.suites.items():
        metric, cases = named.get(f"{prefix}.{_RATE}"), paired(before.suites.get(prefix, {}), outcomes)
        if metric is not None and cases is not None:
            found[metric.name] = metric, cases
    return found


def _as_failures(gate: PairedGate) -> PairedGate:
    """Return what was said of the rate of passed cases as of that of failed ones."""
    return replace(gate, baseline=1 - (gate.baseline or 0.0), candidate=1 - (gate.candidate or 0.0))


def _is_paired(name: str, now: Predicted) -> bool:
    known = now.metrics.get(name, {}).get("metric", name)
    return known in METRICS and METRICS[known].paired is not None


def _short(metric: Metric) -> str:
    return metric.name.rpartition(".")[2]


def with_verdict(metric: Metric, gate: PairedGate, *, rate: float) -> Change:
    """Return the change of a metric as it was judged, its adjusted p-value held against `rate`."""
    status = _status(gate, metric.severity)
    return Change(
        metric=metric.name,
        slice=metric.slice,
        status=status,
        baseline=gate.baseline,
        candidate=gate.candidate,
        drop=gate.drop,
        max_drop=metric.max_drop,
        n=gate.n,
        higher_is_better=metric.higher_is_better,
        p_value=gate.adjusted_p_value,
        upper_bound=gate.upper_bound,
        mde=gate.mde,
        rate=None if gate.adjusted_p_value is None else rate,
        level=gate.level,
        reason=None if status == "passed" else _reason(metric, gate),
    )


def _status(gate: PairedGate, severity: Severity) -> Status:
    if gate.verdict == "regression":
        return failed_or_warned(severity)
    return "inconclusive" if gate.verdict == "inconclusive" else "passed"


def _reason(metric: Metric, gate: PairedGate) -> str:
    if gate.verdict == "inconclusive":
        return gate.reason or f"{gate.n} examples cannot tell"
    name = metric.name if metric.slice is None else f"{metric.name} [{metric.slice}]"
    before, now = pair(gate.baseline or 0.0, gate.candidate or 0.0)
    allowed = metric.max_drop if isinstance(metric.max_drop, str) else number(metric.max_drop or 0)
    chance = f"{gate.adjusted_p_value:.2g}" if gate.adjusted_p_value is not None else "?"
    worse = number(gate.drop or 0.0)
    return f"{name} is {worse} worse: {before} → {now}, at most {allowed} allowed (adjusted p = {chance})"
