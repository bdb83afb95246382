"""Metrics of a model's predictions, over all examples and over slices, against their limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mlci.config.common import Limits
from mlci.config.models import Model
from mlci.errors import CannotRun, Where
from mlci.limits import judge
from mlci.metrics import METRICS, Sample, Scorer
from mlci.metrics import metric as metric_of
from mlci.metrics.proportion import exact_interval
from mlci.model.evaluation import Evaluation
from mlci.model.own_metrics import OwnMetric
from mlci.model.predictions import Prediction, label_kind
from mlci.model.slices import MOST, Left, Slice
from mlci.places import Key
from mlci.results.model import Check, Metric, Status

Found = tuple[Check, Metric | None]
FREE = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A model with its examples and what it said about them."""

    name: str
    model: Model
    evaluation: Evaluation
    predictions: Sequence[Prediction]
    where: Callable[..., Where]
    """`where("metrics", "accuracy")` is the place of that key of the model in `mlci.yaml`."""
    own: Mapping[str, OwnMetric] = field(default_factory=dict)
    """The metrics that are the project's own functions."""

    def scorer(self, metric: str) -> Scorer:
        """Return the built-in metric that the model calls `metric`, with its settings."""
        return metric_of(metric, self.model.chosen(metric))


def settings_of(model: Model) -> dict[str, str]:
    """Return what each metric that can be set is set to: values under other settings are not comparable."""
    found = {}
    for name in {**model.slice_metrics, **model.metrics}:
        chosen = model.chosen(name)
        known = chosen.get("metric", name)
        if "metric" in chosen or (known in METRICS and METRICS[known].settings):
            found[name] = json.dumps([known, {key: chosen.get(key) for key in METRICS[known].settings}], sort_keys=True)
    return found


def overall(measured: Measured) -> Iterator[Found]:
    """Compute every metric over all examples and judge it."""
    everything = range(len(measured.evaluation))
    for metric, limits in measured.model.metrics.items():
        yield _found(measured, metric, limits, members=everything, part=None, key=("metrics", metric))


def by_slice(measured: Measured, slices: Sequence[Slice], left: Sequence[Left]) -> Iterator[Found]:
    """Compute every metric on every slice; those of `slice-metrics` have limits, the others are shown.

    A declared slice without examples fails; one smaller than `min-slice-size` is said to be too small to judge.
    """
    limits = {**dict.fromkeys(measured.model.metrics, FREE), **measured.model.slice_metrics}
    for part in slices:
        if len(part.members) < max(1, measured.model.min_slice_size):
            yield _too_small(measured, part), None
            continue
        for metric, limit in limits.items():
            key: Key = ("slice-metrics", metric) if metric in measured.model.slice_metrics else ("slices", *part.key)
            yield _found(measured, metric, limit, members=part.members, part=part.name, key=key)
    for rest in left:
        yield _left_out(measured, rest), None


def without_predictions(name: str, model: Model, where: Callable[..., Where]) -> Iterator[Check]:
    """Say of every metric that it could not be computed, so that none is missing in silence."""
    for metric, limits in model.metrics.items():
        yield Check(
            id=f"model.{name}.{metric}",
            status="errored",
            severity=limits.severity,
            summary=f"{metric} could not be computed",
            reason="there are no predictions to compute it on",
            where=where("metrics", metric),
        )


def _found(
    measured: Measured, metric: str, limits: Limits, *, members: Sequence[int], part: str | None, key: Key
) -> Found:
    subject = metric if part is None else f"{metric} where {part}"
    check = Check(
        id=".".join(["model", measured.name, metric, *([part] if part else [])]),
        status="passed",
        severity=limits.severity,
        summary=subject,
        where=measured.where(*key),
        details={"metric": metric, "n": len(members), **({"slice": part} if part else {})},
    )
    try:
        value, interval, method, higher = _number(measured, metric, members, part)
    except CannotRun as error:
        return _undefined(check, error, part), None
    details = {**check.details, **({} if interval is None else {"interval": interval, "interval_method": method})}
    found = Metric(
        name=f"model.{measured.name}.{metric}", value=value, slice=part, n=len(members), interval=interval,
        higher_is_better=higher if limits.direction is None else limits.direction == "higher",
        max_drop=limits.max_drop, severity=limits.severity,
    )  # fmt: skip
    return judge(replace(check, details=details), subject, value, limits, n=len(members)), found


def _number(
    measured: Measured, metric: str, members: Sequence[int], part: str | None
) -> tuple[float, tuple[float, float] | None, str, bool | None]:
    """Return a metric's value, its interval with the method, and whether higher is better; raise `CannotRun`."""
    own = measured.own.get(metric)
    if own is not None:
        value = own.value(part, members)
        return value, own.interval(members), "Student's t", own.higher_is_better
    scorer = measured.scorer(metric)
    sample = sample_of(measured, scorer, members)
    return scorer(sample), _interval(scorer, sample), "exact binomial", scorer.higher_is_better


def _interval(scorer: Scorer, sample: Sample) -> tuple[float, float] | None:
    """Return the 95 % interval of a metric that is a share of independent examples."""
    return None if scorer.counts is None else exact_interval(*scorer.counts(sample))


def _undefined(check: Check, error: CannotRun, part: str | None) -> Check:
    """A metric that is not defined on all examples cannot be had; on a slice that says too little of it."""
    reason = error.says
    status: Status = "errored" if part is None else "inconclusive"
    return replace(check, status=status, summary=f"{check.summary} could not be computed", reason=reason)


def _too_small(measured: Measured, part: Slice) -> Check:
    size, least = len(part.members), measured.model.min_slice_size
    said = f"slice {part.name} has {size or 'no'} example{'s' if size != 1 else ''}"
    check = Check(
        id=f"model.{measured.name}.slices.{part.name}",
        status="inconclusive",
        summary=said,
        reason=f"{said}, too few to judge: at least {least} are asked for",
        where=measured.where("slices", *part.key),
        details={"slice": part.name, "n": size},
    )
    return check if size else replace(check, status="failed", reason=said)


def _left_out(measured: Measured, rest: Left) -> Check:
    return Check(
        id=f"model.{measured.name}.slices.{rest.column}",
        status="inconclusive",
        summary=f"the {rest.values} least frequent values of {rest.column} are not looked at",
        reason=f"the {rest.values} least frequent values of {rest.column} are not looked at: at most {MOST} are",
        where=measured.where("slices", "by"),
    )


def sample_of(measured: Measured, scorer: Scorer, members: Sequence[int]) -> Sample:
    """Return the examples at `members` as `scorer` takes them.

    Raises `CannotRun` where labels and predictions are of two kinds, or are no numbers where numbers are needed.
    """
    truth: list[Any] = [measured.evaluation.labels[at] for at in members]
    said = [measured.predictions[at] for at in members]
    if said and said[0].outputs is not None:
        raise CannotRun(f"metrics are of one output, and the model has several: {', '.join(said[0].outputs)}")
    predicted: list[Any] = [prediction.label for prediction in said]
    if truth and scorer.needs != "ranking":
        truth, predicted = _alike(truth, predicted)
    if scorer.needs == "numbers" and truth and "a text" in (label_kind(truth[0]), label_kind(predicted[0])):
        raise CannotRun("the metric needs numbers, and there are texts")
    groups = measured.evaluation.groups
    return Sample(
        truth=truth,
        predicted=predicted,
        probabilities=_probabilities(said) if scorer.needs in ("probabilities", "ranking") else None,
        positive=measured.model.positive,
        groups=None if groups is None else [groups[at] for at in members],
    )


def _probabilities(said: Sequence[Prediction]) -> list[Mapping[Any, float]] | None:
    if any(prediction.probabilities is None for prediction in said):
        return None
    return [prediction.probabilities or {} for prediction in said]


def _alike(truth: list[Any], predicted: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return labels and predictions as one kind: truth values beside numbers are 0 and 1."""
    kinds = {label_kind(one) for one in truth} | {label_kind(predicted[0])}
    if kinds == {"a number", "a truth value"}:
        return [float(one) if isinstance(one, float) else int(one) for one in truth], [
            one if isinstance(one, float) else int(one) for one in predicted
        ]
    if len(kinds) > 1:
        raise CannotRun(
            f"the labels are {label_kind(truth[0])} each, the predictions {label_kind(predicted[0])}: they never agree"
        )
    return truth, predicted
