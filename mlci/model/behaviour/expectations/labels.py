"""Expectations of the predicted label or number itself."""

from __future__ import annotations

from typing import Any

from mlci.errors import CannotRun, UsageError
from mlci.model.behaviour.expectations import expectation
from mlci.model.behaviour.expectations.quantity import Pair, known_class, probability
from mlci.model.behaviour.expectations.sensible import check_range
from mlci.model.predictions import Prediction, label_kind

Scalar = str | bool | int | float


@expectation("label", compares=False)
def label(*, value: Scalar | None = None) -> Pair:
    """The predicted label is this one; the case's own label when none is given."""

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool:
        del original
        wanted = own if value is None else value
        if type(wanted) is not type(changed.label):
            wanted = _same_kind(_wanted(value, own), changed)
        return bool(changed.label == wanted)

    return judge


@expectation("not-label", compares=False)
def not_label(*, value: Scalar | None = None) -> Pair:
    """The predicted label is another than this one; than the case's own label when none is given."""

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool:
        del original
        return bool(changed.label != known_class(_same_kind(_wanted(value, own), changed), changed))

    return judge


@expectation("label-in", compares=False)
def label_in(*, labels: tuple[Scalar, ...]) -> Pair:
    """The predicted label is one of these."""
    if not labels:
        raise UsageError('expectation "label-in": labels names at least one label')

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool:
        del original, own
        return any(changed.label == _same_kind(one, changed) for one in labels)

    return judge


@expectation("between", compares=False)
def between(*, min: float | None = None, max: float | None = None) -> Pair:  # noqa: A002 - as limits are called
    """The predicted number lies between `min` and `max`, both included."""
    check_range('expectation "between"', min, max)

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool:
        del original, own
        if changed.value is None:
            raise CannotRun(f"`between` needs numbers, and the model gives {changed.label!r}")
        return (min is None or changed.value >= min) and (max is None or changed.value <= max)

    return judge


@expectation("near", compares=False)
def near(*, value: float | None = None, tolerance: float = 0.0, relative: float = 0.0) -> Pair:
    """The predicted number is at most `tolerance`, or the share `relative`, from this one; or from the case's label."""

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool:
        del original
        wanted = _wanted(value, own)
        if changed.value is None or isinstance(wanted, str | bool):
            raise CannotRun(f"`near` needs numbers, and there are {wanted!r} and {changed.label!r}")
        return bool(abs(changed.value - wanted) <= max(tolerance, relative * abs(wanted)))

    return judge


@expectation("probability", compares=False)
def probability_between(*, label: Scalar, min: float = 0.0, max: float = 1.0) -> Pair:  # noqa: A002
    """The probability of `label` lies between `min` and `max`, both included."""
    check_range('expectation "probability"', min, max)
    if min <= 0 and max >= 1:
        raise UsageError('expectation "probability": every probability lies from 0 to 1: give `min`, `max` or both')

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool:
        del original, own
        return min <= probability(changed, label) <= max

    return judge


def _wanted(given: Scalar | None, own: Any) -> Any:
    wanted = own if given is None else given
    if wanted is None:
        raise CannotRun("no label is expected: the case has none of its own")
    return wanted


def _same_kind(wanted: Any, changed: Prediction) -> Any:
    if type(wanted) is type(changed.label) or label_kind(wanted) == label_kind(changed.label):
        return wanted
    hint = " (YAML reads yes, no, on and off as truth values: quote them)" if isinstance(wanted, bool) else ""
    raise CannotRun(
        f"the expected label {wanted!r} is {label_kind(wanted)}, the predicted {changed.label!r} "
        f"{label_kind(changed.label)}{hint}"
    )
