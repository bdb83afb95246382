import math

import numpy as np
import pytest

from mlci.errors import CannotRun
from mlci.model.predictions import Prediction, normalise


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (["a", "b"], [Prediction("a"), Prediction("b")]),
        (np.array([1, 0]), [Prediction(1), Prediction(0)]),
        ([1, 2.5], [Prediction(1), Prediction(2.5)]),
        ([True, np.bool_(False)], [Prediction(True), Prediction(False)]),
        ([("a", {"a": 0.9, "b": 0.1})], [Prediction("a", {"a": 0.9, "b": 0.1})]),
        ([{"label": 1, "probabilities": {"0": 0.2, "1": 0.8}}], [Prediction(1, {0: 0.2, 1: 0.8})]),
        ([(2, np.array([0.1, 0.2, 0.7]))], [Prediction(2, {0: 0.1, 1: 0.2, 2: 0.7})]),
        ([{"probabilities": {"x": 0.4, "y": 0.6}}], [Prediction("y", {"x": 0.4, "y": 0.6})]),
        (iter(["a"]), [Prediction("a")]),
        (zip(["a"], [{"a": 1.0}], strict=True), [Prediction("a", {"a": 1.0})]),
    ],
)
def test_every_shape_becomes_one(raw, expected):
    assert list(normalise(raw, expected=len(expected))) == expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (["a"], "1 predictions for 2 inputs"),
        ("ab", "a str, not a list"),
        (None, "None, not a list"),
        ({"a": 1}, "a dict, not a list"),
        (["a", None], "prediction 1 is None"),
        ([1.0, math.nan], "prediction 1 is NaN"),
        ([1.0, math.inf], "prediction 1 is infinite"),
        (["a", 1], "of two kinds: prediction 0 is a text, prediction 1 is a number"),
        ([("a", {"a": 1.0}), "a"], "of two kinds"),
        ([("a", {"a": 0.5, "b": 0.4})] * 2, "sum to 0.9, not 1"),
        ([("a", {"a": 1.5, "b": -0.5})] * 2, "probability of 1.5"),
        ([("a", {"a": math.nan, "b": 1.0})] * 2, "probability of nan"),
        ([("c", {"a": 0.5, "b": 0.5})] * 2, r"is 'c', and its probabilities are of \['a', 'b'\]"),
        ([("a", [0.5, 0.5])] * 2, "without classes"),
        ([["a", "b", "c"]] * 2, "a list of 3"),
        ([{"lable": "a"}] * 2, "the key 'lable'"),
        ([{"label": "a"}, {"label": ["a"]}], "prediction 1 is a list"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(raw, reason):
    with pytest.raises(CannotRun, match=reason) as caught:
        normalise(raw, expected=2)
    assert "\n" not in str(caught.value)


def test_messages_name_the_input_as_the_caller_does():
    with pytest.raises(CannotRun, match="row 12 is NaN"):
        normalise([math.nan], expected=1, named=lambda at: f"row {at + 12}")
