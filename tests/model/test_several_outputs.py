"""Expectations of models with several outputs, of numbers, and of more than two variants."""

import pytest

from mlci.errors import CannotRun
from mlci.model import run_behaviour
from mlci.model.behaviour.expect import judge_of
from mlci.model.predictions import Prediction, normalise


def outputs(**named):
    return normalise([{"outputs": named}], expected=1)[0]


def positive(share):
    return {"label": "pos" if share >= 0.5 else "neg", "probabilities": {"pos": share, "neg": 1 - share}}


def judged(expect, *predictions, label=None, against_first=True):
    return judge_of(expect, against_first=against_first)(predictions, label)


@pytest.mark.parametrize(
    ("expect", "answers"),
    [
        ("same-prediction", (False,)),
        ({"output": {"mood": "same-prediction"}}, (True,)),
        ({"output": {"price": {"same-prediction": 2}}}, (True,)),
        ({"output": {"price": "increase", "mood": {"change-at-most": 0.2}}}, (True,)),
        ({"output": {"price": "decrease"}}, (False,)),
        ("all-equal", (False,)),
        ({"all-equal": {"tolerance": 2}}, (True,)),
        ("increase", (True,)),
        ({"any": [{"output": {"price": "decrease"}}, {"output": {"mood": "increase"}}]}, (True,)),
        ({"label": {"value": "pos"}}, None),
    ],
)
def test_an_expectation_holds_for_every_output_or_for_those_named(expect, answers):
    before, after = outputs(price=10.0, mood=positive(0.7)), outputs(price=11.0, mood=positive(0.8))
    if answers is None:
        with pytest.raises(CannotRun, match="the expected label 'pos' is a text"):
            judged(expect, before, after)
    else:
        assert judged(expect, before, after) == answers


def test_labels_of_several_outputs_are_a_mapping():
    said = outputs(price=10.0, mood=positive(0.7))
    wanted = {"price": 10.4, "mood": "pos"}
    expect = {"output": {"price": {"near": {"tolerance": 0.5}}, "mood": "label"}}
    assert judged(expect, said, label=wanted, against_first=False) == (True,)
    assert judged("label", said, label=wanted, against_first=False) == (False,)
    assert judged("label", said, label={"price": 10.0, "mood": "pos"}, against_first=False) == (True,)
    with pytest.raises(CannotRun, match='no label of the output "mood"'):
        judged("label", said, label={"price": 10.0, "mod": "pos"}, against_first=False)
    each = [wanted, {"price": 10.4, "mood": "neg"}]
    assert judged({"output": {"mood": "label"}}, said, said, label=each, against_first=False) == (True, False)


def test_a_list_of_labels_is_one_for_each_input():
    a, b = Prediction("a"), Prediction("b")
    assert judged("label", a, b, label=["a", "b"], against_first=False) == (True, True)
    assert judged("label", a, b, label=["b", "b"], against_first=False) == (False, True)
    assert judged("label", a, b, label=["b", "a"]) == (False,)
    with pytest.raises(CannotRun, match="2 inputs and 1 labels"):
        judged("label", a, b, label=["b"], against_first=False)


@pytest.mark.parametrize(
    ("settings", "values", "answers"),
    [
        ({}, [1.0, 3.0, 2.0], (True, True)),
        ({"in-a-row": True}, [1.0, 3.0, 2.0], (True, False)),
        ({"in-a-row": True, "tolerance": 1}, [1.0, 3.0, 2.0], (True, True)),
        ({"in-a-row": True, "direction": "decreasing"}, [3.0, 2.0, 1.0], (True, True)),
    ],
)
def test_more_than_two_variants_may_have_to_go_one_way_all_along(settings, values, answers):
    assert judged({"monotonic": settings}, *map(Prediction, values)) == answers


def test_all_along_it_is_the_probability_of_the_first_label_that_is_followed():
    said = [normalise([positive(share)], expected=1)[0] for share in (0.9, 0.4, 0.2)]
    assert judged({"decrease": {"in-a-row": True}}, *said) == (True, True)
    assert judged({"output": {"mood": {"decrease": {"in-a-row": True}}}}, *(outputs(mood=positive(share)) for share in (0.9, 0.4, 0.2))) == (True, True)  # fmt: skip
    said = [normalise([positive(share)], expected=1)[0] for share in (0.9, 0.2, 0.4)]
    assert judged({"decrease": {"in-a-row": True}}, *said) == (True, False)


@pytest.mark.parametrize("expect", [{"change-at-most": 1}, {"same-prediction": {"tolerance": 1}}])
def test_what_no_probability_can_miss_does_not_apply(expect):
    before, after = (normalise([positive(share)], expected=1)[0] for share in (0.9, 0.1))
    assert judged(expect, before, after) == (None,)
    assert judged({"change-at-most": 1}, Prediction(1.0), Prediction(9.0)) == (False,)


@pytest.mark.parametrize(
    ("settings", "value", "answer"),
    [({"value": 10, "tolerance": 1}, 10.9, True), ({"value": 10, "tolerance": 1}, 11.1, False),
     ({"value": 100, "relative": 0.02}, 101.9, True), ({"value": 100, "relative": 0.02}, 102.1, False)],
)  # fmt: skip
def test_a_number_may_have_to_lie_near_another(settings, value, answer):
    assert judged({"near": settings}, Prediction(value), against_first=False) == (answer,)


def test_a_number_near_a_text_is_no_comparison():
    with pytest.raises(CannotRun, match="needs numbers"):
        judged({"near": {"value": 1}}, Prediction("a"), against_first=False)


def test_a_suite_of_a_model_with_several_outputs_runs():
    def predict(rows):
        return [
            {"outputs": {"price": 1000.0 * row["area"], "kind": "large" if row["area"] > 50 else "small"}}
            for row in rows
        ]

    tests = [
        {
            "name": "more area costs more", "type": "DIR", "examples": [{"area": 40}, {"area": 49}],
            "perturb": [{"scale": {"column": "area", "by": 1.1}}, {"scale": {"column": "area", "by": 1.3}}],
            "expect": {"output": {"price": {"monotonic": {"in-a-row": True}}, "kind": {"label-in": ["small", "large"]}}},
        },
        {
            "name": "sizes", "type": "MFT",
            "examples": [{"input": {"area": 10}, "label": {"price": 10_000, "kind": "small"}}],
            "expect": {"output": {"price": {"near": {"relative": 0.01}}, "kind": "label"}},
        },
        {
            "name": "kind stays", "type": "INV", "examples": [{"area": 49}],
            "perturb": {"scale": {"column": "area", "by": 1.1}}, "expect": {"output": {"kind": "same-prediction"}},
        },
    ]  # fmt: skip
    assert [test.status for test in run_behaviour(tests, predict).tests] == ["passed", "passed", "failed"]
