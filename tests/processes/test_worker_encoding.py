"""What values of other libraries become as JSON."""

from __future__ import annotations

import ast
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import uuid
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

from mlci import worker
from mlci.worker import NotJson, encode


@dataclasses.dataclass
class Point:
    x: int
    tags: set[str]


class Answer(pydantic.BaseModel):
    label: str
    score: float


class Colour(enum.Enum):
    RED = "red"


class Old:
    """A model of pydantic 1, which has `dict` and no `model_dump`."""

    __fields__ = ("a",)

    def dict(self):
        return {"a": 1}


class Tensor:
    """A tensor of TensorFlow, which only gives a NumPy array."""

    def numpy(self):
        return np.array([1.5, 2.5])


class Named(NamedTuple):
    label: str
    score: float


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.longdouble(1.5), 1.5),
        (np.float16(2), 2.0),
        (np.datetime64("2024-01-02T03:04:05"), "2024-01-02T03:04:05"),
        (np.datetime64("NaT"), None),
        (np.timedelta64(1500, "ms"), 1.5),
        (np.array([1, 2]), [1, 2]),
        (np.array(7), 7),
        (np.array([[1.5, 2], [3, 4]]), [[1.5, 2.0], [3.0, 4.0]]),
        (np.array(["a", None], dtype=object), ["a", None]),
        (np.array([np.int64(1), "b"], dtype=object), [1, "b"]),
        (np.array(["2024-01-02", "NaT"], dtype="datetime64[ns]"), ["2024-01-02T00:00:00.000000000", None]),
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series([1, None], dtype="Int64"), [1, None]),
        (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        (pd.Series(pd.to_datetime(["2024-01-02", None])), ["2024-01-02T00:00:00", None]),
        (pd.Index([1, 2]), [1, 2]),
        (pd.Timestamp("2024-01-02T03:04:05"), "2024-01-02T03:04:05"),
        (pd.Timedelta(seconds=90), 90.0),
        (pd.NaT, None),
        (pd.NA, None),
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}, dtype=object), [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
        (pl.Series([1, None]), [1, None]),
        (pl.DataFrame({"a": [1, 2]}), [{"a": 1}, {"a": 2}]),
        (pa.array([1, None]), [1, None]),
        (pa.table({"a": [1]}), [{"a": 1}]),
        (pa.scalar(4), 4),
        (Tensor(), [1.5, 2.5]),
        (decimal.Decimal("1.25"), 1.25),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.datetime(2024, 1, 2, 3, tzinfo=dt.UTC), "2024-01-02T03:00:00+00:00"),
        (dt.time(3, 4), "03:04:00"),
        (dt.timedelta(minutes=1), 60.0),
        ((1, (2, 3)), [1, [2, 3]]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({1, "a"}, [1, "a"]),
        (Point(x=1, tags={"b", "a"}), {"x": 1, "tags": ["a", "b"]}),
        (Answer(label="a", score=0.5), {"label": "a", "score": 0.5}),
        (Old(), {"a": 1}),
        (Named("a", np.float64(0.5)), {"label": "a", "score": 0.5}),
        (Colour.RED, "red"),
        (enum.IntEnum("Level", "LOW")(1), 1),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("a/b"), "a/b"),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.deque([1, 2]), [1, 2]),
        ({"a": 1}.values(), [1]),
        ((str(n) for n in range(2)), ["0", "1"]),
        (range(3), [0, 1, 2]),
        ({np.int64(0): 0.25, np.int64(1): 0.75}, {"0": 0.25, "1": 0.75}),
        ({True: 1, None: 2, 1.5: 3, ("a", 1): 4}, {"true": 1, "null": 2, "1.5": 3, "('a', 1)": 4}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_become_plain_json(value, expected):
    encoded = encode(value)
    assert encoded == expected
    assert json.loads(json.dumps(encoded)) == expected
    assert type(encoded) is type(expected)


@pytest.mark.parametrize(
    "value", [np.float32("nan"), np.array([np.nan]), pd.Series([None, 1.0]), decimal.Decimal("NaN")]
)
def test_not_a_number_survives(value):
    encoded = encode(value)
    assert math.isnan(json.loads(json.dumps(encoded[0] if isinstance(encoded, list) else encoded)))


def test_numbers_of_arrays_are_pythons_own():
    for value in (np.array([1.5], dtype="float32"), pd.Series([1]), np.array([[True]])):
        json.dumps(encode(value))


@pytest.mark.parametrize(
    ("value", "what", "place"),
    [
        (b"x", "bytes", ""),
        ([1, {"a": [object()]}], "object", "[1]['a'][0]"),
        (1j, "complex", ""),
        (np.array([1j]), "numpy.ndarray", ""),
        (int, "type", ""),
        (len, "builtin_function_or_method", ""),
        ({1: 1, "1": 2}, "two keys that are both '1' as text", ""),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "a frame with two columns of one name", ""),
    ],
)
def test_what_json_cannot_hold_is_named_with_its_place(value, what, place):
    with pytest.raises(NotJson) as caught:
        encode(value)
    assert (caught.value.what, caught.value.place) == (what, place)


def test_the_worker_is_one_file_that_old_pythons_read():
    source = Path(worker.__file__).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in modules if name.split(".")[0] == "mlci"]
