"""Expectations of the project's own in the data gate, run by real workers."""

import csv
import json

import pytest

from mlci.errors import ConfigError
from mlci.gates.data import run

pytestmark = pytest.mark.slow

ROWS = "id,code,day\n1,1234 AB,2020-01-01\n2,,2020-01-02\n3,1234 A,2020-01-03\n4,9999 ZZ,\n"
PLUGINS = """\
import re
from mlci.plugins import expectation


@expectation
def expect_column_values_to_be_a_postcode(values, *, country: str = "NL"):
    '''Every value is a postcode of `country`.

    Else: are no postcodes of `country`
    '''
    assert all(isinstance(value, str) for value in values)
    return [re.fullmatch("[0-9]{4} [A-Z]{2}", value) is not None for value in values]


@expectation
def expect_ids_to_rise(rows, *, but: int = 0):
    '''Ids rise.'''
    last, answers = 0, []
    for row in rows:
        answers.append(last < row["id"] != but)
        last = row["id"]
    return answers


@expectation
def expect_total(rows, *, column_a: str, at_least: float):
    '''The total of `column_a` is at least `at_least`.'''
    total = sum(row[column_a] for row in rows)
    assert set(next(iter(rows))) == {column_a}
    return {"success": total >= at_least, "observed_value": total}


@expectation
def expect_days_in_2020(frame):
    '''Every day is in 2020.'''
    return (frame["day"].dt.year == 2020) | frame["day"].isna()


@expectation(missing=True)
def expect_column_values_to_be_text_or_missing(values):
    return [value is None or isinstance(value, str) for value in values]


def expect_column_values_by_their_name_alone(values):
    '''Every value is as expected.'''
    return [True for value in values]
"""
BAD = """\
import os
import signal
import time
from mlci.plugins import expectation


@expectation
def expect_column_values_to_raise(values):
    raise KeyError("no such thing")


@expectation
def expect_column_values_to_exit(values):
    raise SystemExit(3)


@expectation
def expect_column_values_to_die(values):
    os.kill(os.getpid(), signal.SIGKILL)


@expectation
def expect_column_values_to_hang(values):
    time.sleep(60)


@expectation
def expect_column_values_to_be_short(values):
    return [True]


@expectation
def expect_column_values_to_say_maybe(values):
    return ["maybe" for value in values]


@expectation
def expect_column_values_to_say_one_thing(values):
    return True


@expectation
def expect_rows_to_be_a_number(rows):
    return 0.5


@expectation
def expect_rows_to_have_no_success(rows):
    return {"observed_value": 3}


@expectation
def expect_column_values_to_be_good(values):
    return [value > 0 for value in values]
"""


def gate(project, expect, plugins=PLUGINS, data=ROWS, **options):
    entries = "".join(f"      - {entry}\n" for entry in expect)
    config = f"plugins: [tests.plugins]\ndata:\n  p:\n    path: p.csv\n    expect:\n{entries}"
    return run(project(config, {"p.csv": data, "tests/plugins.py": plugins}, **options)).gate


def test_values_rows_and_frames_are_judged(project, tmp_path):
    found = gate(
        project,
        [
            "expect_column_values_to_be_a_postcode: {column: code}",
            "expect_column_values_to_be_a_postcode: {column: code, mostly: 0.6, severity: warning}",
            "expect_column_values_to_be_a_postcode: {column: code, row_condition: 'id != 3'}",
            "expect_ids_to_rise: {but: 3}",
            "expect_ids_to_rise: {}",
            "expect_total: {column_a: id, at_least: 11}",
            "expect_days_in_2020: {}",
            "expect_column_values_to_be_text_or_missing: {column: code}",
            "expect_column_values_by_their_name_alone: {column: id}",
        ],
    )
    assert [check.status for check in found.checks] == [
        *("failed", "passed", "passed", "failed", "passed", "failed", "passed", "passed", "passed")
    ]
    postcode, _, without, rising, _, total, days, text, _ = found.checks
    assert postcode.id == "data.p.expect_column_values_to_be_a_postcode.code"
    assert postcode.reason == "column `code`: 1 of 3 values are no postcodes of NL (mostly 1); row 3"
    assert postcode.details["values"] == {"unexpected_values": ["1234 A"]}
    assert (postcode.details["missing_count"], postcode.details["lines"]) == (1, [4])
    assert without.details["element_count"] == 3
    assert rising.reason == "table: 1 of 4 rows are not as expected: ids rise (mostly 1); row 3"
    assert rising.details["values"]["unexpected_values"] == [{"id": 3, "code": "1234 A", "day": "2020-01-03"}]
    assert total.reason == "table: it is 10; expected: the total of id is at least 11"
    assert total.details["observed_value"] == 10
    assert text.details["missing_count"] == 0
    assert days.where.line == 13
    with (tmp_path / "mlci-report" / "failing-rows" / "p.csv").open() as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["3"]


def test_an_interpreter_without_mlci_runs_them_too(project, bare):
    entries = ["expect_column_values_to_be_a_postcode: {column: code}", "expect_days_in_2020: {}"]
    postcode, days = gate(project, entries, python=bare).checks
    assert postcode.status == "failed"
    assert days.status == "errored"
    assert "wants a pandas frame, and the project's environment has no pandas" in days.reason


def test_each_way_to_fail_is_an_errored_check_of_its_own(project):
    names = ("raise", "exit", "die", "hang", "be_short", "say_maybe", "say_one_thing", "be_good")
    entries = [f"expect_column_values_to_{name}: {{column: id}}" for name in names]
    entries += ["expect_rows_to_be_a_number: {}", "expect_rows_to_have_no_success: {}"]
    config = "plugins: {modules: [tests.plugins], timeout: 2}\ndata:\n  p:\n    path: p.csv\n    expect:\n"
    config += "".join(f"      - {entry}\n" for entry in entries)
    found = run(project(config, {"p.csv": ROWS, "tests/plugins.py": BAD})).gate
    reasons = {check.id.split(".")[2]: check.reason for check in found.checks if check.status == "errored"}
    expected = {
        "expect_column_values_to_raise": "raised KeyError: 'no such thing' (tests/plugins.py:9)",
        "expect_column_values_to_exit": "called sys.exit(3) (tests/plugins.py:14)",
        "expect_column_values_to_die": "was killed by SIGKILL",
        "expect_column_values_to_hang": "did not answer within 2 s (tests/plugins.py:24)",
        "expect_column_values_to_be_short": "gave 1 answers for 4 values",
        "expect_column_values_to_say_maybe": "answered a value of type str at position 0, not true or false",
        "expect_column_values_to_say_one_thing": "answered a value of type bool, not a list with true or false",
        "expect_rows_to_be_a_number": "answered a value of type float, not a list with true or false for each row",
        "expect_rows_to_have_no_success": 'answered a dict whose "success" is None, not true or false',
    }
    assert reasons.keys() == expected.keys()
    for name, says in expected.items():
        assert f"tests.plugins:{name} {says}" in reasons[name]
    good = next(check for check in found.checks if check.id.endswith("be_good.id"))
    assert good.status == "passed"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            "expect_column_values_to_be_a_postcod: {column: code}",
            'postcod", did you mean "expect_column_values_to_be_a_postcode"?',
        ),
        (
            "expect_column_values_to_be_uniqe: {column: code}",
            'did you mean "expect_column_values_to_be_unique"?',
        ),
        (
            "expect_column_values_to_be_a_postcode: {column: code, contry: NL}",
            'takes no argument "contry"; did you mean "country"?',
        ),
        ("expect_column_values_to_be_a_postcode: {country: NL}", 'needs the argument "column"'),
        ("expect_column_values_to_be_a_postcode: {column: code, country: 3}", "country is 3, which is no text"),
        ("expect_column_values_to_be_a_postcode: {column: code, mostly: 3}", "mostly is 3, which is no share"),
    ],
)
def test_a_mistake_in_the_configuration_is_a_usage_error_with_its_line(project, entry, says):
    with pytest.raises(ConfigError) as caught:
        gate(project, [entry])
    assert "mlci.yaml:7" in str(caught.value)
    assert says in str(caught.value)


def test_suite_files_name_them_too_and_their_mistakes_are_results(project):
    expectations = [
        {"type": "ExpectColumnValuesToBeAPostcode", "kwargs": {"column": "code"}, "severity": "warning"},
        {"expectation_type": "expect_column_values_to_be_a_postcode", "kwargs": {"column": "code", "contry": "NL"}},
        {"expectation_type": "expect_column_values_to_be_a_postcode", "kwargs": {"column": "cod"}},
        {"expectation_type": "expect_column_values_to_be_a_poscode", "kwargs": {"column": "code"}},
        {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
    ]
    config = "plugins: [tests/plugins.py]\ndata:\n  p: {path: p.csv, suite: suite.json}\n"
    suite = json.dumps({"expectations": expectations})
    found = run(project(config, {"p.csv": ROWS, "tests/plugins.py": PLUGINS, "suite.json": suite})).gate
    warned, misspelt, column, unknown, unique = found.checks
    assert (warned.status, unique.status) == ("warned", "passed")
    assert (misspelt.status, column.status, unknown.status) == ("errored", "failed", "errored")
    assert 'did you mean "country"?' in misspelt.reason
    assert 'did you mean "code"?' in column.reason
    assert 'did you mean "expect_column_values_to_be_a_postcode"?' in unknown.reason


def test_a_module_that_cannot_be_imported_costs_only_what_needs_it(project):
    entries = [
        "expect_column_values_to_be_a_postcode: {column: code}",
        "expect_column_values_to_be_unique: {column: id}",
    ]
    module, own, built_in = gate(project, entries, plugins="import nothing_of_that_name\n").checks
    assert (own.status, built_in.status, module.status) == ("errored", "passed", "errored")
    assert module.id == "data.plugins.tests.plugins"
    assert "No module named 'nothing_of_that_name'" in module.reason
    assert "is not built in, and tests.plugins cannot be used" in own.reason


def test_the_name_of_a_built_in_expectation_is_refused(project):
    plugins = "def expect_column_values_to_be_unique(values):\n    return [False for value in values]\n"
    module, unique = gate(project, ["expect_column_values_to_be_unique: {column: id}"], plugins=plugins).checks
    assert unique.status == "passed"
    assert module.status == "errored"
    says = "(tests/plugins.py:1) has the name of a built-in expectation, `expect_column_values_to_be_unique`"
    assert says in module.reason


def test_a_module_without_plugins_is_said(project):
    module, *_ = gate(project, ["expect_column_values_to_be_unique: {column: id}"], plugins="x = 1\n").checks
    assert (module.status, module.reason) == (
        "errored",
        "tests.plugins has no plugins: none of its functions is decorated",
    )


def test_many_rows_come_in_parts_and_each_different_value_once(project, tmp_path):
    plugins = """\
    from mlci.plugins import expectation

    @expectation
    def expect_column_values_to_be_small(values):
        with open("asked.txt", "a") as file:
            file.write(f"{len(values)}\\n")
        return [value < 7 for value in values]
    """
    data = "id\n" + "".join(f"{at % 10}\n" for at in range(25_000))
    check = gate(project, ["expect_column_values_to_be_small: {column: id}"], plugins=plugins, data=data).checks[0]
    assert check.summary.startswith("column `id`: 7500 of 25000 values")
    assert check.details["rows"][:3] == [8, 9, 10]
    assert (tmp_path / "asked.txt").read_text().split() == ["10", "10", "10"]
