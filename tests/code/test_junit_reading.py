"""Reading pytest's JUnit XML, whole and broken."""

from __future__ import annotations

import pytest

from mlci.code import junit
from mlci.code.junit import read_junit
from mlci.errors import CannotRun


def suite(*cases: str) -> str:
    return f'<?xml version="1.0"?><testsuites><testsuite name="pytest">{"".join(cases)}</testsuite></testsuites>'


def case(name: str, *results: str, owner: str = "tests.test_a", file: str = "tests/test_a.py", line: str = "4") -> str:
    place = f'file="{file}" line="{line}"' if file else ""
    return f'<testcase classname="{owner}" name="{name}" {place} time="0.1">{"".join(results)}</testcase>'


@pytest.fixture
def read(tmp_path):
    def reading(text: str | bytes):
        path = tmp_path / "junit.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_junit(path)

    return reading


def test_each_outcome_is_read(read):
    tests = read(
        suite(
            case("test_ok"),
            case("test_bad", '<failure message="assert 1 == 2&#10;more">text &amp; more</failure>'),
            case("test_err", '<error message="failed on setup">text</error>'),
            case("test_skip", '<skipped type="pytest.skip" message="why">x</skipped>'),
        )
    )
    assert [test.outcome for test in tests] == ["passed", "failed", "error", "skipped"]
    assert (tests[1].message, tests[1].text) == ("assert 1 == 2\nmore", "text & more")
    assert (tests[1].file, tests[1].line) == ("tests/test_a.py", 5)


@pytest.mark.parametrize(
    ("owner", "file", "name", "expected"),
    [
        ("tests.test_a", "tests/test_a.py", "test_b[x::y]", "tests/test_a.py::test_b[x::y]"),
        ("tests.test_a.TestX.TestY", "tests/test_a.py", "test_b", "tests/test_a.py::TestX::TestY::test_b"),
        ("prefix.tests.test_a.TestX", "tests/test_a.py", "test_b", "tests/test_a.py::TestX::test_b"),
        ("test_a", "test_a.py", "test_b", "test_a.py::test_b"),
        ("tests.test_a", "", "test_b", "tests.test_a::test_b"),
    ],
)
def test_ids_are_pytests_own(read, owner, file, name, expected):
    assert read(suite(case(name, owner=owner, file=file)))[0].id == expected


def test_a_file_that_cannot_be_collected_is_told_apart(read):
    (test,) = read(
        suite(
            '<testcase classname="" name="tests.test_b" file="tests/test_b.py"><error message="collection failure">E   No</error></testcase>'
        )
    )
    assert (test.id, test.outcome, test.of_collection, test.line) == ("tests/test_b.py", "error", True, None)


def test_parts_of_one_test_count_once_as_their_worst(read):
    tests = read(
        suite(
            case("test_a", '<failure message="first">1</failure>', '<failure message="second">2</failure>'),
            case("test_b"),
            case("test_b", '<error message="failed on teardown">3</error>'),
            case("test_c", '<failure message="call">4</failure>'),
            case("test_c", '<error message="failed on teardown">5</error>'),
        )
    )
    assert [(test.outcome, test.message, test.text) for test in tests] == [
        ("failed", "first", "1"),
        ("error", "failed on teardown", "3"),
        ("error", "call", "4"),
    ]


def test_no_tests_is_an_empty_report(read):
    assert read(suite()) == ()


BOMB = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuites>&b;</testsuites>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read: no element found"),
        (suite(case("test_a"))[:-30], "cannot be read"),
        ("<html/>", "is not JUnit XML"),
        ("{}", "cannot be read"),
        (BOMB, "declares a document type"),
        ('<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuites/>', "declares a document type"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_what_is_not_a_whole_report_is_an_error(read, text, said):
    with pytest.raises(CannotRun, match=said):
        read(text)


def test_a_report_too_large_is_an_error(read, monkeypatch):
    monkeypatch.setattr(junit, "LARGEST", 10 << 20)
    with pytest.raises(CannotRun, match="larger than 10 MiB"):
        read(suite(" " * (11 << 20)))


def test_a_missing_report_is_an_error(tmp_path):
    with pytest.raises(CannotRun, match="is missing"):
        read_junit(tmp_path / "junit.xml")


def test_the_time_of_a_test_is_the_sum_of_its_parts_and_never_nonsense(read):
    tests = read(suite(case("test_a"), case("test_a", '<error message="at teardown">x</error>'), case("test_b")))
    assert [test.seconds for test in tests] == [0.2, 0.1]
    for wrong in ("nan", "inf", "-1", "soon", ""):
        assert read(suite(case("test_a").replace('time="0.1"', f'time="{wrong}"')))[0].seconds == 0.0
