"""Leaks of what is held out into what is trained on."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

from mlci.testing.arrays import Array, as_array, as_numbers, distance, epsilon_of, largest, relative_tolerance
from mlci.testing.batches import copied, rows, size
from mlci.testing.checks import check, unless
from mlci.testing.training import Batch, NotApplicable, Training

Experiment = Callable[[Batch, Batch, int], tuple[Any, Any]]
Prepare = Callable[[Batch, Batch], tuple[Any, Any]]
Score = Callable[[Any, Any], float]


def assert_no_better_than_chance(
    experiment: Experiment,
    inputs: Batch,
    targets: Batch,
    *,
    score: Score | None = None,
    repeats: int = 5,
    false_alarm_rate: float = 0.001,
    seed: int = 0,
) -> str:
    """A whole experiment on shuffled targets predicts held-out targets no better than chance.

    What is held out are then shuffled targets too: given those trained on, any order of them is as likely as the one
    there is. So the share of orders that score as high is an exact p-value (permutation test, Monte Carlo), over the
    sum of the scores of all repeats. Without a leak the check fails with a probability of at most `false_alarm_rate`.

    Args:
        experiment: `experiment(inputs, targets, seed)` does all that depends on targets or on several examples:
            selects features, resamples, splits, trains, predicts. It returns true and predicted targets held out.
        inputs: The examples, before any of that.
        targets: Labels or numbers, one an example.
        score: `score(true, predicted)`, higher is better: the share that is equal, or for floats the negative mean
            squared error, when left out.
        repeats: How many times the targets are shuffled and the experiment is run.
        false_alarm_rate: The largest probability of failing where nothing leaks.
        seed: Decides all that is random here.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    held_out = [_shuffled_run(experiment, inputs, targets, random, number) for number in range(repeats)]
    measure: Score = score or (_closeness if as_array(targets).dtype.kind == "f" else _hits)
    draws = math.ceil(2 / false_alarm_rate) - 1
    observed, chance = _against_chance(held_out, measure, draws, random)
    perfect, ideal = _against_chance([(true, true) for true, _ in held_out], measure, draws, random)
    p_value = _p_value(observed, chance)
    if _p_value(perfect, ideal) > false_alarm_rate:
        raise ValueError("too few examples are held out for any leak to be seen: give more data, or more repeats")
    rows_held = sum(size(true) for true, _ in held_out)
    middle, reach = float(np.mean(chance)), float(np.quantile(chance, 1 - false_alarm_rate))
    return unless(
        p_value > false_alarm_rate,
        f"trained on shuffled targets, the score on what is held out is {observed / repeats:.4g}; chance is "
        f"{middle / repeats:.4g} and up to {reach / repeats:.4g} (p = {p_value:.2g}, {rows_held} predictions of "
        f"{repeats} runs, false alarms {false_alarm_rate:g})",
        usually="something saw the held-out targets: features were selected, targets encoded or classes resampled "
        "before the split, the model was chosen on the held-out part, or training and held-out part share examples",
    )


def _shuffled_run(
    experiment: Experiment, inputs: Batch, targets: Batch, random: Any, number: int
) -> tuple[Array, Array]:
    order = random.permutation(size(targets)).tolist()
    true, predicted = experiment(copied(inputs), copied(rows(targets, order)), number)
    true, predicted = as_array(true), as_array(predicted)
    if true.size != predicted.size or not true.size:
        raise ValueError(f"the experiment returned {true.size} true and {predicted.size} predicted targets")
    return true, predicted.reshape(true.shape)


def _against_chance(held_out: list[tuple[Array, Array]], score: Score, draws: int, random: Any) -> tuple[float, Array]:
    """Return the sum of the scores, and that of `draws` random orders of the true targets within each run."""
    import numpy as np

    observed = sum(float(score(true, predicted)) for true, predicted in held_out)
    chance = np.zeros(draws)
    for true, predicted in held_out:
        at_once = max(1, ORDERS_IN_MEMORY // true.size) if score in _BY_ROW and true.shape == predicted.shape else 1
        for begin in range(0, draws, at_once):
            chance[begin : begin + at_once] += _orders(true, predicted, score, min(at_once, draws - begin), random)
    return observed, chance


def _orders(true: Array, predicted: Array, score: Score, count: int, random: Any) -> Any:
    """Return the scores of that many random orders of the true targets."""
    import numpy as np

    if count == 1 or true.ndim > 1:
        return [score(random.permutation(true), predicted) for _ in range(count)]
    return score(random.permuted(np.tile(true, (count, 1)), axis=1), predicted)


ORDERS_IN_MEMORY = 1_000_000
"""How many targets are held in random orders at once."""


def _p_value(observed: float, chance: Array) -> float:
    slack = 1e-9 * max(1.0, abs(observed))  # equal scores that were added up in another order
    return float((1 + (chance >= observed - slack).sum()) / (1 + chance.size))


def _hits(true: Any, predicted: Any) -> Any:
    """Return the share of targets that are equal: of the last axis, whatever is before it."""
    return (true == predicted).mean(axis=-1) if predicted.ndim == 1 else (true == predicted).mean()


def _closeness(true: Any, predicted: Any) -> Any:
    """Return the negative mean squared error: over the last axis, whatever is before it."""
    return -((as_numbers(true) - as_numbers(predicted)) ** 2).mean(axis=-1 if predicted.ndim == 1 else None)


_BY_ROW = (_hits, _closeness)


@check
def assert_shuffled_labels_are_chance(
    training: Training, *, score: Score | None = None, repeats: int = 5, false_alarm_rate: float = 0.001
) -> str:
    """Trained on shuffled targets, an experiment is no better than chance on what it held out."""
    return assert_no_better_than_chance(
        training.need("experiment"),
        training.inputs,
        training.targets,
        score=score,
        repeats=repeats,
        false_alarm_rate=false_alarm_rate,
    )


def assert_fitted_on_training_alone(prepare: Prepare, inputs: Batch, held_out: Batch) -> str:
    """Preprocessing gives the same training inputs whatever is held out, and treats held-out inputs one by one.

    `prepare(training inputs, held-out inputs)` returns both as the model gets them: arrays, tensors, frames or sparse
    matrices. It is run with other held-out inputs (one repeated; floats ten times as large) and with one alone.
    """
    there, apart = prepare(copied(inputs), copied(held_out))
    trained_on, judged_on = as_array(there), as_array(apart)
    count = size(held_out)
    moved = max(_relative(trained_on, other) for other in _with_others(prepare, inputs, held_out))
    unless(
        moved <= relative_tolerance(epsilon_of(trained_on)),
        f"with other held-out inputs, the prepared training inputs move by {moved:.3g} of their largest value",
        usually="a scaler, vocabulary, imputer or encoder is fitted on all data, before they are split",
    )
    alone = as_array(prepare(copied(inputs), copied(rows(held_out, [0])))[1])
    moved = _relative(judged_on[:1], alone)
    return unless(
        moved <= relative_tolerance(epsilon_of(judged_on)),
        f"prepared training inputs do not depend on what is held out; a held-out input alone is prepared within "
        f"{moved:.3g} of what it is among {count}",
        usually="the preprocessing is fitted anew on the held-out part (`fit_transform` in place of `transform`)",
    )


def _with_others(prepare: Prepare, inputs: Batch, held_out: Batch) -> Iterator[Any]:
    """Yield the prepared training inputs, with other held-out inputs: one repeated, and all ten times as large."""
    for place in (0, size(held_out) - 1):
        yield prepare(copied(inputs), copied(rows(held_out, [place] * size(held_out))))[0]
    if getattr(getattr(held_out, "dtype", None), "kind", "") == "f":
        with contextlib.suppress(Exception):  # values of such a size may rightly be refused
            yield prepare(copied(inputs), held_out * 10)[0]


def _relative(one: Array, other: Any) -> float:
    return distance(one, other) / (largest(one) if one.dtype.kind in "fiub" and largest(one) else 1.0)


@check
def assert_preprocessing_sees_training_alone(training: Training) -> str:
    """Preprocessing is fitted on the training split alone: other held-out inputs change nothing in it."""
    prepare, count = training.need("prepare"), size(training.inputs)
    if count < 4:  # noqa: PLR2004
        raise NotApplicable("not applicable: four examples or more are needed to hold two out")
    split = (count * 2) // 3
    inputs, held_out = (rows(training.inputs, places) for places in (range(split), range(split, count)))
    return assert_fitted_on_training_alone(prepare, inputs, held_out)
