"""What a model gives out: shape, type, finite numbers, and whether it looks at its inputs at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlci.testing.arrays import as_array, as_numbers, distance, largest
from mlci.testing.batches import rows, size
from mlci.testing.checks import check, unless
from mlci.testing.checks.examples import one_for_each
from mlci.testing.isolation import new_model
from mlci.testing.steps import predict, take_steps, tolerance_of, trained
from mlci.testing.training import NotApplicable, Training


@check
def assert_output_shape(training: Training, *, shape: Sequence[int] | None = None, kind: str = "f") -> str:
    """Predictions have the shape of the targets, or one score for each class, and are floating-point numbers.

    Args:
        training: What is tested.
        shape: The shape of one prediction, without the batch. Left out, it is that of one target, with the classes as
            its last or first dimension (for two classes one score will do), and for a regression that alone.
        kind: NumPy's letter for the type of the numbers: `f` floats, `i` whole numbers; several letters allow several.
    """
    model = trained(training, 1)
    outputs = as_array(predict(training, model, training.inputs))
    allowed = [(size(training.inputs), *each) for each in _shapes(training, shape)]
    wanted = " or ".join(dict.fromkeys(map(str, allowed)))
    unless(
        outputs.shape in allowed,
        f"predictions for {size(training.inputs)} inputs have shape {outputs.shape}, not {wanted}",
        usually="a dimension is squeezed away or left over, a pooling is missing or the last layer has the wrong "
        "width; a loss of (n, 1) against (n,) broadcasts to n × n numbers without an error",
    )
    return unless(
        outputs.dtype.kind in kind,
        f"predictions are an array {outputs.shape} of {outputs.dtype}",
        usually="labels, integers or objects are returned in place of scores, or numbers are rounded on the way out",
    )


def _shapes(training: Training, shape: Sequence[int] | None) -> list[tuple[int, ...]]:
    if shape is not None:
        return [tuple(shape)]
    each = tuple(as_array(training.targets).shape[1:])
    if training.classes is None:
        return [each]
    if each[-1:] == (training.classes,):  # one-hot
        return [each]
    alone = [(*each, 1), each] if training.classes == 2 else []  # noqa: PLR2004
    return [(*each, training.classes), (training.classes, *each), *alone]


@check
def assert_finite(training: Training, *, steps: int = 5) -> str:
    """Predictions and losses are finite, before training, in each of the first steps and after them."""
    model = new_model(training)
    losses = take_steps(training, model, steps)
    broken = [number for number, loss in enumerate(losses, start=1) if not math.isfinite(loss)]
    unless(
        not broken,
        f"the loss of step {broken[0] if broken else 0} is {losses[broken[0] - 1] if broken else 0}",
        usually="the logarithm of 0, a division by 0, the root of a negative number, inputs that hold NaN, or a "
        "learning rate at which training diverges",
    )
    numbers = as_numbers(predict(training, model, training.inputs))
    bad = int(sum(not math.isfinite(number) for number in numbers.reshape(-1).tolist()))
    return unless(
        not bad,
        f"after {len(losses)} steps {numbers.size - bad} of {numbers.size} predicted numbers are finite; losses went "
        f"from {losses[0]:.4g} to {losses[-1]:.4g}",
        usually="an overflow in float16, the logarithm or root of a number that is not positive, or weights that "
        "training drove to infinity",
    )


@check
def assert_predictions_repeat(training: Training) -> str:
    """The same inputs get the same predictions when they are asked for twice."""
    model = trained(training, 3)
    first = as_array(predict(training, model, training.inputs))
    second = training.predict(model, training.inputs)  # with other random numbers
    return unless(
        distance(first, second) <= tolerance_of(training, model, first) * largest(first),
        f"asked twice, predictions lie {distance(first, second):.3g} apart (the largest is {largest(first):.3g})",
        usually="dropout or augmentation is left on where predictions are made (no eval mode), batch normalisation "
        "still learns there, or a state is carried from call to call",
    )


@check
def assert_predictions_depend_on_inputs(training: Training, *, steps: int = 5) -> str:
    """After a few steps, different inputs get different predictions."""
    count = size(training.inputs)
    if all(_same_input(training, index) for index in range(1, min(count, 100))):
        raise NotApplicable("not applicable: all inputs of the batch are the same")
    model = trained(training, steps)
    outputs = as_numbers(one_for_each(training, model)).reshape(count, -1)
    spread = largest(outputs - outputs[:1])
    return unless(
        spread > tolerance_of(training, model, outputs) * largest(outputs),
        f"after {steps} steps, predictions for {count} inputs differ by {spread:.3g} at most "
        f"(the largest is {largest(outputs):.3g})",
        usually="the inputs are overwritten, multiplied by zero or cut off on their way, all units are dead (a "
        "learning rate too high, inputs not scaled), or predictions come from a constant",
    )


def _same_input(training: Training, index: int) -> bool:
    from mlci.testing.batches import parts

    first, other = (parts(rows(training.inputs, [each])) for each in (0, index))
    return all(distance(one, two) == 0 for one, two in zip(first, other, strict=True))


@check
def assert_inputs_left_alone(training: Training) -> str:
    """Neither a step nor a prediction changes the batch that it is given."""
    from mlci.testing.batches import copied, parts

    inputs, targets = copied(training.inputs), copied(training.targets)
    model = new_model(training)
    training.step(model, inputs, targets)
    training.predict(model, inputs)
    pairs = zip([*parts(inputs), *parts(targets)], [*parts(training.inputs), *parts(training.targets)], strict=True)
    changed = sum(distance(now, before) > 0 for now, before in pairs)
    return unless(
        not changed,
        f"a step and a prediction changed {changed} of the arrays that they were given",
        usually="an operation in place (`x -= mean`, `x.relu_()`, `inplace=True` on the first layer): from the second "
        "epoch on the model sees other data, and shared data are spoilt for everyone",
    )
