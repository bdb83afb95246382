"""What was decorated in this process is known to `mlci.data.validate` and `mlci.model.run_behaviour`."""

import datetime as dt

import pandas as pd
import polars as pl
import pytest

from mlci import plugins
from mlci.data import validate
from mlci.errors import UsageError
from mlci.model import run_behaviour


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """Holds only what a test decorates."""
    monkeypatch.setattr(plugins, "REGISTERED", [])


FRAME = pd.DataFrame({"n": [1, 2, None, -4], "day": [dt.date(2024, 1, at) for at in (1, 2, 3, 4)]})


def positive():
    @plugins.expectation
    def expect_column_values_to_be_positive(values, *, above: float = 0):
        """Every value is above `above`."""
        return [value > above for value in values]


@pytest.mark.parametrize("frame", [FRAME, pl.from_pandas(FRAME), pl.from_pandas(FRAME).lazy()])
def test_values_of_frames_are_judged(frame):
    positive()
    asked = [{"expect_column_values_to_be_positive": {"column": "n"}}]
    (result,) = validate(frame, asked).results
    assert (result.success, result.element_count, result.missing_count, result.unexpected_count) == (False, 4, 1, 1)
    assert (result.unexpected_values, result.rows) == ((-4,), (4,))
    assert validate(frame, [{"expect_column_values_to_be_positive": {"column": "n", "mostly": 0.6}}]).success


def test_mistakes_are_errors_of_their_own():
    positive()
    asked = [
        {"expect_column_values_to_be_positiv": {"column": "n"}},
        {"expect_column_values_to_be_positive": {"column": "n", "abov": 1}},
        {"expect_column_values_to_be_positive": {"column": "m"}},
        {"expect_column_values_to_be_positive": {"column": "day"}},
        {"expect_column_values_to_be_positive": {"column": "n", "above": {"$PARAMETER": "least"}}},
    ]
    *wrong, filled = validate(FRAME, asked, parameters={"least": -5}).results
    says = [
        'did you mean "expect_column_values_to_be_positive"?',
        'did you mean "above"?',
        "there is no column `m`",
        "raised TypeError",
    ]
    for result, said in zip(wrong, says, strict=True):
        assert said in result.error
    assert filled.success


def test_arguments_of_any_name_are_given_where_the_function_takes_them():
    seen = {}

    @plugins.expectation
    def expect_anything(rows, **more):
        seen.update(more)
        return True

    asked = {"type": "expect_anything", "kwargs": {"a": 1, "meta": {}, "mostly": 0.5, "severity": "warning"}}
    assert validate(FRAME, [asked]).success
    assert seen == {"a": 1}


def test_rows_and_frames_get_dates_in_their_form():
    seen = []

    @plugins.expectation(columns=["day"])
    def expect_rows_as_text(rows):
        seen.extend(row["day"] for row in rows)
        return len(rows) == 4

    @plugins.expectation(over="frame", columns=["day"])
    def expect_frame_of_datetimes(table):
        return {"success": str(table["day"].dtype).startswith("datetime64"), "observed_value": len(table), "more": 1}

    rows, frame = validate(FRAME, [{"expect_rows_as_text": {}}, {"expect_frame_of_datetimes": {}}]).results
    assert rows.success
    assert seen == ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]
    assert (frame.success, frame.observed_value, frame.details) == (True, 4, {"more": 1})


def test_an_expectation_without_a_first_parameter_that_is_known_is_refused():
    with pytest.raises(TypeError, match="given values, rows or frame: the first parameter of odd is 'column'"):

        @plugins.expectation
        def odd(column):
            return column


def test_behaviour_suites_know_them():
    @plugins.perturbation
    def double(text, rng, n: int = 2):
        return text * n

    @plugins.behaviour
    def grows(before, after):
        return after.label > before.label

    @plugins.cases
    def words(rng):
        return [rng.choice("abc") * at for at in range(1, 5)]

    suite = [{"name": "t", "type": "DIR", "generate": "words", "perturb": "double", "expect": ["grows", "increase"]}]
    (test,) = run_behaviour(suite, lambda texts: [len(text) for text in texts]).tests
    assert (test.status, test.cases, test.failed_cases) == ("passed", 4, 0)
    with pytest.raises(UsageError, match='did you mean "double"'):
        run_behaviour([{**suite[0], "perturb": "duble"}], len)


def test_an_adversarial_test_takes_cases_that_are_made_and_built_in_expectations_alone():
    @plugins.cases
    def words():
        return ["a long word", "another word"]

    @plugins.behaviour
    def fine(after):
        return True

    test = {"name": "t", "type": "adversarial", "generate": "words", "max-success-rate": 1.0}
    found = run_behaviour([test], lambda texts: [len(text) > 8 for text in texts]).tests[0]
    assert (found.status, found.cases) == ("passed", 2)
    with pytest.raises(UsageError, match="judged by built-in expectations"):
        run_behaviour([{**test, "expect": "fine"}], lambda texts: [len(text) > 8 for text in texts])


def test_probabilities_keep_the_type_of_their_classes():
    @plugins.behaviour
    def knows_its_classes(after):
        return set(after.probabilities) == {0, 1}

    suite = [{"name": "t", "type": "MFT", "examples": ["a"], "expect": "knows_its_classes"}]
    assert run_behaviour(suite, lambda texts: [(0, {0: 0.7, 1: 0.3})]).success


def test_several_outputs_are_seen_each_and_together():
    @plugins.behaviour
    def is_large(variant, after):
        return after.label > len(variant)

    @plugins.behaviour
    def has_both(after):
        return set(after.outputs) == {"a", "b"}

    suite = [
        {"name": "one", "type": "MFT", "examples": ["abc"], "expect": {"output": {"a": "is_large"}}},
        {"name": "all", "type": "MFT", "examples": ["abc"], "expect": "has_both"},
    ]
    assert run_behaviour(suite, lambda texts: [{"outputs": {"a": 9, "b": 1}} for _ in texts]).success


def test_a_plugin_of_a_built_in_name_is_refused():
    @plugins.perturbation
    def typos(text, rng):
        return text

    suite = [{"name": "t", "type": "INV", "examples": [["hello"]], "perturb": "typos"}]
    with pytest.raises(UsageError, match="has the name of a built-in perturbation, `typos`"):
        run_behaviour(suite, lambda texts: ["a" for _ in texts])
    with pytest.raises(UsageError, match="give it another"):
        validate(FRAME, [{"expect_column_values_to_not_be_null": {"column": "day"}}])
