"""Paired metrics of predicted numbers, each a mean of losses or a function of one."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mlci.statistics.examples import Part
from mlci.statistics.measured import Measured, NotMeasurableError
from mlci.statistics.medians import Medians
from mlci.statistics.paired import Evidence, Floats, mean_evidence

Loss = Callable[[Floats, Floats], Floats]


def mean_loss(before: Floats, after: Floats) -> Measured:
    """Measure the mean of losses given by example, lower being better: the paired t-test."""
    difference = after - before
    return Measured(
        baseline=float(before.mean()),
        candidate=float(after.mean()),
        higher_is_better=False,
        evidence=lambda: mean_evidence(difference),
        influence=lambda: difference - difference.mean(),
    )


def mean_absolute_error(part: Part) -> Measured:
    """Mean distance between true and predicted value: paired t."""
    return mean_loss(*_losses(part, lambda true, said: np.abs(true - said)))


def mean_squared_error(part: Part) -> Measured:
    """Mean squared distance between true and predicted value: paired t."""
    return mean_loss(*_losses(part, _squared))


def root_mean_squared_error(part: Part) -> Measured:
    """Square root of the mean squared distance: paired t on squared errors."""
    return _root(*_losses(part, _squared))


def mean_absolute_percentage_error(part: Part) -> Measured:
    """Mean distance as a share of the true value: paired t."""
    small = np.finfo(np.float64).eps
    return mean_loss(*_losses(part, lambda true, said: np.abs(true - said) / np.maximum(np.abs(true), small)))


def mean_squared_log_error(part: Part) -> Measured:
    """Mean squared distance between logarithms of 1 plus the values: paired t."""
    return mean_loss(*_losses(part, _squared_log))


def root_mean_squared_log_error(part: Part) -> Measured:
    """Square root of the mean squared distance between logarithms of 1 plus the values: paired t on the squares."""
    return _root(*_losses(part, _squared_log))


def mean_pinball_loss(part: Part, *, alpha: float = 0.5) -> Measured:
    """Mean quantile loss: paired t."""
    return mean_loss(*_losses(part, lambda true, said: np.maximum(alpha * (true - said), (alpha - 1) * (true - said))))


def median_absolute_error(part: Part) -> Measured:
    """Median distance between true and predicted value: influence function, and Mood's median test for pairs."""
    before, after = _losses(part, lambda true, said: np.abs(true - said))
    medians = Medians(before=before, after=after)
    return Measured(
        baseline=medians.then,
        candidate=medians.now,
        higher_is_better=False,
        evidence=medians.evidence,
        influence=medians.influence,
        clustered=medians.clustered,
    )


def r2(part: Part) -> Measured:
    """Share of the variance that is explained: paired t on squared errors, the labels being given."""
    return _explained(part, *_losses(part, _squared))


def explained_variance(part: Part) -> Measured:
    """Share of the variance that is explained, a shift forgiven: paired t on squared errors less their mean."""
    return _explained(part, *(_squared(each, each.mean()) for each in _losses(part, np.subtract)))


def _explained(part: Part, before: Floats, after: Floats) -> Measured:
    label = part.numbers.label
    variance = float(((label - label.mean()) ** 2).mean())
    if variance == 0:
        raise NotMeasurableError(f"all {len(part)} true values are the same")
    squares = mean_loss(before, after)
    return Measured(
        baseline=1 - squares.baseline / variance,
        candidate=1 - squares.candidate / variance,
        higher_is_better=True,
        evidence=lambda: _scaled(squares.evidence(), 1 / variance),
        influence=lambda: squares.influence() / variance,
    )


def _losses(part: Part, loss: Loss) -> tuple[Floats, Floats]:
    numbers = part.numbers
    return loss(numbers.label, numbers.before), loss(numbers.label, numbers.after)


def _squared(true: Floats, said: Floats | float) -> Floats:
    return np.square(true - said)


def _squared_log(true: Floats, said: Floats) -> Floats:
    if true.min() <= -1 or said.min() <= -1:
        raise NotMeasurableError("a label or prediction is -1 or less, and has no logarithm of 1 plus it")
    squares: Floats = np.square(np.log1p(true) - np.log1p(said))
    return squares


def _root(before: Floats, after: Floats) -> Measured:
    then, now = math.sqrt(before.mean()), math.sqrt(after.mean())

    def influence() -> Floats:
        """Linearise both roots: a loss moves the root of its mean by 1 / (2 root) of itself."""
        change = after / (2 * now or 1.0) - before / (2 * then or 1.0)
        centred: Floats = change - change.mean()
        return centred

    def evidence() -> Evidence:
        tested, linear = mean_evidence(after - before), influence()
        if tested.standard_error == 0 or len(linear) < 2:  # noqa: PLR2004 - a spread needs two
            return tested
        error = float(linear.std(ddof=1)) / math.sqrt(len(linear))
        quantile = (tested.upper_bound - float((after - before).mean())) / tested.standard_error
        return Evidence(p_value=tested.p_value, standard_error=error, upper_bound=now - then + quantile * error)

    return Measured(baseline=then, candidate=now, higher_is_better=False, evidence=evidence, influence=influence)


def _scaled(evidence: Evidence, factor: float) -> Evidence:
    return Evidence(
        p_value=evidence.p_value,
        standard_error=evidence.standard_error * factor,
        upper_bound=evidence.upper_bound * factor,
    )
