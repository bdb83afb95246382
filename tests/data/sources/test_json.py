"""JSON and JSON Lines, read as they are written."""

import datetime as dt

import pytest

from mlci.data.batch import fetch
from mlci.data.sources import Reading, open_data
from mlci.errors import CannotRun


def opened(folder, content, name="data.jsonl", **keys):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_data(Reading(path=path, name=name, **keys))


def values(batch, column):
    return [value for (value,) in fetch(batch.frame.select(batch.columns[column].expr.alias("v")))]


def test_values_keep_the_type_that_json_gives_them(tmp_path):
    batch = opened(
        tmp_path,
        '{"n": 1, "code": "007", "day": "2024-01-31", "big": 12345678901234567890123, "yes": true, "mixed": 1}\n\n'
        '{"n": 2.5, "day": "2024-02-01", "mixed": "a", "inner": {"a": [1, 2]}, "code": null}\n'
        '{"n": NaN, "yes": false, "day": null, "code": "NA"}\n',
    )
    assert {name: column.kind for name, column in batch.columns.items()} == {
        "n": "number",
        "code": "text",
        "day": "date",
        "big": "integer",
        "yes": "boolean",
        "mixed": "text",
        "inner": "text",
    }
    assert values(batch, "n") == [1.0, 2.5, None]
    assert values(batch, "code") == ["007", None, "NA"]
    assert values(batch, "day") == [dt.date(2024, 1, 31), dt.date(2024, 2, 1), None]
    assert values(batch, "big") == [12345678901234567890123, None, None]
    assert values(batch, "mixed") == ["1", "a", None]
    assert values(batch, "inner") == [None, '{"a":[1,2]}', None]
    assert batch.lines([1, 2, 3]) == {1: 1, 2: 3, 3: 4}


def test_an_array_and_its_lines(tmp_path):
    batch = opened(tmp_path, '[{"a": 1},\n\n {"a":\n 2}, {"b/~": 3}]', name="data.json")
    assert (values(batch, "a"), values(batch, "b/~")) == ([1, 2, None], [None, None, 3])
    assert batch.lines([1, 2, 3]) == {1: 1, 2: 3, 3: 4}


def test_objects_a_line_under_the_name_of_json(tmp_path):
    assert values(opened(tmp_path, '\ufeff{"a": 1}\r\n{"a": 2}', name="data.json"), "a") == [1, 2]


def test_encodings_and_null_values(tmp_path):
    batch = opened(tmp_path, '{"a": "café"}\n{"a": "-"}\n'.encode("latin-1"), encoding="latin-1", null_values=("-",))
    assert values(batch, "a") == ["café", None]


def test_a_declared_type_is_checked(tmp_path):
    batch = opened(tmp_path, '{"a": "1"}\n{"a": "x"}\n', types={"a": "integer"})
    assert batch.problems == (("a", "1 value is no integer, the first in row 2"),)


BAD = {
    "no object": ('{"a":1}\n\n[1]\n', "data.jsonl:3: a value is no object"),
    "key twice": ('{"a":1}\n{"a":1,"a":2}\n', "data.jsonl:2: an object has a key twice"),
    "cut": ('{"a":1}\n{"a":\n{"a":2}\n', "data.jsonl:2: is not JSON"),
    "two in a line": ('{"a":1}{"a":2}\n', "data.jsonl:1: is not JSON"),
    "not UTF-8": (b'{"a":"x"}\n{"a":"caf\xe9"}\n', "data.jsonl:2: is not utf-8"),
    "blank": ("\n \n", "data.jsonl: is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_lines_are_named(tmp_path, case):
    content, message = BAD[case]
    with pytest.raises(CannotRun, match=message):
        opened(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": {"0": 1}}', "data.json: is one object, not a table"),
        ('{\n "a": 1\n}', "data.json: is one object, not a table"),
        ('[{"a":1},\n{"a":}]', "data.json:2: is not JSON"),
        ('[{"a":1},\n3]', "data.json:2: a value is no object"),
        ('[{"a":1}] x', "data.json:1: is not JSON"),
    ],
)
def test_bad_arrays_are_named(tmp_path, content, message):
    with pytest.raises(CannotRun, match=message):
        opened(tmp_path, content, name="data.json")
