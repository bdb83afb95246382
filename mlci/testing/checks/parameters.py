"""Which parameters training reaches: those that should change do, those that should not do not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from mlci.testing.arrays import copies, largest, moved
from mlci.testing.batches import copied
from mlci.testing.checks import check, unless
from mlci.testing.isolation import SEED, new_model, seed_everything
from mlci.testing.steps import one_step, take_steps
from mlci.testing.training import Model, NotApplicable, Training

SHOWN = 5
"""How many names a message lists."""


def listed(names: Iterable[str]) -> str:
    """Return the first names with how many more there are."""
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more


def _but(names: Sequence[str]) -> str:
    return f", but not {listed(names)}" if names else ""


def _begun(training: Training) -> Model:
    """Return a new model that has parameters: some frameworks make them in the first step."""
    model = new_model(training)
    if not training.need("parameters")(model):
        one_step(training, model)
    return model


def _judged(names: Iterable[str], but: Sequence[str]) -> list[str]:
    return [name for name in names if not any(fnmatchcase(name, pattern) for pattern in but)]


@check
def assert_parameters_change(training: Training, *, steps: int = 3, but: Sequence[str] = ()) -> str:
    """Every parameter that is to be trained changes within a few steps.

    `but` are patterns of names (`*.bias`) that may stay as they are.
    """
    parameters = training.need("parameters")
    model = _begun(training)
    before = copies(parameters(model))
    names = _judged(before, but)
    if not names:
        raise NotApplicable("not applicable: the model has no parameters that are to be trained")
    take_steps(training, model, steps, first=1)
    changed = set(moved({name: before[name] for name in names}, parameters(model)))
    still = _with_effect(training, model, [name for name in names if name not in changed])
    return unless(
        not still,
        f"{len(names) - len(still)} of {len(names)} parameters changed in {steps} steps" + _but(still),
        usually="the layer is not part of the computation (its result is overwritten or unused), not known to the "
        "optimizer, or behind a `detach`; layers kept in a plain list are not registered (`nn.ModuleList`); a bias "
        "right before a batch normalisation has no effect (leave it out with `but`)",
    )


NEGLIGIBLE = 1e-6
"""A gradient below this share of the largest one is rounding: that of a bias before a batch normalisation, say."""


def _with_effect(training: Training, model: Model, names: Sequence[str]) -> list[str]:
    """Return the names without those whose gradient is there and so small that a step of it rounds to nothing."""
    if not names or training.gradients is None:
        return list(names)
    found = training.gradients(model, copied(training.inputs), copied(training.targets))
    sizes = {name: 0.0 if gradient is None else largest(gradient) for name, gradient in found.items()}
    limit = NEGLIGIBLE * max(sizes.values(), default=0.0)
    return [name for name in names if not 0 < sizes.get(name, 0.0) <= limit]


@check
def assert_frozen_parameters_stay(training: Training, *, steps: int = 3) -> str:
    """Every parameter that is frozen is, to the last bit, what it was after a few steps."""
    frozen = training.need("frozen")
    model = _begun(training)
    before = copies(frozen(model))
    if not before:
        raise NotApplicable(f"not applicable: {training.absent.get('frozen', 'the model has no frozen parameter')}")
    take_steps(training, model, steps, first=1)
    changed = moved(before, frozen(model))
    return unless(
        not changed,
        f"{len(before) - len(changed)} of {len(before)} frozen parameters stayed as they were in {steps} steps"
        + _but(changed),
        usually="`requires_grad` or `trainable` was set on the wrong object (a module has no `requires_grad`), after "
        "the model was compiled, or was set back; or weight decay moves parameters that get no gradient",
    )


@check
def assert_gradients_reach_every_parameter(training: Training, *, steps: int = 3, but: Sequence[str] = ()) -> str:
    """Every parameter gets a gradient that is finite, and not zero throughout in each of the first steps.

    `but` are patterns of names (`*.bias`) that are not looked at.
    """
    gradients = training.need("gradients")
    model = _begun(training)
    sizes: dict[str, float] = {}
    missing: set[str] = set()
    for number in range(steps):  # what lies behind a layer that begins at zero is reached in the second step
        seed_everything(training, SEED + number)
        found = gradients(model, copied(training.inputs), copied(training.targets))
        missing |= {name for name, gradient in found.items() if gradient is None}
        for name, gradient in found.items():
            size = 0.0 if gradient is None else largest(gradient)
            sizes[name] = max(sizes.get(name, 0.0), size) if math.isfinite(size) else math.inf
        one_step(training, model, seed=SEED + number)
    return _judge_gradients({name: sizes[name] for name in _judged(sizes, but)}, missing, steps)


def _judge_gradients(sizes: dict[str, float], missing: set[str], steps: int) -> str:
    if not sizes:
        raise NotApplicable("not applicable: the model has no parameters that are to be trained")
    infinite = [name for name, size in sizes.items() if not math.isfinite(size)]
    unless(
        not infinite,
        f"{len(infinite)} of {len(sizes)} gradients are not finite: {listed(infinite)}",
        usually="a root, logarithm or norm at 0, an overflow in float16, or a loss that is itself infinite",
    )
    unreached = [f"{name} ({'none' if name in missing else 'zero'})" for name, size in sizes.items() if size == 0]
    return unless(
        not unreached,
        f"{len(sizes) - len(unreached)} of {len(sizes)} parameters got a gradient in {steps} steps" + _but(unreached),
        usually="the layer's result is not used (each layer of a stack is applied to the input in place of the layer "
        "before it, so only the last one counts), a `detach`, `no_grad` or rounding cuts the graph, or all units of a "
        "ReLU are dead",
    )
