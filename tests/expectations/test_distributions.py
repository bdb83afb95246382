"""Expectations of distributions, on small data worked out by hand."""

import math

import polars as pl
import pytest

from mlci.data import validate

DATA = pl.DataFrame({"c": ["a", "a", "b", "c", None], "x": [1.0, 2.0, 3.0, 4.0, 100.0], "k": [5, 5, 5, 5, 5]})


def only(name, **kwargs):
    (result,) = validate(DATA, [{name: kwargs}]).results
    return result


def test_divergence_from_values():
    name = "expect_column_kl_divergence_to_be_less_than"
    expected = {"values": ["a", "b", "c"], "weights": [0.5, 0.25, 0.25]}
    assert only(name, column="c", partition_object=expected, threshold=0.0).success
    shifted = only(name, column="c", partition_object={**expected, "weights": [0.25, 0.5, 0.25]}, threshold=0.1)
    assert not shifted.success
    assert shifted.observed_value == pytest.approx(0.5 * math.log(2) + 0.25 * math.log(0.5))
    unseen = only(name, column="c", partition_object={"values": ["a"], "weights": [1]}, threshold=9)
    assert (unseen.success, unseen.observed_value) == (False, None)


def test_divergence_from_bins():
    name = "expect_column_kl_divergence_to_be_less_than"
    bins = {"bins": [0, 2, 4], "weights": [0.5, 0.5]}
    assert not only(name, column="x", partition_object=bins, threshold=9).success
    assert only(name, column="x", partition_object=bins, threshold=9, tail_weight_holdout=0.2).success
    wrong = only(name, column="x", partition_object={"bins": [0, 2], "weights": [0.5]}, threshold=9)
    assert "do not add up to 1" in wrong.error


def test_outliers_and_z_scores():
    outlier = only("expect_column_values_to_not_be_outliers", column="x")
    assert (outlier.unexpected_values, outlier.rows) == ((100.0,), (5,))
    assert only("expect_column_values_to_not_be_outliers", column="k", method="std").success
    assert only("expect_column_value_z_scores_to_be_less_than", column="k", threshold=1).success
    assert only("expect_column_value_z_scores_to_be_less_than", column="x", threshold=1.5).unexpected_values == (100.0,)


def test_quantiles_are_values_of_the_data():
    ranges = {"quantiles": [0, 0.3, 0.9], "value_ranges": [[None, 1], [2, 2], [100, None]]}
    result = only("expect_column_quantile_values_to_be_between", column="x", quantile_ranges=ranges)
    assert (result.success, result.observed_value["values"]) == (True, [1.0, 2.0, 100.0])


def test_sets_of_distinct_values():
    assert only("expect_column_distinct_values_to_be_in_set", column="c", value_set=["a", "b"]).unexpected_values == (
        "c",
    )
    assert only("expect_column_distinct_values_to_contain_set", column="c", value_set=["a", "z"]).missing_count == 1
    assert only("expect_column_distinct_values_to_equal_set", column="c", value_set=["c", "b", "a"]).success
    most = only("expect_column_most_common_value_to_be_in_set", column="c", value_set=["a"])
    assert (most.success, most.observed_value, most.missing_count) == (True, ["a"], 1)


def test_tests_of_scipy():
    expected = {"values": ["a", "b", "c"], "weights": [0.5, 0.25, 0.25]}
    assert only(
        "expect_column_chisquare_test_p_value_to_be_greater_than", column="c", partition_object=expected
    ).success
    name = "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than"
    assert not only(name, column="x", distribution="norm", params={"mean": 50, "std_dev": 1}).success
    assert "check std_dev" in only(name, column="x", distribution="norm", params={"mean": 0, "std_dev": 0}).error
    phi = only("expect_column_pair_cramers_phi_value_to_be_less_than", column_A="c", column_B="c")
    assert (phi.success, phi.observed_value) == (False, 1.0)
