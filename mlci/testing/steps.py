"""Steps of training that repeat: each draws from random numbers of a seed of its own, on a copy of the batch."""

from __future__ import annotations

from typing import Any

from mlci.testing.arrays import epsilon_of, one_number, relative_tolerance
from mlci.testing.batches import copied
from mlci.testing.isolation import SEED, new_model, seed_everything
from mlci.testing.training import Batch, Model, Training


def one_step(training: Training, model: Model, *, seed: int = SEED) -> float:
    """Train one step on a copy of the batch and return its loss."""
    seed_everything(training, seed)
    return one_number(training.step(model, copied(training.inputs), copied(training.targets)))


def take_steps(training: Training, model: Model, steps: int, *, first: int = 0) -> list[float]:
    """Train that many steps, numbered from `first`, and return the loss of each; one alone where each begins anew."""
    steps = steps if training.in_steps else min(steps, 1)
    return [one_step(training, model, seed=SEED + number) for number in range(first, first + steps)]


def trained(training: Training, steps: int) -> Model:
    """Return a new model after that many steps, so that layers which begin at zero have left it."""
    model = new_model(training)
    take_steps(training, model, steps)
    return model


def predict(training: Training, model: Model, inputs: Batch) -> Any:
    """Return the predictions for a copy of the inputs, as the framework gives them."""
    seed_everything(training, SEED)
    return training.predict(model, copied(inputs))


def tolerance_of(training: Training, model: Model, predictions: Any) -> float:
    """Return how far equal predictions may lie apart by their largest value, in the model's own precision."""
    epsilon = epsilon_of(predictions)
    return relative_tolerance(max(epsilon, training.epsilon(model)) if training.epsilon else epsilon)
