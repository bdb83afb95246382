"""ONNX models, run by ONNX Runtime: one tensor of texts, numbers or pixels, or an input for each column."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Sequence

from . import Unusable

PACKAGES = {"onnxruntime": "onnxruntime", "numpy": "numpy"}

_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(uint8)": "uint8",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


def fits(path: str) -> bool:
    """Return whether `path` is named as such files are."""
    return path.lower().endswith(".onnx")


def load(path: str, settings: Dict[str, Any]) -> Callable[[List[Any]], Any]:
    """Open a session, on the CPU unless the runtime was built for another device alone."""
    import onnxruntime

    known = onnxruntime.get_available_providers()
    wanted = [name for name in ("CPUExecutionProvider",) if name in known] or known
    try:
        session = onnxruntime.InferenceSession(path, providers=wanted)
    except Exception as error:
        raise Unusable("ONNX Runtime cannot read it: %s" % _first_line(error)) from error

    def predict(inputs: List[Any]) -> Any:
        if _one_at_a_time(session):
            return [one for each in inputs for one in _run(session, [each], settings)]
        return _run(session, inputs, settings)

    return predict


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _one_at_a_time(session: Any) -> bool:
    """Return whether the model was exported for batches of one."""
    return all(one.shape and one.shape[0] == 1 for one in session.get_inputs())


def _run(session: Any, inputs: Sequence[Any], settings: Dict[str, Any]) -> Any:
    names = [one.name for one in session.get_outputs()]
    return _predictions(dict(zip(names, session.run(names, _feed(session.get_inputs(), inputs, settings)))), settings)


def _feed(wanted: Sequence[Any], inputs: Sequence[Any], settings: Dict[str, Any]) -> Dict[str, Any]:
    from .. import inputs as shapes

    if len(wanted) > 1:
        if not shapes.are_rows(inputs):
            raise Unusable("it takes %d inputs, and each of ours is one value" % len(wanted))
        shapes.columns_of(inputs, {"columns": [one.name for one in wanted]})
        return {one.name: _column(one, [row[one.name] for row in inputs]) for one in wanted}
    (one,) = wanted
    if settings.get("image") is not None:
        return {one.name: shapes.images(inputs, settings).astype(_type(one))}
    if shapes.are_rows(inputs) and _type(one) != "object":
        return {one.name: shapes.matrix(inputs, settings).astype(_type(one))}
    return {one.name: _column(one, inputs)}


def _column(one: Any, values: Sequence[Any]) -> Any:
    """Return the values of one input as an array of its type and number of dimensions."""
    import numpy

    kind = _type(one)
    if kind == "object":
        bad = next((value for value in values if not isinstance(value, str)), None)
        if bad is not None:
            raise Unusable("its input %s takes texts, not a %s" % (one.name, type(bad).__name__))
    elif any(isinstance(value, str) for value in values):
        raise Unusable("its input %s takes numbers, and it was given a text" % one.name)
    array = numpy.asarray([numpy.nan if value is None else value for value in values], dtype=kind)
    return array.reshape([len(values)] + [1] * (len(one.shape or [0]) - 1))


def _type(one: Any) -> str:
    if one.type not in _TYPES:
        raise Unusable("its input %s is of the type %s, which is not known" % (one.name, one.type))
    return _TYPES[one.type]


def _predictions(found: Dict[str, Any], settings: Dict[str, Any]) -> Any:
    """Return what the outputs say: labels and probabilities as scikit-learn's converters name them, or an array."""
    import numpy

    from .. import outputs

    values = list(found.values())
    if len(values) == 1 and not isinstance(values[0], list):
        return outputs.predictions(values[0], settings)
    if len(values) != 2:  # noqa: PLR2004 - a label and its probabilities
        raise Unusable("it puts out %s: one output, or a label and its probabilities, can be read" % ", ".join(found))
    labels, shares = numpy.asarray(values[0]).reshape(-1).tolist(), values[1]
    if isinstance(shares, list):  # a map for each input
        names = _renamed(shares, settings)
        return [
            {"label": names.get(label, label), "probabilities": {names.get(key, key): p for key, p in share.items()}}
            for label, share in zip(labels, shares)
        ]
    return _with_classes(labels, numpy.asarray(shares), settings)


def _renamed(shares: Sequence[Dict[Any, Any]], settings: Dict[str, Any]) -> Dict[Any, Any]:
    """Return the configured name of each class that is a number, in the order of the numbers."""
    names, classes = list(settings.get("labels") or ()), sorted(shares[0], key=str) if shares else []
    if not names or not all(isinstance(one, int) for one in classes):
        return {}
    if len(names) != len(classes):
        raise Unusable("it has %d classes, and `labels` names %d" % (len(classes), len(names)))
    return dict(zip(sorted(classes), names))


def _with_classes(labels: List[Any], shares: Any, settings: Dict[str, Any]) -> Any:
    """Return labels with a matrix of probabilities, which does not name its classes."""
    names = list(settings.get("labels") or ())
    if names and len(names) != shares.shape[1]:
        raise Unusable("it puts out %d probabilities, and `labels` names %d" % (shares.shape[1], len(names)))
    if names:
        places = all(isinstance(label, int) for label in labels) and not set(labels) <= set(names)
        labels = [names[label] for label in labels] if places else labels
    elif all(isinstance(label, int) for label in labels):
        names = list(range(shares.shape[1]))
    if not names:
        return labels
    return [{"label": label, "probabilities": dict(zip(names, row))} for label, row in zip(labels, shares.tolist())]
