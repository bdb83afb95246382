"""Which of two labels is the positive one, and who carries it."""

from __future__ import annotations

from mlci.errors import CannotRun
from mlci.metrics.scorer import Label, Sample


def positive_label(sample: Sample, *, multiclass: str) -> Label:
    """Return the positive label; raise `CannotRun` unless there are at most two, naming `multiclass` instead."""
    classes = classes_of(sample)
    if len(classes) > 2:  # noqa: PLR2004 - binary
        raise CannotRun(f"is for two labels and there are {len(classes)}: use {multiclass}")
    if sample.positive is None:
        return classes[-1]
    if sample.positive not in classes or isinstance(sample.positive, str) != isinstance(classes[0], str):
        raise CannotRun(f"cannot be computed: no label is the positive one, {sample.positive!r}; there are {classes}")
    return sample.positive


def classes_of(sample: Sample) -> list[Label]:
    """Return every label that is true, predicted or given a probability, in order."""
    named = set(sample.truth) | set(sample.predicted)
    if sample.probabilities is not None:
        named.update(*sample.probabilities)
    return sorted(named)


def truths(sample: Sample, positive: Label) -> list[bool]:
    """Return for each example whether it is positive; raise `CannotRun` when none is."""
    found = [label == positive for label in sample.truth]
    if not any(found):
        raise CannotRun(f"is not defined: none of the {len(found)} examples has the positive label {positive!r}")
    return found


def both_classes(sample: Sample, positive: Label) -> list[bool]:
    """Return for each example whether it is positive; raise `CannotRun` unless both classes occur."""
    found = truths(sample, positive)
    if all(found):
        raise CannotRun(f"is not defined: all {len(found)} examples have the label {positive!r}")
    return found


def hits(sample: Sample, positive: Label) -> list[bool]:
    """Return for each example whether it was predicted to be positive."""
    return [label == positive for label in sample.predicted]


def scores(sample: Sample, positive: Label) -> list[float]:
    """Return the probability of the positive label for each example."""
    try:
        return [row[positive] for row in sample.probabilities or ()]
    except KeyError:
        raise CannotRun(f"cannot be computed: a prediction gives no probability for the label {positive!r}") from None
