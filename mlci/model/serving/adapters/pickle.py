"""Pickled models, with joblib or pickle: scikit-learn, XGBoost, LightGBM, or any object with `predict`."""

from __future__ import annotations

import warnings
from typing import Any, Callable, Dict, List, Sequence

from . import Unusable

PACKAGES = {"sklearn": "scikit-learn", "joblib": "joblib"}


def fits(path: str) -> bool:
    """Return whether `path` is named as such files are."""
    return path.lower().endswith((".joblib", ".pkl", ".pickle"))


def load(path: str, settings: Dict[str, Any]) -> Callable[[List[Any]], Any]:
    """Unpickle the model; texts are given as a list, rows as a frame, or a matrix where it was fitted on one."""
    model = _read(path)
    if hasattr(model, "predict"):
        return lambda inputs: _predict(model, _given(model, inputs, settings), settings)
    if callable(model):
        found: Callable[[List[Any]], Any] = model
        return found
    raise Unusable("the file holds a %s, which has no `predict`" % type(model).__name__)


def _read(path: str) -> Any:
    try:
        import joblib
    except ImportError:
        if path.lower().endswith(".joblib"):
            raise
        import pickle

        with open(path, "rb") as file:
            return pickle.load(file)
    return joblib.load(path)


def _given(model: Any, inputs: Sequence[Any], settings: Dict[str, Any]) -> Any:
    from .. import inputs as shapes

    if settings.get("image") is not None:
        images = shapes.images(inputs, settings, "channels-last")
        return images.reshape(len(images), -1)
    if not shapes.are_rows(inputs):
        return list(inputs)
    fitted = [str(name) for name in getattr(model, "feature_names_in_", ())]
    if fitted or not shapes.all_numbers(inputs):
        return shapes.frame(inputs, settings, fitted)
    return shapes.matrix(inputs, settings)


def _predict(model: Any, given: Any, settings: Dict[str, Any]) -> Any:
    """Return labels with probabilities where the model has both, else what `predict` returns."""
    import numpy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # names of features that a matrix does not have
        said = numpy.asarray(model.predict(given))
        classes = list(getattr(model, "classes_", ()))
        probable = getattr(model, "predict_proba", None)
        shares = numpy.asarray(probable(given)) if callable(probable) and classes else None
    names = _names(settings, classes)
    if said.ndim > 1 and said.shape[1] == 1:
        said = said[:, 0]
    labels = [names.get(one, one) for one in said.tolist()] if said.ndim == 1 else said.tolist()
    if shares is None or shares.ndim != 2 or said.ndim != 1 or shares.shape[1] != len(classes):  # noqa: PLR2004
        return labels
    keys = [names.get(one, one) for one in numpy.asarray(classes).tolist()]
    return [{"label": label, "probabilities": dict(zip(keys, row))} for label, row in zip(labels, shares.tolist())]


def _names(settings: Dict[str, Any], classes: Sequence[Any]) -> Dict[Any, Any]:
    """Return the configured name of each class, by the class; none where no names are configured."""
    labels = settings.get("labels") or ()
    if labels and len(labels) != len(classes):
        raise Unusable("the model has %d classes, and `labels` names %d" % (len(classes), len(labels)))
    import numpy

    return dict(zip(numpy.asarray(classes).tolist(), labels))
