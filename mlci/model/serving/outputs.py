"""What models put out, as predictions: a label, a number, or `{label, probabilities}` for each input."""

from __future__ import annotations

from typing import Any, Dict, List

from .adapters import Unusable

_SUM_TOLERANCE = 1e-3
_MATRIX = 2


def predictions(raw: Any, settings: Dict[str, Any]) -> List[Any]:
    """Return the output of a network or a pipeline (an array with an item for each input) as predictions.

    A matrix holds scores of classes in the order of `labels`: probabilities, or logits where `scores: logits` says so.
    One number for each input is a value; with two `labels` it is the score of the second. Whole numbers are places
    in `labels`, where there are some.
    """
    import numpy

    array = numpy.asarray(raw)
    if array.ndim == 0:
        raise Unusable("it put out a single value, not one for each input")
    array = array.reshape(array.shape[0], -1) if array.ndim > 1 else array
    if array.ndim == _MATRIX and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == _MATRIX:
        return with_scores(array, settings)
    labels = settings.get("labels") or ()
    if array.dtype.kind == "f" and len(labels) == 2:  # noqa: PLR2004 - the score of the second of two classes
        positive = _sigmoid(array) if settings.get("scores") == "logits" else array
        if not ((positive >= 0) & (positive <= 1)).all():
            raise Unusable("its score is no probability: say `scores: logits` where it is a logit")
        return with_probabilities(numpy.stack([1 - positive, positive], axis=1), list(labels))
    if array.dtype.kind in "iub" and labels:
        return [labels[int(at)] for at in array]
    return list(array.tolist())


def with_scores(array: Any, settings: Dict[str, Any]) -> List[Any]:
    """Return a matrix of scores, a row for each input, as labels with probabilities."""
    import numpy

    scores = array.astype("float64")
    if settings.get("scores") == "logits":
        shifted = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        scores = shifted / shifted.sum(axis=1, keepdims=True)
    elif numpy.isfinite(scores).all() and (abs(scores.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
        raise Unusable("its scores do not sum to one: say `scores: logits` where they are logits")
    labels = list(settings.get("labels") or range(scores.shape[1]))
    if len(labels) != scores.shape[1]:
        raise Unusable("it puts out %d scores, and `labels` names %d" % (scores.shape[1], len(labels)))
    return with_probabilities(scores, labels)


def with_probabilities(scores: Any, labels: List[Any]) -> List[Any]:
    """Return each row's most probable label with the probability of every label."""
    best = scores.argmax(axis=1).tolist()
    return [{"label": labels[at], "probabilities": dict(zip(labels, row))} for at, row in zip(best, scores.tolist())]


def _sigmoid(array: Any) -> Any:
    import numpy

    return 1 / (1 + numpy.exp(-array.astype("float64")))
