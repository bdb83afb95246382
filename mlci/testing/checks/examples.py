"""Examples of one batch, which must not see each other where predictions are made."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from mlci.testing.arrays import Array, as_array, as_numbers, distance, largest, relative_distance
from mlci.testing.batches import rows, size
from mlci.testing.checks import check, fail, unless
from mlci.testing.steps import predict, tolerance_of, trained
from mlci.testing.training import Training

MOST = 8
"""How many examples of a batch are tried."""


def one_for_each(training: Training, model: Any) -> Any:
    """Return the predictions for the batch, as the framework gives them; fail where they are not one for each input."""
    outputs = predict(training, model, training.inputs)
    shape, count = as_array(outputs).shape, size(training.inputs)
    unless(
        shape[:1] == (count,),
        f"predictions for {count} inputs have shape {shape}",
        usually="the batch is not the first dimension, or it is squeezed away or averaged over",
    )
    return outputs


def _some(count: int) -> list[int]:
    """Return at most `MOST` places, spread over the batch, the first and the last among them."""
    return sorted({round(place * (count - 1) / (MOST - 1)) for place in range(MOST)})


@check
def assert_no_leak_across_a_batch(training: Training, *, steps: int = 3, tolerance: float | None = None) -> str:
    """Another input in one place of a batch changes no prediction but that place's own.

    Args:
        training: What is tested.
        steps: How many steps the model is trained before.
        tolerance: The largest change of another prediction, as a share of the largest one; the precision's if left out.
    """
    model, count = trained(training, steps), size(training.inputs)
    before = as_numbers(one_for_each(training, model))
    allowed = tolerance_of(training, model, before) if tolerance is None else tolerance
    worst, own = 0.0, 0.0
    for place in _some(count):
        order = list(range(count))
        order[place] = _farthest(before, place)
        after = as_numbers(predict(training, model, rows(training.inputs, order)))
        others = [index for index in range(count) if index != place]
        worst = max(worst, distance(before[others], after[others]) if before.shape == after.shape else math.inf)
        own = max(own, distance(before[place], after[place]) if before.shape == after.shape else math.inf)
    if own == 0:
        fail(
            "no prediction changes with its own input, so that nothing can be told of others",
            usually="predictions do not depend on the inputs at all, or all inputs of the batch are the same",
        )
    return unless(
        worst <= allowed * largest(before),
        f"with another input in one place, predictions of other places move by {worst:.3g} at most, the place's own by "
        f"{own:.3g}",
        usually="a mean, softmax, normalisation or reshape goes over the batch (dimension 0) in place of the features, "
        "a recurrent or attention layer takes the batch for time (`batch_first`), or batch normalisation is not in "
        "inference mode",
    )


def _farthest(predictions: Array, place: int) -> int:
    """Return the place of the prediction that differs most from the one at `place`."""
    import numpy as np

    flat = predictions.reshape(len(predictions), -1)
    return int(np.argmax(np.abs(flat - flat[place]).max(axis=1)))


@check
def assert_batch_order_does_not_matter(training: Training, *, steps: int = 3, tolerance: float | None = None) -> str:
    """Inputs in another order get the same predictions, in that order; `tolerance` as a share of the largest."""
    model, count = trained(training, steps), size(training.inputs)
    before = as_array(one_for_each(training, model))
    shuffled = random.Random(0).sample(range(count), count)  # noqa: S311 - an order, not a secret
    apart = max(_reordered(training, model, before, order) for order in (list(range(count))[::-1], shuffled))
    allowed = tolerance_of(training, model, before) if tolerance is None else tolerance
    return unless(
        apart <= allowed,
        f"in another order, predictions of the same {count} inputs lie {apart:.3g} of the largest apart",
        usually="a sum, a recurrent layer or attention runs along the batch, results are put back in the wrong order "
        "(after sorting by length, say), a state is carried from one input to the next, or dropout is left on",
    )


def _reordered(training: Training, model: Any, before: Any, order: Sequence[int]) -> float:
    after = as_array(predict(training, model, rows(training.inputs, order)))
    return relative_distance(before[list(order)], after)


@check
def assert_one_input_equals_a_batch(training: Training, *, steps: int = 3, tolerance: float | None = None) -> str:
    """An input alone gets the prediction that it gets within a batch; `tolerance` as a share of the largest."""
    model, count = trained(training, steps), size(training.inputs)
    batch = one_for_each(training, model)
    together = as_array(batch)
    allowed = tolerance_of(training, model, batch) if tolerance is None else tolerance
    for place in _some(count):
        alone = as_array(predict(training, model, rows(training.inputs, [place])))
        unless(
            alone.shape == (1, *together.shape[1:]),
            f"one input alone gets an array {alone.shape}, a batch of {count} gets {together.shape}",
            usually="a `squeeze()` without a dimension takes the batch away where it is one",
        )
        apart = distance(together[place], alone[0]) / (largest(together) or 1.0)
        unless(
            apart <= allowed,
            f"input {place} alone gets a prediction that lies {apart:.3g} of the largest from the one in its batch",
            usually="batch normalisation is not in inference mode, padding is not masked, or something is computed "
            "over the whole batch",
        )
    return f"{len(_some(count))} inputs alone get the predictions that they get in a batch of {count}"
