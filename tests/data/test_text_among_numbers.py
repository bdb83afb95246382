"""A value that is no number in a column of numbers is bad data, and no mistake in the suite."""

import pytest

from mlci.data import validate

ROWS = "id,age,code\n1,10,1\n2,12a,A\n3,,B\n4,200,C\n5,30,D\n"


@pytest.fixture
def judged(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(ROWS)
    return lambda name, **kwargs: validate(path, [{name: kwargs}]).results[0]


def test_tests_of_rows_count_it_as_a_violation(judged):
    result = judged("expect_column_values_to_be_between", column="age", min_value=0, max_value=120)
    assert (result.success, result.error) == (False, None)
    assert (result.unexpected_count, result.missing_count) == (2, 1)
    assert (result.rows, result.unexpected_values) == ((2, 4), ("12a", 200.0))
    assert judged("expect_column_values_to_be_between", column="age", min_value=0, max_value=250, mostly=0.7).success


def test_nothing_computed_over_it_passes(judged):
    for name in ("mean", "max", "stdev"):
        result = judged(f"expect_column_{name}_to_be_between", column="age", min_value=0, max_value=1000)
        assert (result.success, result.error, result.rows, result.unexpected_values) == (False, None, (2,), ("12a",))


def test_texts_are_still_texts(judged):
    assert judged("expect_column_values_to_be_in_set", column="age", value_set=["10", "12a", "200", "30"]).success
    assert judged("expect_column_values_to_be_of_type", column="age", type_="str").success


def test_a_column_of_texts_is_no_column_of_numbers(judged):
    result = judged("expect_column_values_to_be_between", column="code", min_value=0)
    assert (result.success, result.unexpected_count) == (False, None)
    assert "`types: {code: number}`" in result.error


def test_queries_name_the_columns_of_a_file(judged):
    result = judged("unexpected_rows_expectation", unexpected_rows_query="select * from {batch} where id > 4")
    assert (result.success, result.observed_value) == (False, 1)
