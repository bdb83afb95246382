"""Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) with an interval over the shuffles.

What is measured is how far answers move, or how much worse a metric gets. The first sees what the second cannot: a
column that answers hang on although it does the metric no good.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlci.config.explain import Importance
from mlci.errors import CannotRun
from mlci.metrics import Scorer
from mlci.model.behaviour.chance import generator
from mlci.model.explain import Ask
from mlci.model.measure import Measured, sample_of
from mlci.model.predictions import Prediction

Loss = Callable[[Sequence[Prediction]], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One column, and how far answers move, or how much worse the metric gets, without what it tells."""

    name: str
    importance: float
    low: float
    high: float


def importances(measured: Measured, asked: Importance, ask: Ask) -> tuple[Feature, ...]:
    """Return every column of the model's input with its importance, the largest first.

    Each column's values are shuffled `repeats` times over the examples, from the seed; the interval is Student's over
    these, so it is about the shuffling and not about the choice of examples. Raises `CannotRun` where inputs are no
    rows, where the metric has no value, or when the model cannot be asked.
    """
    if not measured.evaluation.inputs or not isinstance(measured.evaluation.inputs[0], Mapping):
        raise CannotRun(
            "permutation importance shuffles columns, and the model takes single values",
            fix="`saliency` looks at texts and images.",
        )
    members = _members(measured, asked.examples)
    loss = _moved(measured, members)
    if asked.metric is not None:
        loss = _worse(measured, members, measured.scorer(asked.metric))
    found = [_feature(measured, asked, name, members, loss=loss, ask=ask) for name in _names(measured)]
    return tuple(sorted(found, key=lambda feature: -feature.importance))


def _names(measured: Measured) -> list[str]:
    return list(measured.evaluation.inputs[0])


def _members(measured: Measured, most: int) -> Sequence[int]:
    size = len(measured.evaluation)
    if size <= most:
        return range(size)
    return sorted(generator(measured.model.seed, "importance").sample(range(size), most))


def _worse(measured: Measured, members: Sequence[int], scorer: Scorer) -> Loss:
    """Return what tells how much worse a metric is on other predictions."""
    before = scorer(sample_of(measured, scorer, members))

    def loss(said: Sequence[Prediction]) -> float:
        value = scorer(sample_of(replace(measured, predictions=said), scorer, members))
        return before - value if scorer.higher_is_better else value - before

    return loss


def _moved(measured: Measured, members: Sequence[int]) -> Loss:
    """Return what tells how far answers moved: the share that changed, or for numbers the mean in deviations."""
    before = [measured.predictions[at] for at in members]
    if not isinstance(before[0].label, float):
        return lambda said: (
            sum(said[at].label != one.label for at, one in zip(members, before, strict=True)) / len(before)
        )
    values = [one.value or 0.0 for one in before]
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values)) or 1.0

    def loss(said: Sequence[Prediction]) -> float:
        moved = (abs((said[at].value or 0.0) - value) for at, value in zip(members, values, strict=True))
        return math.fsum(moved) / len(values) / spread

    return loss


def _feature(
    measured: Measured, asked: Importance, name: str, members: Sequence[int], *, loss: Loss, ask: Ask
) -> Feature:
    found = [loss(said) for said in _shuffled(measured, asked, name, members, ask=ask)]
    mean = math.fsum(found) / len(found)
    half = _half_width(found, mean)
    return Feature(name=name, importance=mean, low=mean - half, high=mean + half)


def _shuffled(
    measured: Measured, asked: Importance, name: str, members: Sequence[int], *, ask: Ask
) -> Iterator[Sequence[Prediction]]:
    """Yield, for each repeat, all predictions with those of `members` after their values were shuffled.

    Examples that get their own value back keep their prediction; the others of all repeats are asked together.
    """
    inputs = measured.evaluation.inputs
    orders = []
    for repeat in range(asked.repeats):
        order = list(members)
        generator(measured.model.seed, "importance", name, repeat).shuffle(order)
        orders.append(order)
    moved = [
        [(at, {**inputs[at], name: inputs[other][name]}) for at, other in zip(members, order, strict=True)
         if inputs[at][name] != inputs[other][name]]
        for order in orders
    ]  # fmt: skip
    answers = iter(ask([row for changed in moved for _at, row in changed]))
    for changed in moved:
        said: list[Any] = list(measured.predictions)
        for at, _row in changed:
            said[at] = next(answers)
        yield said


def _half_width(drops: Sequence[float], mean: float) -> float:
    spread = math.sqrt(math.fsum((drop - mean) ** 2 for drop in drops) / (len(drops) - 1))
    if spread == 0:
        return 0.0
    from scipy.special import stdtrit

    return float(stdtrit(len(drops) - 1, 0.975)) * spread / math.sqrt(len(drops))
