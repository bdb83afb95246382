"""Suites that could pass for nothing, or that make no sense, are mistakes with a place: never a pass or a traceback."""

from pathlib import Path

import pytest

from mlci.errors import UsageError
from mlci.model import run_behaviour
from mlci.model.behaviour.parse import read_suite

MFT = {"name": "t", "type": "MFT", "examples": ["good", "bad"], "label": "p"}
INV = {"name": "t", "type": "INV", "examples": ["a good film", "a bad film"], "perturb": "typos"}
ROWS = {"name": "t", "type": "INV", "examples": [{"Age": 1, "n": 5}, {"Age": 9, "n": 3}]}


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ({**MFT, "expect": {"between": {}}}, "give `min`, `max` or both"),
        ({**MFT, "expect": {"between": {"min": 3, "max": 1}}}, "no number lies between"),
        ({**MFT, "expect": {"probability": {"label": "p"}}}, "every probability lies from 0 to 1"),
        ({**MFT, "expect": {"label-in": []}}, "names at least one label"),
        ({**MFT, "expect": {"not-label": float("nan")}}, "value is NaN"),
        ({**INV, "expect": {"monotonic": {"score": {}}}}, "gives at least one class a weight"),
        ({**INV, "expect": {"change-at-most": {"by": 0.1, "score": {"p": 0}}}}, "gives at least one class a weight"),
        ({**INV, "expect": {"increase": {"tolerance": float("nan")}}}, "tolerance is NaN"),
        ({**INV, "expect": {"same-prediction": -1}}, "from 0 on, not -1"),
        ({**INV, "expect": {"all-equal": {"tolerance": float("inf")}}}, "from 0 on, not inf"),
        ({**INV, "perturb": {"typos": {"n": -1}}}, "from 1 to 1,000, not -1"),
        ({**INV, "perturb": {"url": {"n": 10**7}}}, "from 1 to 1,000"),
        ({**INV, "perturb": []}, "`perturb` is empty"),
        ({**INV, "perturb": [[]]}, "an empty chain"),
        ({**INV, "variants": 10**9}, "from 1 to 1,000"),
        ({**INV, "cluster": "group"}, "`cluster` of a test names a lexicon of its template or a column"),
        ({**ROWS, "perturb": {"shift": {"column": "n", "by": float("nan")}}}, "no finite number"),
        ({**MFT, "examples": [[]]}, r"examples\[0\]: an example has at least one input"),
        ({**INV, "examples": ["a good film", {"inputs": []}]}, r"examples\[1\]: an example has at least one input"),
        ({"name": "t", "type": "MFT", "template": [], "label": "p"}, "a template is a text"),
        ({"name": "t", "type": "MFT", "data": "a\0b", "label": "p"}, "`data` is the path of a file"),
    ],
)
def test_what_could_only_pass_or_only_fail_is_a_mistake(test, reason):
    with pytest.raises(UsageError, match=reason):
        read_suite([test], root=Path())


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("seed", None, "`seed` is a whole number"),
        ("seed", -1, "`seed` is a whole number"),
        ("seed", True, "`seed` is a whole number"),
        ("version", 2, "suites have version 1"),
        ("name", "../../elsewhere", "a file may be called by"),
        ("name", 7, "a file may be called by"),
        ("tests", "abc", "a list of tests"),
        (None, None, 'no key "None"'),
    ],
)
def test_what_a_suite_says_of_itself_is_checked(key, value, reason):
    with pytest.raises(UsageError, match=reason):
        read_suite({"tests": [MFT], key: value}, root=Path())


def test_nan_equals_itself_and_is_no_variant():
    nan = float("nan")
    result = run_behaviour([{"name": "t", "type": "INV", "examples": [[nan, nan], [[nan], [nan]]]}], lambda xs: xs)
    assert (result.tests[0].status, result.tests[0].no_ops) == ("failed", 2)


def test_clusters_of_examples_may_be_anything():
    examples = [{"input": f"text {at}", "cluster": [at % 2]} for at in range(40)]
    test = {"name": "t", "type": "MFT", "examples": examples, "label": "p", "max-failure-rate": 0.3}
    assert "2 independent cases" in run_behaviour([test], lambda texts: ["p" for _ in texts]).tests[0].rule


def test_half_characters_are_texts_too():
    test = {**INV, "name": "half \ud800", "examples": ["a good \ud800 film"]}
    assert run_behaviour([test], lambda texts: ["p" for _ in texts]).tests[0].status == "passed"


def test_columns_to_keep_are_called_as_they_are():
    asked = []

    def predict(rows):
        asked.extend(rows)
        return ["p" for _ in rows]

    test = {**ROWS, "type": "adversarial", "max-success-rate": 0, "search": {"keep": ["Age"], "budget": 8}}
    assert run_behaviour([test], predict).tests[0].status == "passed"
    assert {row["Age"] for row in asked} == {1, 9}
