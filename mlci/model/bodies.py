"""What endpoints are sent and where their answers hold predictions: pure functions, one for each shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlci.errors import CannotRun

_KEYS = ("predictions", "outputs", "results", "labels")


def _inputs(batch: Sequence[Any]) -> dict[str, Any]:
    return {"inputs": list(batch)}


def _instances(batch: Sequence[Any]) -> dict[str, Any]:
    """The shape of TensorFlow Serving, KServe 1 and Vertex AI."""
    return {"instances": list(batch)}


def _mlflow(batch: Sequence[Any]) -> dict[str, Any]:
    """The shape of MLflow's scoring server: rows as records of a frame."""
    return {"dataframe_records": list(batch)} if isinstance(batch[0], Mapping) else {"inputs": list(batch)}


def _kserve(batch: Sequence[Any]) -> dict[str, Any]:
    """The Open Inference Protocol (KServe 2, Triton, MLServer): a tensor for texts, or one for each column."""
    columns = {name: [row[name] for row in batch] for name in batch[0]} if isinstance(batch[0], Mapping) else None
    return {"inputs": [_tensor(name, values) for name, values in (columns or {"input": list(batch)}).items()]}


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    kinds = {type(value) for value in values}
    datatype = (
        "BOOL" if kinds == {bool} else "INT64" if kinds == {int} else "FP64" if kinds <= {int, float} else "BYTES"
    )
    return {"name": name, "shape": [len(values)], "datatype": datatype, "data": values}


BODIES: Mapping[str, Callable[[Sequence[Any]], dict[str, Any]]] = {
    "inputs": _inputs,
    "instances": _instances,
    "mlflow": _mlflow,
    "kserve-v2": _kserve,
}


def found_in(answer: Any, path: str | None, *, said_by: str) -> Any:
    """Return the list of predictions in `answer`: at the dotted `path`, or where these shapes have it.

    Raises `CannotRun` where it is not there.
    """
    if path is not None:
        return _at(answer, path, said_by)
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, Mapping):
        raise CannotRun(f"{said_by} answered with a {type(answer).__name__}, not with predictions")
    found = next((answer[key] for key in _KEYS if key in answer), None)
    if found is None:
        raise CannotRun(
            f"{said_by} answered with {_names(answer)}: none of {', '.join(_KEYS)}",
            fix="Say with `url: {answer: …}` where the predictions are.",
        )
    tensors = isinstance(found, list) and bool(found) and all(_is_tensor(one) for one in found)
    return _columns(found) if tensors else found


def _is_tensor(one: Any) -> bool:
    return isinstance(one, Mapping) and "data" in one and "shape" in one


def _columns(tensors: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return one flat tensor as it is, and a matrix as rows."""
    data, shape = tensors[0]["data"], tensors[0]["shape"]
    if not isinstance(data, list) or len(shape) != 2 or shape[1] in (0, 1) or len(data) != shape[0] * shape[1]:  # noqa: PLR2004 - a matrix
        return list(data)
    rows = [data[at : at + shape[1]] for at in range(0, len(data), shape[1])]
    return [{"label": row.index(max(row)), "probabilities": row} for row in rows]


def _names(answer: Mapping[str, Any]) -> str:
    return f"the keys {', '.join(str(key)[:40] for key in list(answer)[:5])}" if answer else "an empty object"


def _at(answer: Any, path: str, said_by: str) -> Any:
    for step in path.split("."):
        if isinstance(answer, list) and step.isdigit() and int(step) < len(answer):
            answer = answer[int(step)]
        elif isinstance(answer, Mapping) and step in answer:
            answer = answer[step]
        else:
            raise CannotRun(f'{said_by} answered with nothing at "{path}": there is no "{step}"')
    return answer
