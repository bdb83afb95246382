"""Expectations of a prediction beside that of the unchanged input."""

from __future__ import annotations

from typing import Any, Literal

from mlci.model.behaviour.expectations import expectation
from mlci.model.behaviour.expectations.labels import Scalar
from mlci.model.behaviour.expectations.quantity import Pair, Weights, bounds, quantities
from mlci.model.predictions import Prediction


@expectation("same-prediction", compares=True)
def same_prediction(*, tolerance: float = 0.0) -> Pair:
    """The label stays, or the probability of the original's label (or the number) moves by at most `tolerance`."""

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool | None:
        del own
        if changed.label == original.label:
            return True
        if not tolerance or (original.probabilities is None and original.value is None):
            return False
        if original.probabilities is not None and tolerance >= 1:
            return None
        before, after = quantities(original, changed)
        return abs(after - before) <= tolerance

    return judge


@expectation("increase", compares=True)
def increase(
    *, tolerance: float = 0.0, label: Scalar | None = None, score: Weights | None = None, in_a_row: bool = False
) -> Pair:
    """The number, or the probability of `label`, rises; with `tolerance` it may also fall by so much at most.

    With `in-a-row` each variant is compared with the one before it instead of with the original.
    """
    del in_a_row
    return _directed(1, tolerance, label, score)


@expectation("decrease", compares=True)
def decrease(
    *, tolerance: float = 0.0, label: Scalar | None = None, score: Weights | None = None, in_a_row: bool = False
) -> Pair:
    """The number, or the probability of `label`, falls; with `tolerance` it may also rise by so much at most.

    With `in-a-row` each variant is compared with the one before it instead of with the original.
    """
    del in_a_row
    return _directed(-1, tolerance, label, score)


def _directed(sign: int, tolerance: float, label: Any, score: Weights | None) -> Pair:
    def judge(original: Prediction, changed: Prediction, own: Any) -> bool | None:
        del own
        before, after = quantities(original, changed, label=label, score=score)
        low, high = bounds(original, score)
        if tolerance and _cannot_fail(sign, before, tolerance, low, high):
            return None
        if not tolerance and before == (high if sign > 0 else low):
            return None
        moved = sign * (after - before)
        return moved > 0 or bool(tolerance and moved >= -tolerance)

    return judge


@expectation("monotonic", compares=True)
def monotonic(
    *,
    direction: Literal["increasing", "decreasing"] = "increasing",
    tolerance: float = 0.0,
    label: Scalar | None = None,
    score: Weights | None = None,
    in_a_row: bool = False,
) -> Pair:
    """The number, or the probability of `label`, does not move against `direction` by more than `tolerance`.

    With `in-a-row` each variant is compared with the one before it instead of with the original.
    """
    del in_a_row
    sign = 1 if direction == "increasing" else -1

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool | None:
        del own
        before, after = quantities(original, changed, label=label, score=score)
        if _cannot_fail(sign, before, tolerance, *bounds(original, score)):
            return None
        return after >= before - tolerance if sign > 0 else after <= before + tolerance

    return judge


def _cannot_fail(sign: int, before: float, tolerance: float, low: float, high: float) -> bool:
    """Whether no possible value is on the wrong side by more than the tolerance."""
    return before <= low + tolerance if sign > 0 else before >= high - tolerance


@expectation("change-at-most", compares=True)
def change_at_most(*, by: float, label: Scalar | None = None, score: Weights | None = None) -> Pair:
    """The number, or the probability of `label`, moves by at most `by`, up or down."""

    def judge(original: Prediction, changed: Prediction, own: Any) -> bool | None:
        del own
        before, after = quantities(original, changed, label=label, score=score)
        low, high = bounds(original, score)
        return None if high - low <= by else abs(after - before) <= by

    return judge
