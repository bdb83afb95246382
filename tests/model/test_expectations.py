import pytest

from mlci.errors import CannotRun, UsageError
from mlci.model.behaviour.expect import judge_of
from mlci.model.behaviour.expectations import EXPECTATIONS
from mlci.model.predictions import Prediction, normalise


def says(label, **probabilities):
    return Prediction(label, probabilities or None)


def pair(expect, before, after, label=None):
    (answer,) = judge_of(expect, against_first=True)((before, after), label)
    return answer


def alone(expect, prediction, label=None):
    (answer,) = judge_of(expect, against_first=False)((prediction,), label)
    return answer


@pytest.mark.parametrize(
    ("expect", "prediction", "label", "answer"),
    [
        ({"label": "a"}, says("a"), None, True),
        ({"label": "a"}, says("b"), None, False),
        ("label", says("b"), "b", True),
        ({"not-label": "a"}, says("b"), None, True),
        ({"not_label": "b"}, says("b"), None, False),
        ({"label-in": ["a", "b"]}, says("b"), None, True),
        ({"label-in": ["a"]}, says("b"), None, False),
        ({"between": {"min": 1, "max": 2}}, says(1.5), None, True),
        ({"between": {"max": 1}}, says(1.5), None, False),
        ({"probability": {"label": "a", "min": 0.7}}, says("a", a=0.8, b=0.2), None, True),
        ({"probability": {"label": "b", "min": 0.7}}, says("a", a=0.8, b=0.2), None, False),
        ({"any": [{"label": "a"}, {"label": "b"}]}, says("b"), None, True),
        ([{"not-label": "a"}, {"label": "b"}], says("b"), None, True),
        ({"not-label": "a", "label": "c"}, says("b"), None, False),
        ({"all": [{"not-label": "a"}, {"any": [{"label": "c"}, {"label": "b"}]}]}, says("b"), None, True),
    ],
)
def test_expectations_of_one_prediction(expect, prediction, label, answer):
    assert alone(expect, prediction, label) is answer


HIGH, LOW = says("a", a=0.9, b=0.1), says("b", a=0.3, b=0.7)


@pytest.mark.parametrize(
    ("expect", "before", "after", "answer"),
    [
        ("same-prediction", says("a"), says("a"), True),
        ("same-prediction", says("a"), says("b"), False),
        ({"same-prediction": {"tolerance": 0.1}}, says("a", a=0.52, b=0.48), says("b", a=0.45, b=0.55), True),
        ({"same-prediction": {"tolerance": 0.05}}, says("a", a=0.52, b=0.48), says("b", a=0.45, b=0.55), False),
        ({"same-prediction": 0.5}, says(10.0), says(10.4), True),
        ({"same-prediction": 0.5}, says(10.0), says(10.6), False),
        ("increase", says(10.0), says(10.1), True),
        ("increase", says(10.0), says(10.0), False),
        ({"increase": {"tolerance": 0.2}}, says(10.0), says(9.9), True),
        ({"increase": {"tolerance": 0.2}}, says(10.0), says(9.7), False),
        ("decrease", says(10.0), says(9.0), True),
        ("decrease", HIGH, says("a", a=0.8, b=0.2), True),
        ({"increase": {"label": "b"}}, HIGH, LOW, True),
        ({"increase": {"label": "a"}}, HIGH, LOW, False),
        ({"decrease": {"score": {"a": 1, "b": -1}}}, HIGH, LOW, True),
        ("increase", says("a", a=1.0, b=0.0), says("a", a=1.0, b=0.0), None),
        ({"monotonic": "increasing"}, says(10.0), says(10.0), True),
        ({"monotonic": "decreasing"}, says(10.0), says(10.1), False),
        ({"monotonic": {"direction": "increasing", "tolerance": 0.1}}, HIGH, says("a", a=0.82, b=0.18), True),
        ({"monotonic": {"direction": "increasing", "tolerance": 0.1}}, HIGH, says("a", a=0.7, b=0.3), False),
        ({"monotonic": {"direction": "decreasing", "tolerance": 0.2}}, HIGH, HIGH, None),
        ({"monotonic": {"direction": "increasing", "tolerance": 0.2, "label": "b"}}, HIGH, HIGH, None),
        ({"change-at-most": 1}, says(10.0), says(9.0), True),
        ({"change-at-most": 1}, says(10.0), says(8.9), False),
        ({"change-at-most": {"by": 0.5, "label": "b"}}, HIGH, LOW, False),
        ("all-equal", says("a"), says("a"), True),
        ({"all-equal": {"tolerance": 1}}, says(1.0), says(2.5), False),
        ({"any": ["same-prediction", {"label": "b"}]}, says("a"), says("b"), True),
        ({"all": ["increase", {"monotonic": "increasing"}]}, says("a", a=1.0, b=0.0), says("a", a=0.9, b=0.1), False),
    ],
)
def test_expectations_beside_an_original(expect, before, after, answer):
    assert pair(expect, before, after) is answer


def test_the_classes_of_a_mapping_are_texts_and_still_found():
    before, after = Prediction(2, {0: 0.1, 2: 0.9}), Prediction(0, {0: 0.8, 2: 0.2})
    assert pair({"decrease": {"score": {"0": -1, "2": 1}}}, before, after) is True


def several(topic, price):
    return normalise([{"outputs": {"topic": topic, "price": price}}], expected=1)[0]


@pytest.mark.parametrize(
    ("expect", "after", "answer"),
    [
        ("same-prediction", several("a", 10.0), True),
        ("same-prediction", several("a", 11.0), False),
        ({"same-prediction": {"tolerance": 1}}, several("a", 11.0), True),
        ({"output": {"topic": "same-prediction"}}, several("a", 11.0), True),
        ({"output": {"topic": {"label": "a"}, "price": "increase"}}, several("a", 11.0), True),
        ({"output": {"topic": {"label": "b"}, "price": "increase"}}, several("a", 11.0), False),
    ],
)
def test_a_model_may_have_several_outputs(expect, after, answer):
    assert pair(expect, several("a", 10.0), after) is answer


def test_an_output_that_is_not_there_is_said():
    with pytest.raises(CannotRun, match='no output "tpoic", did you mean "topic"'):
        pair({"output": {"tpoic": "same-prediction"}}, several("a", 1.0), several("a", 1.0))


@pytest.mark.parametrize(
    ("expect", "prediction", "reason"),
    [
        ({"label": True}, says("yes"), "quote them"),
        ({"label": 1}, says("1"), "is a number, the predicted '1' a text"),
        ("label", says("a"), "none of its own"),
        ({"not-label": "negtive"}, says("a", a=0.5, negative=0.5), 'did you mean "negative"'),
        ({"probability": {"label": "a", "min": 0.5}}, says("a"), "gives none"),
        ({"between": {"min": 0}}, says("a"), "needs numbers"),
    ],
)
def test_what_cannot_be_judged_is_an_error(expect, prediction, reason):
    with pytest.raises(CannotRun, match=reason):
        alone(expect, prediction)


def test_a_direction_needs_numbers_or_probabilities():
    with pytest.raises(CannotRun, match="gives the label 'a' alone"):
        pair("increase", says("a"), says("b"))


@pytest.mark.parametrize(
    ("expect", "reason"),
    [
        ({}, "is empty"),
        ({"any": "label"}, "takes a list"),
        ({"label-in": 3}, "label-in"),
        ({"monotonic": "up"}, "monotonic"),
        ({"same-prediction": {"tol": 1}}, "it takes tolerance"),
    ],
)
def test_what_makes_no_sense_is_refused_when_read(expect, reason):
    with pytest.raises(UsageError, match=reason):
        judge_of(expect, against_first=True)


def test_every_expectation_says_what_it_is():
    assert [name for name in EXPECTATIONS if not EXPECTATIONS.summary(name).endswith(".")] == []
