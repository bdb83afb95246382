"""scikit-learn, and what has its interface: a `Training` of an estimator."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mlci.testing.arrays import as_array, as_numbers
from mlci.testing.training import Batch, Training

Estimator = Any
"""Anything with `fit` and `predict`, and `partial_fit` where it learns step by step."""

_COUNTS = ("classes_", "class_count_", "class_prior_", "loss_curve_", "n_iter_", "feature_names_in_")
_ABSENT = {
    "gradients": "scikit-learn shows no gradients",
    "frozen": "scikit-learn freezes no parameters (name attributes that should stay in `frozen`)",
    "devices": "scikit-learn computes on the CPU alone",
    "move": "scikit-learn computes on the CPU alone",
}
_AT_ONCE = "this estimator learns a batch at once, not in steps"


@dataclass(frozen=True, kw_only=True)
class SklearnTraining:
    """The functions of a training of an estimator, which is itself the model."""

    estimator: Callable[[], Estimator] | Estimator
    targets: Batch
    classes: int | None
    loss: Callable[[Any, Any], float] | None
    own_step: Callable[[Estimator, Any, Any], Any] | None
    own_save: Callable[[Path, Estimator], None] | None
    own_load: Callable[[Path], Estimator] | None
    frozen_names: Sequence[str]

    def make(self, _seed: int) -> Estimator:
        """Return a new, unfitted estimator; one that was given is cloned."""
        if hasattr(self.estimator, "get_params") and not isinstance(self.estimator, type):
            from sklearn.base import clone

            return clone(self.estimator)
        return copy.deepcopy(self.estimator) if hasattr(self.estimator, "predict") else self.estimator()

    def step(self, model: Estimator, inputs: Batch, targets: Batch) -> float:
        """Train one step, or anew where there are no steps, and return the loss.

        It is the `loss_` of the estimator where that has one (before the update), else what is computed after it.
        """
        if self.own_step is not None:
            returned = self.own_step(model, inputs, targets)
            return float(self._loss(model, inputs, targets) if returned is None else returned)
        if hasattr(model, "partial_fit"):
            labels = {} if self.classes is None or not _takes_classes(model) else {"classes": self._known()}
            model.partial_fit(inputs, targets, **labels)
        else:
            model.fit(inputs, targets)
        own = getattr(model, "loss_", None) if hasattr(model, "partial_fit") else None
        return float(own) if isinstance(own, int | float) else self._loss(model, inputs, targets)

    def _known(self) -> Any:
        import numpy as np

        return np.unique(as_array(self.targets))

    def _loss(self, model: Estimator, inputs: Batch, targets: Batch) -> float:
        outputs = self.predict(model, inputs)
        if self.loss is not None:
            return float(self.loss(outputs, targets))
        if self.classes is None:
            return float(((as_numbers(targets).reshape(outputs.shape) - outputs) ** 2).mean())
        if hasattr(model, "predict_proba"):
            from sklearn.metrics import log_loss

            return float(log_loss(targets, outputs, labels=model.classes_))
        return _hinge(outputs, as_array(targets), as_array(model.classes_))

    def predict(self, model: Estimator, inputs: Batch) -> Any:
        """Return probabilities or decision values of a classifier, one column a class; values of a regressor."""
        if self.classes is None:
            return as_array(model.predict(inputs))
        for name in ("predict_proba", "decision_function"):
            if hasattr(model, name):
                return as_array(getattr(model, name)(inputs))
        labels = as_array(model.predict(inputs))
        return (labels.reshape(-1, 1) == as_array(model.classes_).reshape(1, -1)).astype(float)

    def parameters(self, model: Estimator) -> dict[str, Any]:
        """Return the fitted arrays of floats by the name of their attribute; those of lists with their place."""
        frozen = self.frozen(model) if self.frozen_names else {}
        return {name: each for name, each in fitted_arrays(model).items() if name not in frozen}

    def frozen(self, model: Estimator) -> dict[str, Any]:
        """Return the fitted arrays whose names match the patterns in `frozen`."""
        every = fitted_arrays(model)
        unknown = [each for each in self.frozen_names if not any(fnmatchcase(name, each) for name in every)]
        if unknown and every:
            raise ValueError(f"no fitted array is called {', '.join(unknown)}; there are {', '.join(every)}")
        return {name: each for name, each in every.items() if any(fnmatchcase(name, one) for one in self.frozen_names)}

    def save(self, model: Estimator, path: Path) -> None:
        """Write the estimator by pickle, or by the project's own function."""
        if self.own_save is not None:
            self.own_save(path, model)
        else:
            path.write_bytes(pickle.dumps(model))

    def load(self, path: Path) -> Estimator:
        """Return the estimator that was written."""
        return self.own_load(path) if self.own_load is not None else pickle.loads(path.read_bytes())  # noqa: S301 - own


def training_of(
    estimator: Callable[[], Estimator] | Estimator,
    *,
    inputs: Batch,
    targets: Batch,
    classes: int | None = None,
    loss: Callable[[Any, Any], float] | None = None,
    step: Callable[[Estimator, Any, Any], Any] | None = None,
    save: Callable[[Path, Estimator], None] | None = None,
    load: Callable[[Path], Estimator] | None = None,
    frozen: Sequence[str] = (),
    **others: Any,
) -> Training:
    """Return the training of an estimator: a step is `partial_fit` on the batch, or `fit` where there is none.

    Args:
        estimator: A function that makes an unfitted estimator, or an estimator, which is cloned and never changed.
        inputs: One batch: an array, frame, sparse matrix, or list of texts.
        targets: Its labels or values.
        classes: The number of classes; None for a regression.
        loss: `loss(predictions, targets)`; log loss, hinge loss or mean squared error when left out.
        step: The project's own `step(estimator, inputs, targets)`; it may return the loss of after its update.
        save: The project's own `save(path, estimator)`; pickle when left out.
        load: The project's own `load(path)`.
        frozen: Patterns of the names of fitted arrays that must not change.
        others: Further attributes of `Training`: `fit`, `experiment`, `prepare`, `write`, `artifacts`, …
    """
    functions = SklearnTraining(
        estimator=estimator,
        targets=targets,
        classes=classes,
        loss=loss,
        own_step=step,
        own_save=save,
        own_load=load,
        frozen_names=tuple(frozen),
    )
    trial = functions.make(0)
    in_steps = step is not None or (hasattr(trial, "partial_fit") and not _is_closed_form(trial))
    absent = _ABSENT if in_steps else {**_ABSENT, **dict.fromkeys(("parameters", "steps"), _AT_ONCE)}
    before = step is None and in_steps and _is_perceptron(trial)
    offered = {name: getattr(functions, name) for name in ("make", "step", "predict", "save", "load")}
    return Training(
        **{
            **offered,
            "inputs": inputs,
            "targets": targets,
            "classes": classes,
            "framework": "scikit-learn",
            "in_steps": in_steps,
            "loss_is_before_update": before,
            "labels": None if classes is None else lambda model, batch: model.predict(batch),
            "parameters": functions.parameters if in_steps else None,
            "frozen": functions.frozen if frozen else None,
            "learning_rate": _learning_rate if _has_learning_rate(trial) else None,
            "absent": absent,
            **others,
        }
    )


def fitted_arrays(model: Estimator) -> dict[str, Any]:
    """Return the arrays of floats that fitting made, by the name of their attribute (`coefs_[0]` within a list)."""
    found: dict[str, Any] = {}
    for name, value in vars(model).items():
        if not name.endswith("_") or name.startswith("_") or name in _COUNTS:
            continue
        several = enumerate(value) if isinstance(value, list) else ()
        found |= {name: value, **{f"{name}[{place}]": each for place, each in several}}
    return {name: each for name, each in found.items() if _is_array_of_floats(each)}


def _is_array_of_floats(value: Any) -> bool:
    return getattr(getattr(value, "dtype", None), "kind", "") == "f" and getattr(value, "ndim", 0) > 0


def _takes_classes(model: Estimator) -> bool:
    import inspect

    return "classes" in inspect.signature(model.partial_fit).parameters


def _hinge(scores: Any, targets: Any, classes: Any) -> float:
    """Return the mean hinge loss, one against the rest for several classes."""
    import numpy as np

    scores = scores.reshape(len(targets), -1)
    positive = classes[1:] if scores.shape[1] == 1 else classes
    signs = np.where(targets.reshape(-1, 1) == positive.reshape(1, -1), 1.0, -1.0)
    return float(np.maximum(0.0, 1 - signs * scores).mean())


def _is_perceptron(model: Estimator) -> bool:
    """Return whether `partial_fit` leaves the loss of before its update in `loss_`."""
    return any(each.__name__ == "BaseMultilayerPerceptron" for each in type(model).__mro__)


def _is_closed_form(model: Estimator) -> bool:
    """Return whether `partial_fit` counts, so that a batch that was seen already teaches nothing (naive Bayes)."""
    return any(each.__name__ in ("_BaseNB", "IncrementalPCA", "StandardScaler") for each in type(model).__mro__)


def _has_learning_rate(model: Estimator) -> bool:
    parameters: Mapping[str, Any] = model.get_params() if hasattr(model, "get_params") else {}
    return "learning_rate_init" in parameters


def _learning_rate(model: Estimator) -> float:
    """Return the rate that the optimizer of a multi-layer perceptron used last."""
    optimizer = getattr(model, "_optimizer", None)
    return float(model.learning_rate_init if optimizer is None else optimizer.learning_rate)
