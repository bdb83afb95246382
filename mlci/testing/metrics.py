"""The two numbers that say whether a batch was learnt, and labels out of scores."""

from __future__ import annotations

from typing import Any

from mlci.testing.arrays import Array, as_array, as_numbers
from mlci.testing.batches import copied
from mlci.testing.steps import predict
from mlci.testing.training import Model, Training


def accuracy(targets: Any, labels: Any) -> float:
    """Return the share of labels that are right; both have the same shape."""
    truth, answer = as_array(targets), as_array(labels)
    return float((truth.reshape(-1) == answer.reshape(-1)).mean())


def r2(targets: Any, values: Any) -> float:
    """Return the share of the variance that is explained: 1 is perfect, 0 is as good as the mean."""
    truth, answer = as_numbers(targets), as_numbers(values)
    if truth.size != answer.size:
        raise ValueError(f"{truth.size} targets and {answer.size} predicted numbers: the shapes do not fit")
    spread = float(((truth - truth.mean(axis=0)) ** 2).sum())
    return 1 - float(((truth - answer.reshape(truth.shape)) ** 2).sum()) / (spread or 1.0)


def predicted_labels(training: Training, model: Model) -> tuple[Array, Array]:
    """Return the true and the predicted labels of the batch, in one form.

    Scores of several classes stand on the last axis, or where each example has several labels (tokens, pixels) on the
    second. One score alone is a probability when all lie in [0, 1], else a logit; one-hot targets become the number of
    their class.
    """
    if training.labels is not None:
        return as_array(training.targets), as_array(training.labels(model, copied(training.inputs)))
    scores, truth = as_numbers(predict(training, model, training.inputs)), as_array(training.targets)
    if scores.ndim > 1 and truth.ndim > 1 and scores.shape == (len(truth), training.classes, *truth.shape[1:]):
        return truth, scores.argmax(axis=1)
    if scores.ndim > 1 and scores.shape[-1] > 1 and (scores.ndim > truth.ndim or truth.shape == scores.shape):
        labels = scores.argmax(axis=-1)
        return (truth.argmax(axis=-1) if truth.shape == scores.shape else truth.reshape(labels.shape)), labels
    threshold = 0.5 if scores.min() >= 0 and scores.max() <= 1 else 0.0
    return truth.reshape(-1), (scores.reshape(-1) > threshold).astype(int)
