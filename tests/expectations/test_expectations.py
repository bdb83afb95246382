"""What holds of every expectation."""

import inspect
import math

import polars as pl
import pytest

from mlci.data import validate
from mlci.expectations import EXPECTATIONS
from mlci.expectations.arguments import canonical, check_expectation

NAMES = list(EXPECTATIONS)


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_says_it_in_one_sentence(name):
    first = EXPECTATIONS.summary(name)
    assert first.endswith(".")
    assert first.count(". ") == 0


@pytest.mark.parametrize("name", NAMES)
def test_arguments_have_types_and_are_keyword_only(name):
    expectation = EXPECTATIONS[name]
    assert set(expectation.required) <= set(expectation.types)
    for parameter in expectation.options.values():
        assert parameter.annotation is not inspect.Parameter.empty


@pytest.mark.parametrize("name", NAMES)
def test_misspelt_arguments_are_found(name):
    problem = check_expectation(name, {"row_conditoin": "x > 3"})
    assert 'did you mean "row_condition"?' in problem


def test_names_of_classes_are_known():
    assert canonical("ExpectColumnValuesToBeBetween") == "expect_column_values_to_be_between"
    assert canonical("ExpectColumnPairValuesAToBeGreaterThanB") == "expect_column_pair_values_a_to_be_greater_than_b"
    assert canonical("expect_column_pair_values_A_to_be_greater_than_B") in EXPECTATIONS


def test_a_limit_that_is_the_value_itself_holds_in_whatever_order_it_is_summed():
    ages = [0.1, 0.2, 0.3] * 7 + [1e3, 0.7]
    for order in (ages, sorted(ages), sorted(ages, reverse=True)):
        frame = pl.DataFrame({"age": order})
        mean, total = math.fsum(ages) / len(ages), math.fsum(ages)
        suite = [
            {"expect_column_mean_to_be_between": {"column": "age", "min_value": mean, "max_value": mean}},
            {"expect_column_sum_to_be_between": {"column": "age", "min_value": total, "max_value": total}},
            {"expect_column_sum_to_be_between": {"column": "age", "min_value": total, "strict_min": True}},
            {"expect_column_sum_to_be_between": {"column": "age", "max_value": total * (1 - 1e-9)}},
        ]
        assert [each.success for each in validate(frame, suite).results] == [True, True, False, False]
