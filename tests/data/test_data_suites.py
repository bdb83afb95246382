"""Reading suites: Great Expectations' shapes and ours, with the lines that their expectations stand on."""

import json

import pytest

from mlci.data.suites import check_expectation, parse_suite, read_suite
from mlci.errors import CannotRun, UsageError

OLD = {
    "expectation_suite_name": "s",
    "expectations": [
        {"expectation_type": "expect_column_to_exist", "kwargs": {"column": "a"}, "meta": {}},
        {"expectation_type": "expect_column_values_to_be_uniqe", "kwargs": {"column": "a"}},
    ],
}
NEW = {
    "name": "s",
    "expectations": [
        {"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "warning", "id": "x"},
        {"type": "expect_column_to_exist", "kwargs": {"column": "b"}, "severity": "critical"},
    ],
}
OURS = """\
- expect_column_to_exist: {column: a}
- expect_column_values_to_be_in_set:
    column: country
    value_set: [NO, SE]
    severity: warning
"""


def read(folder, name, text):
    (folder / name).write_text(text)
    return read_suite(folder / name, name)


def test_suites_of_0x(tmp_path):
    first, second = read(tmp_path, "s.json", json.dumps(OLD, indent=1))
    assert (first.name, first.kwargs, first.problem, first.where.line) == (
        "expect_column_to_exist",
        {"column": "a"},
        None,
        5,
    )
    assert "did you mean" in second.problem
    assert second.where.line == 12


def test_suites_of_1x_carry_severities(tmp_path):
    asked = read(tmp_path, "s.json", json.dumps(NEW))
    assert [each.severity for each in asked] == ["warning", "error"]


def test_our_lists_in_yaml_say_no_where_norway_is_meant(tmp_path):
    _, second = read(tmp_path, "s.yaml", OURS)
    assert second.kwargs["value_set"] == ["NO", "SE"]
    assert (second.severity, second.where.line) == ("warning", 2)


def test_parsed_suites():
    assert [each.name for each in parse_suite(NEW)] == ["expect_column_to_exist"] * 2
    assert parse_suite([{"ExpectColumnToExist": {"column": "a"}}])[0].name == "expect_column_to_exist"
    assert parse_suite(["expect_table_row_count_to_be_between"])[0].problem is None


def test_what_is_no_suite(tmp_path):
    with pytest.raises(UsageError, match="no suite"):
        read(tmp_path, "s.json", "{}")
    with pytest.raises(UsageError, match="not JSON"):
        read(tmp_path, "s.json", "{")
    with pytest.raises(CannotRun, match="cannot be read"):
        read_suite(tmp_path / "none.json", "none.json")
    assert "no expectation" in parse_suite([3])[0].problem
    assert "stands beside" in parse_suite([{"expect_column_to_exist": {"column": "a"}, "mostly": 1}])[0].problem


@pytest.mark.parametrize(
    ("name", "kwargs", "problem"),
    [
        ("expect_column_values_to_be_betwen", {}, 'did you mean "expect_column_values_to_be_between"'),
        ("expect_column_values_to_be_between", {"column": "a", "min_valu": 1}, 'did you mean "min_value"'),
        ("expect_column_values_to_be_between", {"min_value": 1}, 'needs the argument "column"'),
        ("expect_column_values_to_be_between", {"column": "a", "min_value": 1, "mostly": 1.1}, "no share"),
        ("expect_column_values_to_be_in_set", {"column": "a", "value_set": "ab"}, "is no list"),
        ("expect_column_values_to_be_unique", {"column": 3}, "is no text"),
        ("expect_column_values_to_be_unique", {"column": "a", "severity": "loud"}, "severity is one of"),
        ("expect_table_row_count_to_equal", {"value": "hello"}, "is no whole number"),
        ("expect_table_row_count_to_equal", {"value": True}, "is no whole number"),
    ],
)
def test_arguments_are_checked(name, kwargs, problem):
    assert problem in check_expectation(name, kwargs)


def test_what_great_expectations_writes_beside_arguments_is_let_pass():
    kwargs = {"column": "a", "result_format": "BASIC", "mostly": None, "batch_id": "x", "row_condition": None}
    assert check_expectation("expect_column_values_to_be_unique", kwargs) is None
    assert check_expectation("expect_column_values_to_be_unique", {"column": {"$PARAMETER": "c"}}) is None
