"""Keras 3 models (`.keras`), on whichever backend is installed: TensorFlow, PyTorch or JAX."""

from __future__ import annotations

import importlib.util
import os
from typing import Any, Callable, Dict, List, Sequence

from . import Unusable

PACKAGES = {"keras": "keras", "tensorflow": "tensorflow", "torch": "torch", "jax": "jax"}

_BACKENDS = ("tensorflow", "torch", "jax")


def fits(path: str) -> bool:
    """Return whether `path` is named as such files are."""
    return path.lower().endswith(".keras")


def load(path: str, settings: Dict[str, Any]) -> Callable[[List[Any]], Any]:
    """Load the model without its optimiser; Keras refuses code hidden in it (its `safe_mode`)."""
    if "KERAS_BACKEND" not in os.environ:
        found = [name for name in _BACKENDS if importlib.util.find_spec(name) is not None]
        if not found:
            raise Unusable("Keras needs one of %s, and none is installed beside the project" % ", ".join(_BACKENDS))
        os.environ["KERAS_BACKEND"] = found[0]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    try:
        model = keras.saving.load_model(path, compile=False)
    except ValueError as error:
        raise Unusable("Keras cannot read it: %s" % (str(error).strip().splitlines() or [""])[0][:200]) from error

    def predict(inputs: List[Any]) -> Any:
        from .. import outputs

        said = model.predict_on_batch(_given(inputs, settings))
        return outputs.predictions(said, settings)

    return predict


def _given(inputs: Sequence[Any], settings: Dict[str, Any]) -> Any:
    from .. import inputs as shapes

    if shapes.are_texts(inputs, settings):
        import numpy

        return numpy.asarray(list(inputs), dtype=object)
    return shapes.tensor(inputs, settings, "channels-last")
