"""Reading coverage's JSON, and comparing what it says with a limit."""

from __future__ import annotations

import json

import pytest

from mlci.code.coverage import Counts, Measured, shown
from mlci.code.coverage_checks import of_coverage
from mlci.code.formats import read_coverage
from mlci.config.code import Coverage
from mlci.errors import CannotRun, Where


def summary(statements: int, covered: int, **more: object) -> dict[str, object]:
    return {"num_statements": statements, "covered_lines": covered, "missing_lines": statements - covered, **more}


def report(totals: object, **files: object) -> dict[str, object]:
    return {
        "meta": {"format": 3},
        "files": {name: {"summary": entry} for name, entry in files.items()},
        "totals": totals,
    }


@pytest.fixture
def read(tmp_path):
    def reading(content: object):
        path = tmp_path / "coverage.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return read_coverage(path)

    return reading


def test_the_percentage_is_computed_from_the_counts_not_taken(read):
    measured = read(report(summary(8, 5, percent_covered=99.0), a=summary(3, 2), b=summary(5, 3)))
    assert measured.total.percent == 62.5
    assert measured.files["a"].percent == pytest.approx(66.6666667)


def test_branches_count_as_coverage_counts_them(read):
    entry = summary(10, 8, num_branches=4, covered_branches=1, excluded_lines=2)
    counts = read(report(entry, a=entry)).total
    assert counts.percent == pytest.approx(100 * 9 / 14)
    assert counts.excluded == 2


GOOD = summary(2, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "in no format that is known"),
        ('{"files": {', "is damaged: it is not JSON"),
        ('{"a":' + "[" * 100_000, "is damaged"),
        ([], "in no format"),
        ({"files": {}}, "is not what coverage writes: 'totals' is missing"),
        (report(None, a=GOOD), "is damaged"),
        (report(summary(3, 1), a=GOOD), "totals are not the sums"),
        (report(summary(1, 2), a=summary(1, 2)), "more is covered than there is"),
        (report(summary(-1, -1), a=summary(-1, -1)), "is not a count"),
        (report(summary(1, True), a=summary(1, True)), "is not a count"),
        (report(summary(1.5, 1), a=summary(1.5, 1)), "is not a count"),
        (report(summary(0, 0), a=summary(0, 0)), "no statement that was measured"),
        (report(summary(0, 0)), "no statement that was measured"),
    ],
)
def test_what_is_not_a_whole_report_is_an_error(read, content, said):
    with pytest.raises(CannotRun, match=said):
        read(content)


def test_a_missing_report_is_an_error(tmp_path):
    with pytest.raises(CannotRun, match="is missing"):
        read_coverage(tmp_path / "coverage.json")


def measured(statements: int, covered: int) -> Measured:
    counts = Counts(statements=statements, covered=covered)
    return Measured(total=counts, files={"a.py": counts})


PLACE = Where(path="mlci.yaml", line=3)


def test_a_coverage_below_its_limit_by_a_hair_fails():
    check = of_coverage(measured(25_000, 22_499), Coverage(total=90), PLACE)  # 89.996 %, which rounds to the limit
    assert check.status == "failed"
    assert check.reason == "coverage is 89.99 %, below the limit of 90 %"
    assert check.where == PLACE
    assert check.details["percent"] == pytest.approx(89.996)


def test_a_coverage_at_its_limit_passes():
    check = of_coverage(measured(10, 9), Coverage(total=90), PLACE)
    assert (check.status, check.reason, check.where) == ("passed", None, None)
    assert check.summary == "coverage 90.00 % of 10 statements (at least 90 %)"


def test_a_warning_does_not_block():
    assert of_coverage(measured(10, 1), Coverage(total=90, severity="warning"), PLACE).status == "warned"


def test_without_a_limit_it_is_reported():
    assert of_coverage(measured(10, 1), None, None).summary == "coverage 10.00 % of 10 statements (no limit)"


@pytest.mark.parametrize(("percent", "text"), [(89.999, "89.99"), (100.0, "100.00"), (99.9999, "99.99"), (0, "0.00")])
def test_what_is_shown_is_rounded_down(percent, text):
    assert shown(percent) == text
