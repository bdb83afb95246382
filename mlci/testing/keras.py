"""Keras 3, whichever its backend: a `Training` of a compiled model."""

from __future__ import annotations

import contextlib
import importlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import keras

from mlci.testing.training import Batch, Training

KerasModel = Any
"""A compiled `keras.Model`."""


@dataclass(frozen=True, kw_only=True)
class OnDevice:
    """A model that was moved to another device than the one that Keras chooses."""

    model: KerasModel
    device: str


@dataclass(frozen=True, kw_only=True)
class KerasTraining:
    """The functions of a Keras training, each over a compiled model."""

    model: Callable[[], KerasModel]
    own_step: Callable[[KerasModel, Any, Any], Any] | None
    own_predict: Callable[[KerasModel, Any], Any] | None
    own_save: Callable[[Path, KerasModel], None] | None
    own_load: Callable[[Path], KerasModel] | None
    frozen_names: Sequence[str]

    def make(self, _seed: int) -> KerasModel:
        """Return a new model."""
        return self.model()

    def step(self, model: KerasModel, inputs: Batch, targets: Batch) -> Any:
        """Train on the batch with `train_on_batch`, or by the project's own function, and return the loss."""
        _seed_dropout(model)
        if self.own_step is not None:
            return self.own_step(model, inputs, targets)
        model.reset_metrics()  # the loss of this batch, not the mean of all so far
        return model.train_on_batch(inputs, targets, return_dict=True)["loss"]

    def predict(self, model: KerasModel | OnDevice, inputs: Batch) -> Any:
        """Return the outputs in inference mode."""
        if isinstance(model, OnDevice):
            with keras.device(model.device):
                return self.predict(model.model, inputs)
        return (self.own_predict or type(model).predict_on_batch)(model, inputs)

    def parameters(self, model: KerasModel) -> dict[str, Any]:
        """Return the variables that Keras trains, by path, without those named in `frozen`."""
        frozen = self.frozen(model) if self.frozen_names else {}
        return {name: each for name, each in _by_path(model.trainable_variables).items() if name not in frozen}

    def frozen(self, model: KerasModel) -> dict[str, Any]:
        """Return the weights whose paths match the patterns; without any, those of layers that are not trainable."""
        if not self.frozen_names:
            still = [layer for layer in _layers(model) if not layer.trainable]
            return _by_path([weight for layer in still for weight in layer.weights])
        every = _by_path(model.weights)
        unknown = [each for each in self.frozen_names if not any(fnmatchcase(name, each) for name in every)]
        if unknown and every:
            raise ValueError(f"no weight is called {', '.join(unknown)}; there are {', '.join(every)}")
        return {name: each for name, each in every.items() if any(fnmatchcase(name, one) for one in self.frozen_names)}

    def gradients(self, model: KerasModel, inputs: Batch, targets: Batch) -> dict[str, Any]:
        """Return the gradients of the compiled loss, in training mode."""
        _seed_dropout(model)
        found = _GRADIENTS[keras.backend.backend()](model, inputs, targets)
        paths = _by_path(model.trainable_variables)
        wanted = self.parameters(model)
        return {name: each for name, each in zip(paths, found, strict=True) if name in wanted}

    def save(self, model: KerasModel, path: Path) -> None:
        """Write the model with its optimizer as `.keras`, or by the project's own function."""
        if self.own_save is not None:
            self.own_save(path, model)
        else:
            model.save(path.with_suffix(".keras"))

    def load(self, path: Path) -> KerasModel:
        """Return the model that was written."""
        if self.own_load is not None:
            return self.own_load(path)
        return keras.saving.load_model(path.with_suffix(".keras"))

    def move(self, model: KerasModel, device: str) -> OnDevice:
        """Return a copy of the model on another device, to predict with."""
        twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
        if not twin.built:
            twin.build(model.input_shape)
        twin.set_weights(model.get_weights())
        return OnDevice(model=twin.to(device), device=device)


def training_of(
    model: Callable[[], KerasModel],
    *,
    inputs: Batch,
    targets: Batch,
    classes: int | None = None,
    step: Callable[[KerasModel, Any, Any], Any] | None = None,
    predict: Callable[[KerasModel, Any], Any] | None = None,
    save: Callable[[Path, KerasModel], None] | None = None,
    load: Callable[[Path], KerasModel] | None = None,
    frozen: Sequence[str] = (),
    **others: Any,
) -> Training:
    """Return the training of a Keras model.

    Args:
        model: A function that makes a compiled model.
        inputs: One batch, as `train_on_batch` takes it.
        targets: Its targets.
        classes: The number of classes; None for a regression.
        step: The project's own `step(model, inputs, targets)`, which returns the loss.
        predict: `predict(model, inputs)` where the outputs of the model are not the predictions.
        save: The project's own `save(path, model)`.
        load: The project's own `load(path)`.
        frozen: Patterns of the paths of weights that must not change (`*/embedding/*`); without them, the weights of
            layers that are not trainable.
        others: Further attributes of `Training`: `labels`, `fit`, `experiment`, `prepare`, `write`, `artifacts`.
    """
    if isinstance(model, keras.Model):
        raise TypeError("`model` is a function that makes a compiled Keras model, such as `build` or `lambda: …`")
    functions = KerasTraining(
        model=model, own_step=step, own_predict=predict, own_save=save, own_load=load, frozen_names=tuple(frozen)
    )
    backend = keras.backend.backend()
    return Training(
        **{
            **{name: getattr(functions, name) for name in _OFFERED},
            "gradients": functions.gradients if backend in _GRADIENTS else None,
            "inputs": inputs,
            "targets": targets,
            "classes": classes,
            "framework": "Keras",
            "seed": keras.utils.set_random_seed,
            "isolate": isolate,
            "learning_rate": lambda model: keras.ops.convert_to_numpy(model.optimizer.learning_rate),
            "devices": devices if backend == "torch" else None,
            "move": functions.move if backend == "torch" else None,
            "absent": {
                "gradients": f"gradients of Keras are read on {' and '.join(_GRADIENTS)}, not on {backend}",
                "devices": f"models of Keras are moved on torch, not on {backend}",
                "frozen": "no layer is frozen (name weights that should be in `frozen`)",
            },
            **others,
        }
    )


_OFFERED = ("make", "step", "predict", "parameters", "frozen", "save", "load")


def _by_path(variables: Sequence[Any]) -> dict[str, Any]:
    """Return the values of variables by their path; a second one of the same path is numbered."""
    found: dict[str, Any] = {}
    for variable in variables:
        name, number = variable.path, 2
        while name in found:
            name, number = f"{variable.path} ({number})", number + 1
        found[name] = keras.ops.convert_to_numpy(variable)
    return found


def _layers(model: KerasModel) -> list[Any]:
    """Return the model's layers at any depth, the model itself included."""
    return list(model._flatten_layers())  # noqa: SLF001 - the public `layers` leaves out inner ones


def _seed_dropout(model: KerasModel) -> None:
    """Draw the state of each layer's own random numbers from Python's, so that a seed decides them."""
    for variable in model.variables:
        if variable.path.endswith("seed_generator_state"):
            variable.assign([random.getrandbits(31), 0])


def _torch_gradients(model: KerasModel, inputs: Batch, targets: Batch) -> list[Any]:
    outputs = model(inputs, training=True)
    model.zero_grad()
    model.compute_loss(x=inputs, y=targets, y_pred=outputs, training=True).backward()
    found = [variable.value.grad for variable in model.trainable_variables]
    kept = [None if each is None else each.detach().cpu().clone() for each in found]
    model.zero_grad()
    return kept


def _jax_gradients(model: KerasModel, inputs: Batch, targets: Batch) -> list[Any]:
    jax = importlib.import_module("jax")

    def loss_of(trainable: Any, others: Any) -> Any:
        outputs, _ = model.stateless_call(trainable, others, inputs, training=True)
        return model.compute_loss(x=inputs, y=targets, y_pred=outputs, training=True)

    if not model.built:
        model(inputs)
    values = [
        [variable.value for variable in each] for each in (model.trainable_variables, model.non_trainable_variables)
    ]
    return list(jax.grad(loss_of)(*values))


_GRADIENTS: dict[str, Callable[[KerasModel, Batch, Batch], list[Any]]] = {
    "torch": _torch_gradients,
    "jax": _jax_gradients,
}


def devices() -> list[str]:
    """Return the device that Keras uses on PyTorch and, where that is a GPU, the CPU."""
    return ["cuda", "cpu"] if importlib.import_module("torch").cuda.is_available() else ["cpu"]


@contextlib.contextmanager
def isolate() -> Iterator[None]:
    """Keep the random state of Keras and its backend as it is."""
    torch = importlib.import_module("torch") if keras.backend.backend() == "torch" else None
    before = _global_seed()
    try:
        with contextlib.nullcontext() if torch is None else torch.random.fork_rng():
            yield
    finally:
        _restore_global_seed(before)


_SEED_ATTRIBUTES = ("global_random_seed", "global_seed_generator")


def _global_seed() -> dict[str, Any]:
    """Return what Keras keeps of its global seed; nothing where it is kept in another place than is known here."""
    try:
        kept = importlib.import_module("keras.src.backend.common.global_state")
        return {name: kept.get_global_attribute(name) for name in _SEED_ATTRIBUTES}
    except (ImportError, AttributeError):
        return {}


def _restore_global_seed(before: dict[str, Any]) -> None:
    if before:
        kept = importlib.import_module("keras.src.backend.common.global_state")
        for name, value in before.items():
            kept.set_global_attribute(name, value)
