"""Metrics that are the project's own functions: of each example, or of all at once."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlci.config.models import MetricLimits, Model
from mlci.errors import CannotRun, UsageError
from mlci.metrics import METRICS
from mlci.vocabulary import Function, Vocabulary

if TYPE_CHECKING:
    from mlci.config.common import Limits
    from mlci.model.evaluation import Evaluation
    from mlci.model.predictions import Prediction
    from mlci.model.slices import Place, Slice


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnMetric:
    """One metric, computed or not."""

    higher_is_better: bool | None = None
    digest: str = ""
    """Of its source and settings: values of two versions are not comparable."""
    values: tuple[float, ...] | None = None
    """Its value for each example, where it is a mean of such."""
    numbers: Mapping[str | None, float | str] = field(default_factory=dict)
    """Its value on all examples (None) and on each slice, else; a text says why there is none."""
    error: str | None = None
    """Why it could not be computed at all."""

    def value(self, part: str | None, members: Sequence[int]) -> float:
        """Return its value on the examples at `members`, the slice called `part`; raise `CannotRun` where none is."""
        if self.error is not None:
            raise CannotRun(self.error)
        if self.values is not None:
            chosen = [self.values[at] for at in members]
            number: float | str = math.fsum(chosen) / len(chosen) if chosen else "there is no example"
        else:
            number = self.numbers.get(part, "it was not computed")
        if isinstance(number, str):
            raise CannotRun(number)
        if not math.isfinite(number):
            raise CannotRun(f"it is {number} on these {len(members)} examples")
        return number

    def interval(self, members: Sequence[int]) -> tuple[float, float] | None:
        """Return the 95 % interval of a mean of independent examples, by Student's t."""
        if self.values is None or len(members) < 2:  # noqa: PLR2004 - a spread needs two
            return None
        from scipy.special import stdtrit

        chosen = [self.values[at] for at in members]
        mean = math.fsum(chosen) / len(chosen)
        variance = math.fsum((value - mean) ** 2 for value in chosen) / (len(chosen) - 1)
        reach = float(stdtrit(len(chosen) - 1, 0.975)) * math.sqrt(variance / len(chosen))
        return mean - reach, mean + reach


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A metric that the configuration asks of a function, and that function, or why it cannot be had."""

    function: Function | str
    settings: Mapping[str, Any] = field(default_factory=dict)


def wanted_of(model: Model, vocabulary: Vocabulary, *, where: Place) -> dict[str, Wanted]:
    """Return the metrics of `model` that are the project's own.

    Raises `UsageError` with its place for an unknown name or setting, and for a `max-drop` without a direction.
    """
    named = {**model.slice_metrics, **model.metrics}
    return {
        name: _wanted(name, _limits_of(model, name), vocabulary, where=where)
        for name in named
        if _function_of(model, name) is not None or (name not in METRICS and "metric" not in model.chosen(name))
    }


def _limits_of(model: Model, name: str) -> list[tuple[str, Limits]]:
    parts = (("metrics", model.metrics), ("slice-metrics", model.slice_metrics))
    return [(key, limits[name]) for key, limits in parts if name in limits]


def _function_of(model: Model, name: str) -> str | None:
    return next((each for _, limits in _limits_of(model, name) if (each := _own(limits).function)), None)


def _own(limits: Limits) -> MetricLimits:
    return limits if isinstance(limits, MetricLimits) else MetricLimits()


def _wanted(name: str, limits: list[tuple[str, Limits]], vocabulary: Vocabulary, *, where: Place) -> Wanted:
    key = limits[0][0]
    written = [_own(each) for _, each in limits]
    target = next((each.function for each in written if each.function), None)
    settings = {key: value for each in reversed(written) for key, value in each.settings.items()}
    try:
        function = vocabulary.named("metric", target or name, METRICS)
        checked = function.checked(settings, of=f'metric "{name}"')
    except CannotRun as error:
        return Wanted(function=error.says)
    except UsageError as error:
        raise UsageError(error.what, where=where(key, name), key=f"{key}.{name}", fix=error.fix) from None
    for part, each in limits:
        if each.max_drop is not None and each.direction is None and function.traits.get("direction") is None:
            fix = "Say which is better: `direction: higher` or `lower`."
            what = "has `max-drop` and no `direction`"
            raise UsageError(what, where=where(part, name), key=f"{part}.{name}", fix=fix)
    return Wanted(function=function, settings=checked)


def compute(
    wanted: Mapping[str, Wanted],
    evaluation: Evaluation,
    predictions: Sequence[Prediction],
    slices: Sequence[Slice],
    vocabulary: Vocabulary,
) -> dict[str, OwnMetric]:
    """Return each metric's value on all examples and on every slice, asked in one call of its function."""
    return {name: _computed(metric, evaluation, predictions, slices, vocabulary) for name, metric in wanted.items()}


def _computed(
    metric: Wanted,
    evaluation: Evaluation,
    predictions: Sequence[Prediction],
    slices: Sequence[Slice],
    vocabulary: Vocabulary,
) -> OwnMetric:
    function = metric.function
    if isinstance(function, str):
        return OwnMetric(error=function)
    direction = function.traits.get("direction")
    higher = None if direction is None else direction == "higher"
    known = OwnMetric(higher_is_better=higher, digest=_digest(function, metric.settings))
    try:
        columns = _columns(function, evaluation, predictions)
        parts = [list(each.members) for each in slices]
        answer = vocabulary.host.ask("measure", function.target, columns, parts, dict(metric.settings))
    except CannotRun as error:
        return replace(known, error=error.says)
    if "values" in answer:
        return replace(known, values=tuple(answer["values"]))
    names = (None, *(each.name for each in slices))
    return replace(known, numbers=dict(zip(names, answer["numbers"], strict=True)))


def _digest(function: Function, settings: Mapping[str, Any]) -> str:
    written = json.dumps([function.digest, settings], sort_keys=True, default=str)
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def _columns(function: Function, evaluation: Evaluation, predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Return what the function is given: labels, predictions, and whatever else it has parameters for."""
    columns: dict[str, Any] = {"labels": list(evaluation.labels), "predictions": list(map(_said, predictions))}
    if "inputs" in function.given:
        columns["inputs"] = list(evaluation.inputs)
    if "probabilities" in function.given:
        columns["probabilities"] = _shares(function, predictions)
    return columns


def _said(prediction: Prediction) -> Any:
    if prediction.outputs is None:
        return prediction.label
    return {name: one.label for name, one in prediction.outputs.items()}


def _shares(function: Function, predictions: Sequence[Prediction]) -> list[Any] | None:
    if all(prediction.probabilities is not None for prediction in predictions):
        return [[list(pair) for pair in (prediction.probabilities or {}).items()] for prediction in predictions]
    if "probabilities" in function.traits["optional"]:
        return None
    raise CannotRun(
        f"{function.target} needs probabilities, and the model gives none",
        fix="let predict return {label, probabilities: {class: p}}, or give the parameter a default.",
    )
