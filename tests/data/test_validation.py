"""Validating frames and files."""

import datetime as dt
import subprocess
import sys

import duckdb
import pandas as pd
import polars as pl
import pytest

from mlci.data import validate

DATA = {
    "id": [1, 2, 3, 3, None],
    "age": [10.0, 20.0, None, 40.0, float("nan")],
    "name": ["ann", "bob", None, "dan", "eve"],
    "day": [dt.date(2024, 1, day) for day in range(1, 6)],
}


def pandas_frame(_folder):
    return pd.DataFrame({**DATA, "id": pd.array(DATA["id"], dtype="Int64")})


def polars_frame(_folder):
    return pl.DataFrame(DATA, strict=False)


def duckdb_frame(_folder):
    return duckdb.connect().from_arrow(pl.DataFrame(DATA, strict=False).to_arrow())


def parquet(folder):
    pl.DataFrame(DATA, strict=False).write_parquet(folder / "data.parquet")
    return folder / "data.parquet"


def csv(folder):
    pl.DataFrame(DATA, strict=False).write_csv(folder / "data.csv")
    return str(folder / "data.csv")


ENGINES = [pandas_frame, polars_frame, lambda folder: polars_frame(folder).lazy(), duckdb_frame, parquet, csv]


@pytest.fixture(scope="module", params=ENGINES, ids=["pandas", "polars", "lazy polars", "duckdb", "parquet", "csv"])
def data(request, tmp_path_factory):
    return request.param(tmp_path_factory.mktemp("data"))


def only(data, name, **kwargs):
    return several(data, (name, kwargs))[0]


def several(data, *asked):
    results = validate(data, [{name: kwargs} for name, kwargs in asked]).results
    assert [result.error for result in results] == [None] * len(asked)
    return results


def counts(result):
    return result.success, result.element_count, result.missing_count, result.unexpected_count


def test_missing_values_are_left_out_and_counted(data):
    result = only(data, "expect_column_values_to_be_between", column="age", min_value=15, max_value=30)
    assert counts(result) == (False, 5, 2, 2)
    assert (result.unexpected_values, result.rows) == ((10.0, 40.0), (1, 4))


def test_mostly_is_a_share_of_values_present(data):
    kwargs = {"column": "name", "value_set": ["ann", "bob", "dan"]}
    results = several(
        data, *(("expect_column_values_to_be_in_set", {**kwargs, "mostly": share}) for share in (0.75, 0.76))
    )
    assert [result.success for result in results] == [True, False]


def test_nulls(data):
    present, absent = several(
        data,
        ("expect_column_values_to_not_be_null", {"column": "age"}),
        ("expect_column_values_to_be_null", {"column": "age", "mostly": 0.4}),
    )
    assert (counts(present), present.rows) == ((False, 5, 0, 2), (3, 5))
    assert counts(absent) == (True, 5, 0, 3)


def test_every_copy_is_a_violation(data):
    result = only(data, "expect_column_values_to_be_unique", column="id")
    assert (*counts(result), result.unexpected_values, result.rows) == (False, 5, 1, 2, (3, 3), (3, 4))
    assert only(data, "expect_compound_columns_to_be_unique", column_list=["id", "name"]).success


def test_dates_given_as_text(data):
    result = only(
        data, "expect_column_values_to_be_between", column="day", min_value="2024-01-02", max_value="2024-01-04"
    )
    assert (result.unexpected_count, result.rows) == (2, (1, 5))
    assert only(
        data, "expect_column_max_to_be_between", column="day", max_value="2024-01-05"
    ).observed_value == dt.date(2024, 1, 5)


def test_aggregates(data):
    ages = {"mean": 70 / 3, "median": 20, "stdev": 15.2752523, "min": 10, "max": 40, "sum": 70}
    asked = [
        (f"expect_column_{name}_to_be_between", {"column": "age", "min_value": value - 1e-6, "max_value": value + 1e-6})
        for name, value in ages.items()
    ]
    ids = {"column": "id", "max_value": 3}
    asked += [
        (f"expect_column_{name}_to_be_between", ids) for name in ("unique_value_count", "proportion_of_unique_values")
    ]
    *found, distinct, proportion = several(data, *asked)
    assert [result.success for result in found] == [True] * len(ages)
    assert (distinct.observed_value, proportion.observed_value) == (3, 0.75)


def test_order_of_rows(data):
    rising, strictly, falling = several(
        data,
        ("expect_column_values_to_be_increasing", {"column": "id"}),
        ("expect_column_values_to_be_increasing", {"column": "id", "strictly": True}),
        ("expect_column_values_to_be_decreasing", {"column": "age"}),
    )
    assert (rising.success, strictly.unexpected_count, strictly.rows) == (True, 1, (4,))
    assert falling.unexpected_count == 2


def test_pairs(data):
    result = only(data, "expect_column_pair_values_a_to_be_greater_than_b", column_A="age", column_B="id")
    assert counts(result) == (False, 5, 1, 1)
    assert result.unexpected_values == ((None, 3),)


def test_row_conditions_keep_the_numbers_of_rows(data):
    result = only(
        data,
        "expect_column_values_to_be_between",
        column="age",
        max_value=15,
        row_condition="name != 'bob' or name is null",
    )
    assert (result.element_count, result.rows) == (4, (4,))


def test_types(data):
    results = several(
        data,
        ("expect_column_values_to_be_of_type", {"column": "name", "type_": "str"}),
        ("expect_column_values_to_be_in_type_list", {"column": "id", "type_list": ["int", "int64"]}),
        ("expect_column_values_to_be_of_type", {"column": "name", "type_": "int"}),
    )
    assert [result.success for result in results] == [True, True, False]


def test_each_error_is_its_own_result_and_the_rest_runs(data):
    suite = [
        {"expect_column_values_to_be_unique": {"column": "nmae"}},
        {"expect_column_values_to_be_uniqe": {"column": "name"}},
        {"expect_column_values_to_be_unique": {"colum": "name"}},
        {"expect_column_values_to_be_between": {"column": "name", "min_value": 3}},
        {"expect_column_values_to_be_between": {"column": "age", "min_value": 3, "row_condition": "nope > 3"}},
        {"expect_column_values_to_match_regex": {"column": "name", "regex": "("}},
        {"expect_column_values_to_be_unique": {"column": "name"}},
    ]
    results = validate(data, suite).results
    errors = [result.error for result in results]
    assert 'did you mean "name"?' in errors[0]
    assert 'did you mean "expect_column_values_to_be_unique"?' in errors[1]
    assert 'did you mean "column"?' in errors[2]
    assert "cannot be compared with 3" in errors[3]
    assert "there is no column `nope`" in errors[4]
    assert errors[5]
    assert (errors[6], results[6].success) == (None, True)
    assert [result.success for result in results[:6]] == [False] * 6
    assert [result.missing_column for result in results] == [True, False, False, False, True, False, False]


def test_all_null_columns_pass_maps_and_fail_aggregates():
    for data in (pd.DataFrame({"x": [None, None]}), duckdb.sql("select null::varchar as x from range(2)")):
        assert only(data, "expect_column_values_to_be_between", column="x", min_value=1).success
        assert not validate(data, [{"expect_column_max_to_be_between": {"column": "x", "max_value": 1}}]).success


def test_parameters(data):
    suite = [{"expect_column_max_to_be_between": {"column": "age", "max_value": {"$PARAMETER": "most"}}}]
    assert validate(data, suite, parameters={"most": 40}).success
    assert not validate(data, suite, parameters={"most": 39}).success
    assert 'did you mean "mots"?' in validate(data, suite, parameters={"mots": 1}).results[0].error


def test_a_suite_brings_values_of_its_own():
    data = pl.DataFrame({"age": [1, 40]})
    limit = {"expectation_type": "expect_column_max_to_be_between"}
    named = {**limit, "kwargs": {"column": "age", "max_value": {"$PARAMETER": "most"}}}
    beside = {**limit, "kwargs": {"column": "age", "max_value": {"$PARAMETER": "more", "$PARAMETER.more": 41}}}
    suite = {"expectation_suite_name": "s", "evaluation_parameters": {"most": 40}, "expectations": [named, beside]}
    assert validate(data, suite).success
    results = validate(data, suite, parameters={"most": 39, "more": 39}).results
    assert [result.success for result in results] == [False, False]


def test_an_empty_suite_is_not_green(data):
    assert not validate(data, []).success


def test_importing_stays_light():
    heavy = "pandas,duckdb,narwhals,scipy,sklearn,polars,pyarrow,numpy"
    code = f"import sys, mlci.data; sys.exit(', '.join(set('{heavy}'.split(',')) & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr.strip() == ""
    )


@pytest.mark.parametrize("name", ["expect_column_values_to_be_between", "expect_column_min_to_be_between"])
def test_strict_bounds_exclude_themselves(name):
    frame = pl.DataFrame({"x": [1, 1]})
    limits = [
        {"min_value": 1, "max_value": 1},
        {"min_value": 1, "strict_min": True},
        {"max_value": 1, "strict_max": True},
        {"min_value": 0, "max_value": 2, "strict_min": True, "strict_max": True},
    ]
    results = several(frame, *((name, {"column": "x", **each}) for each in limits))
    assert [result.success for result in results] == [True, False, False, True]


def test_ignored_rows():
    frame = pl.DataFrame({"a": [1, None, 3, None], "b": [0, 1, None, None]})
    name = "expect_column_pair_values_a_to_be_greater_than_b"
    rules = ["both_values_are_missing", "either_value_is_missing", "neither"]
    columns = {"column_A": "a", "column_B": "b"}
    results = several(frame, *((name, {**columns, "ignore_row_if": rule}) for rule in rules))
    assert [(result.missing_count, result.unexpected_count) for result in results] == [(1, 2), (3, 0), (0, 3)]
    (wrong,) = validate(frame, [{name: {**columns, "ignore_row_if": "sometimes"}}]).results
    assert "ignore_row_if is one of" in wrong.error


def test_tables_and_queries():
    frame = pl.DataFrame({"x": [1, 2, 3]})
    suite = [
        {"expect_table_row_count_to_equal_other_table": {"other_table_name": "same"}},
        {"expect_table_row_count_to_equal_other_table": {"other_table_name": "sam"}},
        {"unexpected_rows_expectation": {"unexpected_rows_query": "select * from {batch} where x > 2"}},
        {"unexpected_rows_expectation": {"unexpected_rows_query": "select * from t"}},
    ]
    equal, unknown, rows, wrong = validate(frame, suite, tables={"same": pd.DataFrame({"y": [1, 2, 3]})}).results
    assert (equal.success, equal.observed_value) == (True, {"self": 3, "other": 3})
    assert 'did you mean "same"?' in unknown.error
    assert (rows.success, rows.observed_value, rows.unexpected_values) == (False, 1, ((3,),))
    assert "does not name {batch}" in wrong.error


def test_values_that_a_column_cannot_hold():
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    pairs, contained, none, nobody = validate(
        frame,
        [
            {
                "expect_column_pair_values_to_be_in_set": {
                    "column_A": "a",
                    "column_B": "b",
                    "value_pairs_set": [["x", 1]],
                    "ignore_row_if": "neither",
                }
            },
            {"expect_column_distinct_values_to_contain_set": {"column": "b", "value_set": ["x", None]}},
            {"expect_column_values_to_be_in_set": {"column": "a", "value_set": ["x", 2.5]}},
            {"expect_column_values_to_not_be_in_set": {"column": "a", "value_set": ["x", 2.5]}},
        ],
    ).results
    assert (pairs.error, pairs.unexpected_count) == (None, 2)
    assert (contained.success, contained.missing_count) == (False, 1)
    assert [none.unexpected_count, nobody.unexpected_count] == [2, 0]


def test_a_row_without_a_value_has_no_sum():
    frame = pl.DataFrame({"a": [1, 1, None], "b": [0, None, None]})
    result = only(frame, "expect_multicolumn_sum_to_equal", column_list=["a", "b"], sum_total=1)
    assert (result.missing_count, result.rows) == (1, (2,))


def test_no_bound_at_all_is_an_error_on_any_data():
    frame = pl.DataFrame({"x": [None, None]}, schema={"x": pl.Int64})
    (result,) = validate(frame, [{"expect_column_values_to_be_between": {"column": "x"}}]).results
    assert "cannot both be missing" in result.error


@pytest.mark.slow
def test_a_regular_expression_means_the_same_on_every_engine():
    texts = ["", "aaaa", "a{,3}", "a{", "a\n", "x-1"]
    frames = [pd.DataFrame({"t": texts}), pl.DataFrame({"t": texts})]
    frames.append(duckdb.connect().from_arrow(frames[1].to_arrow()))
    for regex in ("^a{,3}$", "a{", "^a$", "[^-]-[0-9]$", "(a)\\1", "^.*$"):
        suite = [{"expect_column_values_to_match_regex": {"column": "t", "regex": regex}}]
        assert len({validate(frame, suite).results[0].rows for frame in frames}) == 1, regex
