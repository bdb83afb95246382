"""Inputs as frameworks take them: frames, matrices of numbers, and images."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Sequence

from .adapters import Unusable


def are_rows(inputs: Sequence[Any]) -> bool:
    """Return whether the inputs are rows, a mapping of columns each."""
    return bool(inputs) and isinstance(inputs[0], dict)


def are_texts(inputs: Sequence[Any], settings: Dict[str, Any]) -> bool:
    """Return whether the inputs are texts and no paths of images."""
    return bool(inputs) and settings.get("image") is None and all(one is None or isinstance(one, str) for one in inputs)


def columns_of(rows: Sequence[Dict[str, Any]], settings: Dict[str, Any], fitted: Sequence[str] = ()) -> List[str]:
    """Return the columns in the order that the model takes: as configured, as it was fitted, or as the row has them."""
    wanted = list(settings.get("columns") or fitted or rows[0])
    missing = [name for name in wanted if name not in rows[0]]
    if missing:
        raise Unusable("it takes the column %r, and the row has %s" % (missing[0], ", ".join(map(str, rows[0]))))
    return wanted


def frame(rows: Sequence[Dict[str, Any]], settings: Dict[str, Any], fitted: Sequence[str] = ()) -> Any:
    """Return rows as a pandas frame."""
    import pandas

    columns = columns_of(rows, settings, fitted)
    return pandas.DataFrame({name: [row[name] for row in rows] for name in columns}, columns=columns)


def matrix(inputs: Sequence[Any], settings: Dict[str, Any], fitted: Sequence[str] = ()) -> Any:
    """Return rows of numbers, or numbers alone, as a float64 array of shape (inputs, columns); missing ones are NaN."""
    import numpy

    if are_rows(inputs):
        columns = columns_of(inputs, settings, fitted)
        values = [[_number(row[name], name) for name in columns] for row in inputs]
    else:
        values = [[_number(one, "input")] for one in inputs]
    return numpy.asarray(values, dtype="float64")


def _number(value: Any, name: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, (bool, int, float)):
        return float(value)
    raise Unusable("it takes numbers, and the column %s holds a %s" % (name, type(value).__name__))


def all_numbers(rows: Sequence[Dict[str, Any]]) -> bool:
    """Return whether no value of any row is a text."""
    return all(value is None or isinstance(value, (bool, int, float)) for row in rows for value in row.values())


def images(paths: Sequence[Any], settings: Dict[str, Any], usual: str = "channels-first") -> Any:
    """Return image files as float32, shape (images, height, width, channels), or channels first.

    `layout` decides, or what is `usual` for the framework.

    Values are divided by 255; then `mean` is taken off and divided by `std`, where they are given.
    """
    import numpy
    from PIL import Image

    wanted = settings["image"]
    found = []
    for path in paths:
        with Image.open(path) as file:
            image = file.convert(wanted["mode"])
            if wanted.get("size"):
                image = image.resize(tuple(wanted["size"]), Image.BILINEAR)
            found.append(numpy.atleast_3d(numpy.asarray(image, dtype="float32") / 255))
    if len({one.shape for one in found}) > 1:
        raise Unusable("images differ in size: give `image: {size: [width, height]}`")
    stacked = numpy.stack(found)
    if wanted.get("mean"):
        stacked = stacked - numpy.asarray(wanted["mean"], dtype="float32")
    if wanted.get("std"):
        stacked = stacked / numpy.asarray(wanted["std"], dtype="float32")
    return stacked.transpose(0, 3, 1, 2) if (wanted["layout"] or usual) == "channels-first" else stacked


def tensor(inputs: Sequence[Any], settings: Dict[str, Any], usual: str = "channels-first") -> Any:
    """Return images or rows of numbers as a float32 array."""
    if settings.get("image") is not None:
        return images(inputs, settings, usual)
    return matrix(inputs, settings).astype("float32")
