"""PyTorch: a `Training` of a module, its loss and its optimizer."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import torch

from mlci.testing.arrays import as_array
from mlci.testing.training import Batch, Training

Module = Any
"""A `torch.nn.Module`."""


@dataclass(kw_only=True)
class Learner:
    """A module with what trains it: what the functions of this training take as their model."""

    module: Module
    optimizer: Any
    scheduler: Any
    device: str


@dataclass(frozen=True, kw_only=True)
class TorchTraining:
    """The functions of a PyTorch training, each over a `Learner`."""

    model: Callable[[], Module] | Module
    loss: Callable[[Any, Any], Any] | None
    optimizer: Callable[[Module], Any]
    scheduler: Callable[[Any], Any] | None
    own_step: Callable[[Module, Any, Any, Any], Any] | None
    own_predict: Callable[[Module, Any], Any] | None
    own_save: Callable[[Path, Module, Any], None] | None
    own_load: Callable[[Path, Module, Any], None] | None
    frozen_names: Sequence[str]
    device: str

    def make(self, _seed: int) -> Learner:
        """Return a new module with its optimizer; a module that was given is copied."""
        module = copy.deepcopy(self.model) if isinstance(self.model, torch.nn.Module) else self.model()
        module = module.to(self.device).train()
        optimizer = self.optimizer(module)
        return Learner(
            module=module,
            optimizer=optimizer,
            scheduler=self.scheduler(optimizer) if self.scheduler else None,
            device=self.device,
        )

    def step(self, learner: Learner, inputs: Batch, targets: Batch) -> Any:
        """Train one step, by the project's own function where there is one."""
        learner.module.train()
        inputs, targets = _on(inputs, learner.device), _on(targets, learner.device)
        if self.own_step is not None:
            return self.own_step(learner.module, learner.optimizer, inputs, targets)
        learner.optimizer.zero_grad()
        loss = self._loss(learner, inputs, targets)
        loss.backward()
        learner.optimizer.step()
        if learner.scheduler is not None:
            learner.scheduler.step()
        return loss

    def _loss(self, learner: Learner, inputs: Batch, targets: Batch) -> Any:
        if self.loss is None:
            raise TypeError("a PyTorch training needs `loss(outputs, targets)`")
        return self.loss(_forward(learner.module, inputs), targets)

    def predict(self, learner: Learner, inputs: Batch) -> Any:
        """Return the outputs in inference mode, without gradients; the module is left in the mode it was in."""
        was_training = learner.module.training
        learner.module.eval()
        try:
            with torch.no_grad():
                return (self.own_predict or _forward)(learner.module, _on(inputs, learner.device))
        finally:
            learner.module.train(was_training)

    def parameters(self, learner: Learner) -> dict[str, Any]:
        """Return what is to be trained, layers that a plain list hides from PyTorch included."""
        frozen = self.frozen(learner)
        found = {name: each for name, each in learner.module.named_parameters() if each.requires_grad}
        return {name: each for name, each in {**found, **unregistered(learner.module)}.items() if name not in frozen}

    def frozen(self, learner: Learner) -> dict[str, Any]:
        """Return the parameters whose names match the patterns; without patterns those that need no gradient."""
        every = dict(learner.module.named_parameters())
        if not self.frozen_names:
            return {name: each for name, each in every.items() if not each.requires_grad}
        unknown = [each for each in self.frozen_names if not any(fnmatchcase(name, each) for name in every)]
        if unknown:
            raise ValueError(f"no parameter is called {', '.join(unknown)}; there are {', '.join(every)}")
        return {name: each for name, each in every.items() if any(fnmatchcase(name, one) for one in self.frozen_names)}

    def gradients(self, learner: Learner, inputs: Batch, targets: Batch) -> dict[str, Any]:
        """Return the gradients of one backward pass, and leave none behind."""
        learner.module.train().zero_grad()
        for each in unregistered(learner.module).values():
            each.grad = None
        if self.own_step is not None and self.loss is None:
            gradients = self._gradients_of_own_step(learner, inputs, targets)
        else:
            self._loss(learner, _on(inputs, learner.device), _on(targets, learner.device)).backward()
            gradients = {name: _gradient(each) for name, each in self.parameters(learner).items()}
        learner.module.zero_grad()
        return gradients

    def _gradients_of_own_step(self, learner: Learner, inputs: Batch, targets: Batch) -> dict[str, Any]:
        """Return the gradients that the project's own step leaves behind, taken from a copy of module and optimizer."""
        twin = copy.deepcopy(learner)
        self.step(twin, inputs, targets)
        return {name: _gradient(each) for name, each in self.parameters(twin).items()}

    def save(self, learner: Learner, path: Path) -> None:
        """Write the state of module, optimizer and schedule, or call the project's own function."""
        if self.own_save is not None:
            self.own_save(path, learner.module, learner.optimizer)
            return
        parts = {"module": learner.module, "optimizer": learner.optimizer, "scheduler": learner.scheduler}
        torch.save({name: part.state_dict() for name, part in parts.items() if part is not None}, path)

    def load(self, path: Path) -> Learner:
        """Return a new module, drawn from another seed, with the state that was saved."""
        torch.manual_seed(torch.initial_seed() + 1)
        learner = self.make(0)
        if self.own_load is not None:
            self.own_load(path, learner.module, learner.optimizer)
            return learner
        state = torch.load(path, map_location=self.device, weights_only=True)
        for name, part in (
            ("module", learner.module),
            ("optimizer", learner.optimizer),
            ("scheduler", learner.scheduler),
        ):
            if part is not None:
                part.load_state_dict(state[name])
        return learner

    def move(self, learner: Learner, device: str) -> Learner:
        """Return a copy of the module on another device, to predict with."""
        return Learner(module=copy.deepcopy(learner.module).to(device), optimizer=None, scheduler=None, device=device)


def training_of(
    model: Callable[[], Module] | Module,
    loss: Callable[[Any, Any], Any] | None,
    optimizer: Callable[[Module], Any],
    *,
    inputs: Batch,
    targets: Batch,
    classes: int | None = None,
    scheduler: Callable[[Any], Any] | None = None,
    step: Callable[[Module, Any, Any, Any], Any] | None = None,
    predict: Callable[[Module, Any], Any] | None = None,
    save: Callable[[Path, Module, Any], None] | None = None,
    load: Callable[[Path, Module, Any], None] | None = None,
    frozen: Sequence[str] = (),
    device: str = "cpu",
    **others: Any,
) -> Training:
    """Return the training of a PyTorch module.

    Args:
        model: A function (or class) that makes the module, or a module, which is copied and never changed. With a
            function a seed decides the first weights, so more checks mean something.
        loss: `loss(outputs, targets)`, the mean over the batch. None where `step` computes it alone.
        optimizer: `optimizer(module)`, such as `lambda module: torch.optim.Adam(module.parameters())`.
        inputs: One batch: a tensor, or a tuple or mapping of tensors, which become the arguments of the module.
        targets: What the loss takes.
        classes: The number of classes; None for a regression.
        scheduler: `scheduler(optimizer)`, stepped after each step.
        step: The project's own `step(module, optimizer, inputs, targets)`, which returns the loss.
        predict: `predict(module, inputs)` where the outputs of the module are not the predictions.
        save: The project's own `save(path, module, optimizer)`.
        load: The project's own `load(path, module, optimizer)` into a new module.
        frozen: Patterns of the names of parameters that must not change; without them, those that need no gradient.
        device: Where models are made.
        others: Further attributes of `Training`: `labels`, `fit`, `experiment`, `prepare`, `write`, `artifacts`.
    """
    torch_training = TorchTraining(
        model=model,
        loss=loss,
        optimizer=optimizer,
        scheduler=scheduler,
        own_step=step,
        own_predict=predict,
        own_save=save,
        own_load=load,
        frozen_names=tuple(frozen),
        device=device,
    )
    return Training(
        **{
            **{name: getattr(torch_training, name) for name in _OFFERED},
            "inputs": inputs,
            "targets": targets,
            "classes": classes,
            "framework": "PyTorch",
            "seed": torch.manual_seed,
            "isolate": isolate,
            "epsilon": epsilon,
            "learning_rate": lambda learner: [group["lr"] for group in learner.optimizer.param_groups],
            "devices": lambda: devices(device),
            "absent": {"frozen": "no parameter is frozen (name those that should be in `frozen`)"},
            **others,
        }
    )


_OFFERED = ("make", "step", "predict", "parameters", "frozen", "gradients", "save", "load", "move")


def unregistered(module: Module) -> dict[str, Any]:
    """Return the parameters that PyTorch does not know of: layers in plain lists, tuples and dicts of a module."""
    known = {id(each) for each in module.parameters()}
    found: dict[str, Any] = {}
    for prefix, owner in module.named_modules():
        for name, value in vars(owner).items():
            for place, each in _in_containers(value) if not name.startswith("_") else ():
                label = f"{prefix}.{name}{place}" if prefix else f"{name}{place}"
                inner = {"": each} if isinstance(each, torch.nn.Parameter) else dict(each.named_parameters())
                for inner_name, parameter in inner.items():
                    if id(parameter) not in known:
                        found[f"{label}{inner_name and '.'}{inner_name} (not registered)"] = parameter
    return found


def _in_containers(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the modules and parameters in plain lists, tuples and dicts, at any depth, with where they stand."""
    items: Iterator[tuple[Any, Any]]
    if isinstance(value, Mapping):
        items = iter(value.items())
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        return
    for key, each in items:
        if isinstance(each, torch.nn.Module | torch.nn.Parameter):
            yield f"[{key!r}]", each
        else:
            yield from ((f"[{key!r}]{place}", inner) for place, inner in _in_containers(each))


def _gradient(parameter: Any) -> Any:
    return None if parameter.grad is None else as_array(parameter.grad).copy()


def _forward(module: Module, inputs: Batch) -> Any:
    if isinstance(inputs, Mapping):
        return module(**inputs)
    return module(*inputs) if isinstance(inputs, tuple) else module(inputs)


def _on(batch: Batch, device: str) -> Batch:
    if isinstance(batch, Mapping):
        return {name: _on(part, device) for name, part in batch.items()}
    if isinstance(batch, tuple):
        return tuple(_on(part, device) for part in batch)
    return batch.to(device) if hasattr(batch, "to") else batch


def epsilon(learner: Learner) -> float:
    """Return the machine epsilon of the coarsest floating-point parameter."""
    kinds = {each.dtype for each in learner.module.parameters() if each.dtype.is_floating_point}
    return max((float(torch.finfo(kind).eps) for kind in kinds), default=0.0)


def devices(first: str) -> list[str]:
    """Return the devices that PyTorch can use here, with `first` at the head."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [first, *(each for each in found if each != torch.device(first).type)]


def isolate() -> AbstractContextManager[None]:
    """Keep PyTorch's random state, and whether gradients are recorded, as they are."""
    return _isolated()


@contextmanager
def _isolated() -> Iterator[None]:
    recording = torch.is_grad_enabled()
    with torch.random.fork_rng():
        torch.set_grad_enabled(True)
        try:
            yield
        finally:
            torch.set_grad_enabled(recording)
