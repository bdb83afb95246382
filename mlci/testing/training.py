"""What is tested: how a model is made, trained one step and asked, over whichever framework."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlci.testing.batches import size

Model = Any
"""Whatever `make` returns and the other functions of a `Training` take: a model with its optimizer, say."""
Batch = Any
"""Inputs or targets: an array, tensor or frame of an example a row, a list of examples, a tuple or mapping of these."""


class TrainingCheckFailed(AssertionError):  # noqa: N818 - a test that fails, not a program that does
    """A training check found something: what was measured, and what that usually means."""


class NotApplicable(unittest.SkipTest):
    """A check has no meaning for this training, or needs something that was not given: pytest shows it as skipped."""


def _nothing(_seed: int) -> None:
    """Seed nothing: Python and NumPy are seeded by the checks themselves."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a model is made, trained and asked, with one batch of at least two examples to try it on.

    `make`, `step` and `predict` are the step callback; every other function lets more checks apply. The adapters of
    `mlci.testing.torch`, `.keras` and `.sklearn` fill them in.
    """

    make: Callable[[int], Model]
    """Makes a new, untrained model from a seed."""
    step: Callable[[Model, Batch, Batch], Any]
    """Trains the model on one batch in place, `step(model, inputs, targets)`, and returns the batch's loss."""
    predict: Callable[[Model, Batch], Any]
    """Returns one row of numbers for each input, in inference mode: scores of the classes, or values."""
    inputs: Batch
    targets: Batch
    classes: int | None = None
    """How many classes there are; None for a regression."""
    framework: str = "a step callback"
    in_steps: bool = True
    """Whether `step` goes on from where it was; otherwise each call trains anew, on the batch alone."""
    loss_is_before_update: bool = True
    """Whether `step` returns the loss before its own update (otherwise the one after it)."""
    seed: Callable[[int], None] = _nothing
    """Seeds the framework's random numbers."""
    isolate: Callable[[], AbstractContextManager[Any]] = nullcontext
    """Keeps the framework's global state as it is while a check runs."""
    epsilon: Callable[[Model], float] | None = None
    """The machine epsilon of the numbers that the model computes with; that of its predictions when left out."""
    labels: Callable[[Model, Batch], Any] | None = None
    """Predicted labels in the form of `targets`; the class of the highest score when left out."""
    parameters: Callable[[Model], Mapping[str, Any]] | None = None
    """The parameters that training should change, by name."""
    frozen: Callable[[Model], Mapping[str, Any]] | None = None
    """The parameters that training should leave as they are, by name."""
    gradients: Callable[[Model, Batch, Batch], Mapping[str, Any]] | None = None
    """The gradient of the loss by name of parameter, None where none arrived; the model is not updated."""
    save: Callable[[Model, Path], None] | None = None
    """Writes the model, and what its training needs to go on, to a path."""
    load: Callable[[Path], Model] | None = None
    """Returns the model that was saved at a path, ready to train on."""
    learning_rate: Callable[[Model], float | Sequence[float]] | None = None
    """The learning rate, or that of each group of parameters, as it is now."""
    fit: Callable[[Model, tuple[Batch, Batch], tuple[Batch, Batch], int], Sequence[float]] | None = None
    """`fit(model, (inputs, targets), (validation inputs, targets), max_epochs)` trains with early stopping and returns
    the validation loss of each epoch that it ran."""
    experiment: Callable[[Batch, Batch, int], tuple[Any, Any]] | None = None
    """`experiment(inputs, targets, seed)` prepares, splits, trains and predicts; it returns true and predicted targets
    of the examples that were held out."""
    prepare: Callable[[Batch, Batch], tuple[Any, Any]] | None = None
    """`prepare(training inputs, held-out inputs)` fits the preprocessing and returns both as the model gets them."""
    write: Callable[[Model, Path], None] | None = None
    """Writes the artifacts of a trained model into a folder."""
    artifacts: Sequence[str] = ()
    """The artifacts that `write` is to leave there: paths relative to the folder, or patterns."""
    devices: Callable[[], Sequence[str]] | None = None
    """The devices of this machine, the first being the one that models are made on."""
    move: Callable[[Model, str], Model] | None = None
    """Returns the model on another device; `predict` then takes inputs as before."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """Why something has no meaning here, by the name of the attribute that is missing."""

    def __post_init__(self) -> None:
        if size(self.inputs) < 2:  # noqa: PLR2004
            raise ValueError("a training check needs a batch of at least two examples: one has no other to differ from")
        if size(self.targets) != size(self.inputs):
            raise ValueError(f"there are {size(self.inputs)} inputs and {size(self.targets)} targets")

    def need_steps(self) -> None:
        """Raise `NotApplicable` where each step trains anew."""
        if not self.in_steps:
            raise NotApplicable(f"not applicable: {self.absent.get('steps', 'the model learns at once, not in steps')}")

    def need(self, name: str) -> Any:
        """Return the function or value called `name`; raise `NotApplicable` with the reason where there is none."""
        found = getattr(self, name)
        if found is None or (name == "artifacts" and not found):
            raise NotApplicable(f"not applicable: {self.absent.get(name, f'{self.framework} was given no `{name}`')}")
        return found
