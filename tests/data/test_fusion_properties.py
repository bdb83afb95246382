"""Properties that hold of any data and any suite."""

import json

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlci.data import validate

pytestmark = pytest.mark.slow

numbers = st.one_of(st.none(), st.integers(-5, 5))
texts = st.one_of(st.none(), st.sampled_from(["", "a", "ab", "abc", "é", "a\n", "12", "2024-01-31"]))
rows = st.lists(st.tuples(numbers, numbers, texts), min_size=1, max_size=12)
mostly = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])
bounds = st.fixed_dictionaries({"min_value": st.integers(-5, 0), "max_value": st.integers(0, 5)})
conditions = st.sampled_from([None, "a > 0", "b is null or t = 'a'", "not (a = b)"])


def column_map(name, column, extra):
    fixed = {"column": st.just(column), "mostly": mostly, "row_condition": conditions}
    return st.builds(lambda given, more: {name: {**given, **more}}, st.fixed_dictionaries(fixed), extra)


def some(**extra):
    return st.fixed_dictionaries(extra)


MAPS = st.one_of(
    column_map("expect_column_values_to_not_be_null", "a", some()),
    column_map("expect_column_values_to_be_null", "b", some()),
    column_map("expect_column_values_to_be_unique", "a", some()),
    column_map("expect_column_values_to_be_between", "a", bounds),
    column_map("expect_column_values_to_be_in_set", "t", some(value_set=st.lists(st.sampled_from(["a", "ab", "12"])))),
    column_map("expect_column_values_to_be_increasing", "a", some(strictly=st.booleans())),
    column_map("expect_column_value_lengths_to_be_between", "t", bounds),
    column_map(
        "expect_column_values_to_match_regex", "t", some(regex=st.sampled_from([r"\w", "^a$", r"(?=a)", r"\d{2}"]))
    ),
    column_map("expect_column_values_to_match_strftime_format", "t", some(strftime_format=st.just("%Y-%m-%d"))),
    column_map("expect_column_values_to_not_be_outliers", "a", some()),
    st.builds(
        lambda share: {"expect_compound_columns_to_be_unique": {"column_list": ["a", "t"], "mostly": share}}, mostly
    ),
    st.builds(
        lambda share: {
            "expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "a", "column_B": "b", "mostly": share}
        },
        mostly,
    ),
)
AGGREGATES = st.builds(
    lambda name, column, limits: {f"expect_column_{name}_to_be_between": {"column": column, **limits}},
    st.sampled_from(["min", "max", "mean", "median", "stdev", "sum", "unique_value_count"]),
    st.sampled_from(["a", "b", "nope"]),
    bounds,
)
suites = st.lists(st.one_of(MAPS, AGGREGATES), min_size=1, max_size=6)
quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def polars(data):
    return pl.DataFrame(data, schema={"a": pl.Int64, "b": pl.Int64, "t": pl.String}, orient="row")


def shown(result):
    seen = (result.success, result.observed_value, result.unexpected_count, result.missing_count, result.rows)
    return json.dumps((*seen, result.unexpected_values, result.error), default=str)


@quick
@given(rows, suites)
def test_fused_results_equal_results_one_by_one(data, suite):
    frame = polars(data)
    together = [shown(result) for result in validate(frame, suite).results]
    assert together == [shown(validate(frame, [each]).results[0]) for each in suite]


@quick
@given(rows, suites, st.randoms(use_true_random=False))
def test_the_order_of_expectations_does_not_matter(data, suite, random):
    order = list(range(len(suite)))
    random.shuffle(order)
    frame = polars(data)
    straight = validate(frame, suite).results
    shuffled = validate(frame, [suite[at] for at in order]).results
    assert [shown(straight[at]) for at in order] == [shown(result) for result in shuffled]


@quick
@given(rows, MAPS)
def test_mostly_is_monotone(data, expectation):
    ((name, kwargs),) = expectation.items()
    shares = [0.0, 0.2, 0.5, 0.8, 1.0]
    results = validate(polars(data), [{name: {**kwargs, "mostly": share}} for share in shares]).results
    assert [result.success for result in results] == sorted((result.success for result in results), reverse=True)


GOOD = {
    "expect_column_values_to_not_be_null": ({"column": "a"}, (1, 1, "a")),
    "expect_column_values_to_be_between": ({"column": "a", "min_value": -2, "max_value": 2}, (0, 1, "a")),
    "expect_column_values_to_be_in_set": ({"column": "t", "value_set": ["a", "ab"]}, (9, 9, "ab")),
    "expect_column_values_to_match_regex": ({"column": "t", "regex": "^a"}, (9, 9, "a")),
    "expect_column_pair_values_to_be_equal": ({"column_A": "a", "column_B": "b"}, (3, 3, "a")),
}


@quick
@given(rows, st.sampled_from(sorted(GOOD)), mostly, st.integers(1, 5))
def test_good_rows_never_turn_a_pass_into_a_failure(data, name, share, count):
    kwargs, good = GOOD[name]
    suite = [{name: {**kwargs, "mostly": share}}]
    before = validate(polars(data), suite).success
    after = validate(polars([*data, *[good] * count]), suite).success
    assert after or not before


@pytest.mark.slow
@settings(quick, max_examples=80)
@given(rows, suites)
def test_duckdb_and_pandas_answer_as_polars_does(data, suite):
    frame = polars(data)
    duck = duckdb.connect().from_arrow(frame.to_arrow())
    pandas = frame.to_pandas().astype({"a": "Int64", "b": "Int64"})
    answers = [validate(each, suite).results for each in (frame, duck, pandas)]
    for at, expectation in enumerate(suite):
        seen = {
            (result.success, result.unexpected_count, result.missing_count, result.rows, bool(result.error))
            for result in (results[at] for results in answers)
        }
        assert len(seen) == 1, (expectation, [results[at] for results in answers])
