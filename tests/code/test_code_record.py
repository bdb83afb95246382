"""What a baseline keeps of tests and of coverage by file comes back, and nothing else is taken for it."""

import json

import pytest

from mlci.code.coverage import Counts
from mlci.code.junit import TestRun
from mlci.code.record import TestRecord, from_plain, record_of, to_plain


def run(name, outcome="passed", **rest):
    return TestRun(id=name, outcome=outcome, file="tests/test_a.py", line=1, **rest)


def test_tests_and_files_come_back():
    files = {"shop/price.py": Counts(statements=10, covered=8, branches=4, covered_branches=1, excluded=2)}
    tests = (
        run("tests/test_a.py::test_b[é]", seconds=0.25),
        run("tests/test_a.py::test_c", "skipped"),
        run("tests/test_bad.py", "error", of_collection=True),
    )
    record = record_of(tests, files)
    assert record.tests == {
        "tests/test_a.py::test_b[é]": TestRecord(outcome="passed", seconds=0.25),
        "tests/test_a.py::test_c": TestRecord(outcome="skipped", seconds=0.0),
    }
    assert from_plain(json.loads(json.dumps(to_plain(record)))) == record


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"tests": {}, "files": []},
        {"tests": {"a": "passed"}, "files": {}},
        {"tests": {"a": ["green", 1.0]}, "files": {}},
        {"tests": {"a": ["passed", -1]}, "files": {}},
        {"tests": {"a": ["passed", True]}, "files": {}},
        {"tests": {"a": ["passed", float("nan")]}, "files": {}},
        {"tests": {}, "files": {"a.py": [1, 2, 3]}},
        {"tests": {}, "files": {"a.py": [1, 2, 0, 0, 0]}},
        {"tests": {}, "files": {"a.py": [2, 1, 0, 0, -1]}},
        {"tests": {}, "files": {"a.py": [2, True, 0, 0, 0]}},
    ],
)
def test_what_it_does_not_write_is_refused(plain):
    with pytest.raises(ValueError, match=r"no |more of"):
        from_plain(plain)
