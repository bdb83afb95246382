"""MLflow models: a folder with `MLmodel`, through its pyfunc flavour."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Sequence

PACKAGES = {"mlflow": "mlflow-skinny", "pandas": "pandas"}


def fits(path: str) -> bool:
    """Return whether `path` is a folder that MLflow saved."""
    return os.path.isfile(os.path.join(path, "MLmodel"))


def load(path: str, settings: Dict[str, Any]) -> Callable[[List[Any]], Any]:
    """Load the model; rows are given as a frame, other inputs as the one column of its signature, or as a list."""
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(path)
    return lambda inputs: _predictions(model.predict(_given(model, inputs, settings)), len(inputs), settings)


def _given(model: Any, inputs: Sequence[Any], settings: Dict[str, Any]) -> Any:
    import numpy
    import pandas

    from .. import inputs as shapes

    schema = model.metadata.get_input_schema()
    names = schema.input_names() if schema is not None and schema.has_input_names() else []
    if settings.get("image") is not None:
        return shapes.images(inputs, settings, "channels-last")
    if shapes.are_rows(inputs):
        frame = shapes.frame(inputs, settings, names)
        whole = [name for name in frame if name in names and _wants_double(schema, name)]
        return frame.astype(dict.fromkeys(whole, "float64"))
    if len(names) == 1:
        return pandas.DataFrame({names[0]: list(inputs)})
    return list(inputs) if shapes.are_texts(inputs, settings) else numpy.asarray(inputs)


def _wants_double(schema: Any, name: str) -> bool:
    """Return whether a column is of double precision: a column of whole numbers is then refused as it is."""
    return any(one.name == name and getattr(one.type, "name", "") == "double" for one in schema.inputs)


def _predictions(said: Any, expected: int, settings: Dict[str, Any]) -> Any:
    """Return what the model answered: a frame may hold labels alone, or `label` and a column for each class."""
    from .. import outputs

    if hasattr(said, "columns") and hasattr(said, "iloc"):
        if len(said.columns) == 1:
            said = said.iloc[:, 0]
        elif "label" in said.columns:
            rest = [name for name in said.columns if name != "label"]
            shares = said[rest].to_dict("records")
            return [{"label": label, "probabilities": share} for label, share in zip(said["label"].tolist(), shares)]
        else:
            named = {**settings, "labels": settings.get("labels") or [str(name) for name in said.columns]}
            return outputs.predictions(said.to_numpy(), named)
    if isinstance(said, list) and len(said) == expected and not all(isinstance(one, (list, tuple)) for one in said):
        return said
    return outputs.predictions(said, settings)
