"""The number that an expectation of change looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlci.errors import CannotRun, did_you_mean
from mlci.model.predictions import Prediction

Pair = Callable[[Prediction, Prediction, Any], "bool | None"]
Weights = Mapping[str | bool | int | float, float]


def known_class(label: Any, prediction: Prediction) -> Any:
    """Return the class that `label` names; raise `CannotRun` when the model gives probabilities, but none of it.

    The keys of a mapping in YAML and JSON are texts: "1" names the class 1 where no class is called "1".
    """
    if prediction.probabilities is None or label in prediction.probabilities:
        return label
    same = next((one for one in prediction.probabilities if str(one) == label), None)
    if same is not None:
        return same
    classes = [str(one) for one in prediction.probabilities]
    advice = did_you_mean(str(label), classes) or f"it knows {', '.join(classes)}."
    raise CannotRun(f"the model gives no probability of {label!r}", fix=advice)


def probability(prediction: Prediction, label: Any) -> float:
    """Return the probability of `label`; raise `CannotRun` where the model gives none."""
    if prediction.probabilities is None:
        raise CannotRun(
            "the expectation needs probabilities, and the model gives none",
            fix="let predict return {label, probabilities: {class: p}}.",
        )
    return prediction.probabilities[known_class(label, prediction)]


def quantities(
    original: Prediction, changed: Prediction, *, label: Any = None, score: Weights | None = None
) -> tuple[float, float]:
    """Return what is looked at, before and after.

    With `score` the sum of probabilities weighted by class; else the probability of `label`, by default the label
    of the original; else the predicted number.
    """
    if score is not None:
        return _score(original, score), _score(changed, score)
    if label is not None or original.probabilities is not None:
        of = original.label if label is None else label
        return probability(original, of), probability(changed, of)
    before, after = original.value, changed.value
    if before is None or after is None:
        raise CannotRun(
            f"the expectation needs numbers or probabilities, and the model gives the label {original.label!r} alone"
        )
    return before, after


def bounds(original: Prediction, score: Weights | None = None) -> tuple[float, float]:
    """Return the range of the quantity: 0 to 1 for a probability, all numbers for a number or a score."""
    free = score is not None or original.probabilities is None
    return (float("-inf"), float("inf")) if free else (0.0, 1.0)


def _score(prediction: Prediction, weights: Weights) -> float:
    return sum(weight * probability(prediction, label) for label, weight in weights.items())
