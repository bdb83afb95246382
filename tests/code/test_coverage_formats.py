"""Reading reports of coverage in each format, and finding the files that they name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from mlci.code.coverage import Counts, Measured
from mlci.code.formats import READERS, read_coverage
from mlci.code.locating import located
from mlci.errors import CannotRun

XML = """<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage version="7" timestamp="1700000000000" lines-valid="4" branch-rate="0">
<sources><source>/app/src</source></sources>
<packages><package name="."><classes>
<class name="a.py" filename="pkg/a.py"><methods/><lines>
<line number="1" hits="1"/><line number="2" hits="0"/>
<line number="3" hits="2" branch="true" condition-coverage="50% (1/2)"/></lines></class>
<class name="Inner" filename="pkg/a.py"><lines><line number="2" hits="3"/><line number="9" hits="0"/></lines></class>
</classes></package></packages></coverage>"""
LCOV = """TN:
SF:pkg/a.py
DA:1,1
DA:2,0,hash
DA:2,3
DA:3,2
DA:9,0
BRDA:3,0,jump to line 4,1
BRDA:3,0,1,-
LF:4
end_of_record
"""
ENTRY = {
    "executed_lines": [1, 2, 3],
    "missing_lines": [9],
    "excluded_lines": [5],
    "summary": {"num_statements": 4, "covered_lines": 3, "excluded_lines": 1, "num_branches": 2, "covered_branches": 1},
}
JSON = json.dumps(
    {"meta": {"timestamp": "2023-11-14T22:13:20"}, "files": {"pkg/a.py": ENTRY}, "totals": ENTRY["summary"]}
)


@pytest.fixture
def read(tmp_path):
    def reading(text: str | bytes) -> Measured:
        path = tmp_path / "report"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_coverage(path, "report")

    return reading


@pytest.mark.parametrize("text", [XML, LCOV, JSON, b"\xef\xbb\xbf" + JSON.encode()])
def test_every_format_says_the_same(read, text):
    measured = read(text)
    counts, lines = measured.files["pkg/a.py"], measured.lines["pkg/a.py"]
    assert (counts.statements, counts.covered, counts.branches, counts.covered_branches) == (4, 3, 2, 1)
    assert (lines.executed, lines.missing) == ({1, 2, 3}, {9})
    assert measured.total.percent == pytest.approx(100 * 4 / 6)
    assert measured.with_branches


def test_cobertura_says_when_and_where_it_was_made(read):
    assert read(XML).made == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert read(XML).sources == ("/app/src",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (XML[:-20], "damaged: it is not whole XML"),
        (XML.replace("SYSTEM 'http", "[<!ENTITY a 'b'>]><!-- 'http").replace("dtd'>", "dtd' -->"), "entities"),
        (XML.replace('hits="0"', 'hits="-1"'), "damaged"),
        (XML.replace("(1/2)", "(3/2)"), "3 of 2 branches"),
        (XML.replace("packages", "project"), "not Cobertura's"),
        ('<?xml version="1.0"?><testsuites/>', "in no format that is known"),
        (LCOV.replace("end_of_record", ""), "cut off"),
        (LCOV.replace("SF:", "XX:"), "belongs to no file"),
        (LCOV.replace("DA:1,1", "DA:1"), "damaged"),
        ("TN:\nSF:a.py\nend_of_record\n", "no statement that was measured"),
        (JSON.replace('"missing_lines": [9]', '"missing_lines": []'), "counts are not those of its lines"),
        ("plain text", "in no format that is known"),
    ],
)
def test_what_is_damaged_or_of_another_kind_is_an_error(read, text, said):
    with pytest.raises(CannotRun, match=said):
        read(text)


def test_every_format_is_registered():
    assert list(READERS) == ["cobertura", "coverage_json", "lcov"]


def names(tmp_path, *reported: str, sources: tuple[str, ...] = (), folders: tuple[str, ...] = ()) -> dict[str, str]:
    for name in ("src/pkg/a.py", "src/pkg/__init__.py", "src/pkg/sub/b c.py", "lib/c.py", "setup.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    files = {name.replace("{root}", str(tmp_path)): Counts(statements=1, covered=1) for name in reported}
    measured = Measured(total=Counts(statements=1, covered=1), files=files, sources=sources)
    return {
        name.replace(str(tmp_path), "{root}"): path
        for name, path in located(measured, tmp_path, folders=folders).items()
    }


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("src/pkg/a.py", {}),
        ("{root}/src/pkg/a.py", {}),
        ("pkg/a.py", {}),
        ("src\\pkg\\a.py", {}),
        ("a.py", {"folders": ("src/pkg",)}),
        ("a.py", {"sources": ("/app/src/pkg",)}),
        ("/app/src/pkg/a.py", {}),
        ("C:/build/src/pkg/a.py", {}),
        ("./src/pkg/../pkg/a.py", {}),
    ],
)
def test_files_are_found_by_whatever_name_they_have(tmp_path, name, more):
    assert names(tmp_path, name, **more) == {name: "src/pkg/a.py"}


def test_files_of_others_are_not_taken_for_the_projects(tmp_path):
    reported = ("/app/src/pkg/a.py", "/app/src/pkg/sub/b c.py", "/venv/lib/other/setup.py", "/usr/lib/python3/json.py")
    assert set(names(tmp_path, *reported)) == set(reported[:2])
    assert names(tmp_path, "../outside.py", "nul\0.py", "x" * 5000, "") == {}
