"""Expectations of all predictions of one case together."""

from __future__ import annotations

from collections.abc import Callable

from mlci.model.behaviour.expectations import expectation
from mlci.model.predictions import Prediction


@expectation("all-equal", compares=False, whole=True)
def all_equal(*, tolerance: float = 0.0) -> Callable[[tuple[Prediction, ...]], bool | None]:
    """All inputs of the case get the same label; numbers may lie at most `tolerance` apart."""

    def judge(predictions: tuple[Prediction, ...]) -> bool | None:
        if len(predictions) == 1:
            return None
        labels = {prediction.label for prediction in predictions}
        values = [prediction.value for prediction in predictions if prediction.value is not None]
        if len(labels) == 1 or len(values) < len(predictions):
            return len(labels) == 1
        return max(values) - min(values) <= tolerance

    return judge
