"""Whether training can be repeated, saved and taken up again."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlci.testing.arrays import as_array, distance, epsilon_of, largest, moved, relative_distance
from mlci.testing.checks import check, unless
from mlci.testing.checks.parameters import listed
from mlci.testing.isolation import SEED, new_model
from mlci.testing.steps import predict, take_steps, tolerance_of, trained
from mlci.testing.training import Model, Training

SHARE = 0.01
"""Two trainings are the same when they lie less than this share of the way apart that training has gone."""


@check
def assert_same_seed_same_result(training: Training, *, steps: int = 5) -> str:
    """Made and trained twice from one seed, a model has the same losses and predictions."""
    first, second = (_run(training, steps) for _ in range(2))
    rounding = 32 * epsilon_of(first[1])
    differ = [
        number
        for number, (one, other) in enumerate(zip(first[0], second[0], strict=True), start=1)
        if distance(one, other) > rounding * max(abs(one), abs(other))
    ]
    usually = (
        "a source of randomness is not seeded (a generator made without a seed, `random_state`, augmentation, workers "
        "of a data loader), the order of a set is used, or an operation of the device is not deterministic"
    )
    unless(not differ, f"from one seed, the losses differ from step {differ[0] if differ else 0} on", usually=usually)
    apart = relative_distance(first[1], second[1])
    return unless(
        apart <= rounding,
        f"from one seed, {steps} losses are the same and predictions lie {apart:.3g} of the largest apart",
        usually=usually,
    )


def _run(training: Training, steps: int) -> tuple[list[float], Any]:
    model = new_model(training)
    return take_steps(training, model, steps), as_array(predict(training, model, training.inputs))


@check
def assert_saved_and_loaded_equal(training: Training, *, steps: int = 3) -> str:
    """A trained model that is saved and loaded predicts the same, and has the same parameters."""
    save, load = training.need("save"), training.need("load")
    model = trained(training, steps)
    before = predict(training, model, training.inputs)
    loaded = _through_a_file(model, save, load)
    apart = relative_distance(before, predict(training, loaded, training.inputs))
    usually = (
        "part of the model is not in the saved state (layers in a plain list, tensors that are neither parameter nor "
        "buffer, a fitted tokenizer or scaler), names do not fit and loading is not strict, or it is saved too early"
    )
    measured = f"after saving and loading, predictions lie {apart:.3g} of the largest apart"
    unless(apart <= tolerance_of(training, model, before), measured, usually=usually)
    if training.parameters is None:
        return measured
    saved, present = (training.parameters(each) for each in (model, loaded))
    if len(saved) == len(present) and not saved.keys() & present.keys():  # a framework may give new names
        present = dict(zip(saved, present.values(), strict=True))
    lost = moved(saved, present)
    return unless(
        not lost,
        f"{measured}; {len(saved) - len(lost)} of {len(saved)} parameters are the same"
        + (f", but not {listed(lost)}" if lost else ""),
        usually=usually,
    )


def _through_a_file(model: Model, save: Callable[[Model, Path], None], load: Callable[[Path], Model]) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save(model, path)
        return load(path)


@check
def assert_resumed_equals_uninterrupted(training: Training, *, steps: int = 3) -> str:
    """Training that is saved, loaded and gone on with ends where training without a break ends.

    `steps` are those before the break and again after it. Random numbers are seeded alike after the break, so that
    their state need not be saved.
    """
    training.need_steps()
    save, load = training.need("save"), training.need("load")
    model = trained(training, steps)
    before = as_array(predict(training, model, training.inputs))
    resumed = _through_a_file(model, save, load)
    for each in (model, resumed):
        take_steps(training, each, steps, first=SEED + steps)
    straight, broken = (as_array(predict(training, each, training.inputs)) for each in (model, resumed))
    way, apart = distance(before, straight), distance(straight, broken)
    unless(
        way > 0,
        f"predictions did not move in {steps} steps, so that nothing can be told of resuming",
        usually="the step does not reach the model; see `loss_falls` and `parameters_change`",
    )
    return unless(
        apart <= max(SHARE * way, 32 * epsilon_of(straight) * largest(straight)) and math.isfinite(apart),
        f"after {steps} steps, a break and {steps} more, predictions lie {apart:.3g} from those without a break, which "
        f"moved by {way:.3g} meanwhile",
        usually="the state of the optimizer (momentum, Adam's moments), of the schedule of the learning rate or a "
        "count of steps is not saved, or gradients are left over from step to step (`zero_grad` is missing)",
    )
