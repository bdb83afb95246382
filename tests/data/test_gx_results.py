"""Results in the shape of Great Expectations; the expected ones are what version 1.24.1 answered on the same frame."""

import datetime as dt
import json

import polars as pl
import pytest

from mlci.data import validate
from mlci.errors import UsageError

FRAME = pl.DataFrame({"id": range(1, 9), "age": [10.0, 20.0, None, 30.0, 200.0, -1.0, 55.0, 61.0]})
BETWEEN = {"expect_column_values_to_be_between": {"column": "age", "min_value": 0, "max_value": 120}}


def result(expectation, result_format="SUMMARY", frame=FRAME, **more):
    document = validate(frame, [expectation], **more).to_gx(result_format)
    json.dumps(document, allow_nan=False)
    return document["results"][0]


def test_rows_that_violate_are_counted_as_great_expectations_does():
    basic = {
        "element_count": 8,
        "unexpected_count": 2,
        "unexpected_percent": 28.57142857142857,
        "partial_unexpected_list": [200.0, -1.0],
        "missing_count": 1,
        "missing_percent": 12.5,
        "unexpected_percent_total": 25.0,
        "unexpected_percent_nonmissing": 28.57142857142857,
    }
    summary = {
        "partial_unexpected_counts": [{"value": -1.0, "count": 1}, {"value": 200.0, "count": 1}],
        "partial_unexpected_index_list": [4, 5],
    }
    complete = {"unexpected_list": [200.0, -1.0], "unexpected_index_list": [4, 5]}
    assert result(BETWEEN, "BOOLEAN_ONLY")["result"] == {}
    assert result(BETWEEN, "BASIC")["result"] == basic
    assert result(BETWEEN, "SUMMARY")["result"] == basic | summary
    assert result(BETWEEN, "COMPLETE")["result"] == basic | summary | complete


@pytest.mark.parametrize(
    ("expectation", "expected"),
    [
        (
            {"expect_column_values_to_not_be_null": {"column": "age"}},
            {
                "element_count": 8,
                "unexpected_count": 1,
                "unexpected_percent": 12.5,
                "partial_unexpected_list": [None],
                "partial_unexpected_counts": [{"value": None, "count": 1}],
                "partial_unexpected_index_list": [2],
            },
        ),
        ({"expect_table_row_count_to_equal": {"value": 3}}, {"observed_value": 8}),
        ({"expect_column_to_exist": {"column": "zz"}}, {}),
        (
            {"expect_table_columns_to_match_set": {"column_set": ["id"]}},
            {"observed_value": ["age", "id"], "details": {"mismatched": {"unexpected": ["age"]}}},
        ),
        (
            {"expect_column_distinct_values_to_be_in_set": {"column": "id", "value_set": [1, 2]}},
            {"observed_value": None, "unexpected_count": 6, "partial_unexpected_list": [3, 4, 5, 6, 7, 8]},
        ),
    ],
)
def test_each_kind_has_the_keys_that_great_expectations_gives_it(expectation, expected):
    assert result(expectation)["result"] == expected


def test_a_published_result_has_the_same_shape(corpora):
    for result_format in ("BOOLEAN_ONLY", "BASIC", "SUMMARY"):
        path = corpora / "gx" / "samples" / f"validation_result_1.24.1_{result_format}.json"
        theirs = json.loads(path.read_text())
        suite = [
            {"type": each["expectation_config"]["type"], "kwargs": each["expectation_config"]["kwargs"]}
            for each in theirs["results"]
        ]
        ours = validate(FRAME, {"expectations": suite}).to_gx(result_format)
        assert (ours["success"], ours["statistics"]) == (theirs["success"], theirs["statistics"])
        assert set(theirs) - set(ours) == {"suite_name"}
        for mine, other in zip(ours["results"], theirs["results"], strict=True):
            assert mine["success"] == other["success"]
            assert set(mine) == set(other)
            assert set(other["result"]) - set(mine["result"]) <= {"unexpected_index_column_names"}


def test_what_could_not_be_judged_says_so():
    info = result({"expect_column_mean_to_be_between": {"column": "zz"}})["exception_info"]
    assert info["raised_exception"]
    assert "there is no column `zz`" in info["exception_message"]


def test_complete_is_complete_or_refused():
    many = pl.DataFrame({"day": [dt.date(2024, 1, 1)] * 30})
    unique = {"expect_column_values_to_be_unique": {"column": "day"}}
    with pytest.raises(UsageError, match=r"30 failing rows, of which 20 were kept.*failing_rows=30"):
        result(unique, "COMPLETE", many)
    whole = result(unique, "COMPLETE", many, failing_rows=30)["result"]
    assert whole["unexpected_list"] == ["2024-01-01"] * 30
    assert whole["unexpected_index_list"] == list(range(30))
    assert whole["partial_unexpected_counts"] == [{"value": "2024-01-01", "count": 20}]


def test_there_is_no_other_format():
    with pytest.raises(UsageError, match="BOOLEAN_ONLY"):
        result(BETWEEN, "SHORT")
