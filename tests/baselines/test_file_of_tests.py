"""Tests and files of the code gate in the file that is committed."""

import json

import pytest

from mlci.baselines import file
from mlci.baselines.model import Stored
from mlci.code.coverage import Counts
from mlci.code.record import CodeRecord, TestRecord
from mlci.errors import UsageError

STORED = Stored(schema=1, mlci="1", created="2024-01-01")
CODE = CodeRecord(
    tests={
        "t.py::b": TestRecord(outcome="passed", seconds=1.26),
        "t.py::a": TestRecord(outcome="skipped", seconds=0.004),
    },
    files={"a.py": Counts(statements=3, covered=2, branches=2, covered_branches=1, excluded=4)},
)


def test_tests_and_files_come_back_one_a_line_with_rounded_times():
    text = file.dumps(STORED, CODE)
    assert '   "t.py::a": ["skipped", 0.0],\n   "t.py::b": ["passed", 1.3]\n' in text
    read = file.code_of(text.encode(), "b.json")
    assert read
    assert read.files == CODE.files
    assert read.tests["t.py::b"] == TestRecord(outcome="passed", seconds=1.3)
    assert file.loads(text.encode(), "b.json") == STORED


def test_a_file_without_them_has_none():
    assert file.code_of(file.dumps(STORED).encode(), "b.json") is None
    assert json.loads(file.dumps(STORED, CodeRecord()))["code"] == {"tests": {}, "files": {}}


@pytest.mark.parametrize("code", ["[]", "1", '{"tests": {}}', '{"tests": {"a": ["passed", -1]}, "files": {}}'])
def test_what_is_damaged_is_refused(code):
    raw = file.dumps(STORED).replace("{", f'{{"code": {code},', 1).encode()
    with pytest.raises(UsageError, match="`code` is damaged"):
        file.code_of(raw, "b.json")
