"""Whether a model learns: where its loss begins, that it falls, and that one batch can be learnt by heart."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

from mlci.testing.arrays import as_array
from mlci.testing.batches import size
from mlci.testing.checks import check, unless
from mlci.testing.isolation import SEED, new_model
from mlci.testing.metrics import accuracy, predicted_labels, r2
from mlci.testing.steps import one_step, predict
from mlci.testing.training import Model, NotApplicable, Training

Metric = Callable[[Any, Any], float]
"""`metric(targets, predictions)`, higher being better; for classes the predictions are labels."""


@check
def assert_initial_loss(
    training: Training, *, expected: float | None = None, tolerance: float | None = None, seeds: int = 3
) -> str:
    """The loss of an untrained classifier is near ln C, that of guessing among C classes.

    Args:
        training: What is tested. Its loss is the mean cross-entropy in nats, unless `expected` is given.
        expected: The loss to expect in place of ln C.
        tolerance: How far the median of `seeds` new models may lie from it. Left out, it is 0.3 of it and at least
            0.25 below, at least 1 above: scores of variance 1, which usual first weights give, cost half a nat.
        seeds: How many new models are made.
    """
    if not training.loss_is_before_update:
        raise NotApplicable(f"not applicable: {training.absent.get('initial loss', 'no loss before the first update')}")
    if expected is None and training.classes is None:
        raise NotApplicable("not applicable: ln C is the loss of a classifier; give `expected` for a regression")
    wanted = math.log(training.classes or 1) if expected is None else expected
    below, above = (max(least, 0.3 * abs(wanted)) if tolerance is None else tolerance for least in (0.25, 1.0))
    losses = [one_step(training, new_model(training, SEED + each)) for each in range(seeds)]
    measured = statistics.median(losses)
    name = f"ln {training.classes} = {wanted:.4g}" if expected is None else f"the expected {wanted:.4g}"
    return unless(
        -below <= measured - wanted <= above,
        f"the first loss is {measured:.4g} (median of {seeds} new models); near {name} is from {wanted - below:.4g} to "
        f"{wanted + above:.4g}",
        usually="above: weights begin too large, inputs are not scaled, or the loss is summed where it should be "
        "averaged; below: an answer leaks into the inputs; near the logarithm of another number: the last layer has "
        "another number of classes",
    )


@check
def assert_loss_falls(training: Training, *, steps: int = 1) -> str:
    """The loss of a batch is lower after one step on it, with the same random numbers (dropout) both times."""
    training.need_steps()
    model = new_model(training)
    losses = [one_step(training, model) for _ in range(steps + 1)]
    return unless(
        losses[-1] < losses[0],
        f"the loss of the batch went from {losses[0]:.6g} to {losses[-1]:.6g} after {steps} step{'s' * (steps > 1)}",
        usually="the step does not reach the model (the optimizer holds other parameters, `backward` or `step` is "
        "missing), the sign of the loss is wrong, or the learning rate is too high; give `steps` for a warm-up from 0",
    )


@check
def assert_overfits_a_batch(
    training: Training, *, metric: Metric | None = None, target: float = 1.0, tolerance: float = 0.05, steps: int = 300
) -> str:
    """A model learns one batch by heart: the metric reaches the target, within the tolerance, in so many steps.

    Args:
        training: What is tested.
        metric: Higher is better; accuracy of the labels or R² when left out. It is computed in inference mode.
        target: The value to reach.
        tolerance: How much less will do.
        steps: How many steps there are at most; the check ends as soon as the target is reached.
    """
    model = new_model(training)
    history: list[tuple[int, float, float]] = []
    most = steps if training.in_steps else 1
    for done in range(most):
        loss = one_step(training, model, seed=SEED + done)
        if (done + 1) % max(1, min(10, steps // 10)) == 0 or done + 1 == most:
            history.append((done + 1, loss, _score(training, model, metric)))
            if history[-1][2] >= target - tolerance:
                break
    best = max(history, key=lambda entry: (entry[2], -entry[0]))
    name = getattr(metric, "__name__", "the metric") if metric else "accuracy" if training.classes else "R²"
    return unless(
        best[2] >= target - tolerance,
        f"{name} on one batch of {size(training.inputs)} is {best[2]:.4g} after {best[0]} steps "
        f"({target - tolerance:.4g} is needed; the loss went from {history[0][1]:.4g} to {history[-1][1]:.4g})",
        usually="part of the model gets no gradient, activations end in the wrong place (a ReLU or softmax before the "
        "loss), targets are shuffled against inputs, the learning rate is far too low or high, or train and inference "
        "mode differ (batch normalisation); if the loss still falls, give more `steps`",
    )


def _score(training: Training, model: Model, metric: Metric | None) -> float:
    if training.classes is None:
        return (metric or r2)(as_array(training.targets), as_array(predict(training, model, training.inputs)))
    return (metric or accuracy)(*predicted_labels(training, model))
