"""YAML and JSON with lines."""

import pytest

from mlci.documents import MAX_VALUES, read
from mlci.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("1:30", "1:30"),
        ("010", 10),
        ("0o17", 15),
        ("0x1f", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("=", "="),
        ("1" * 5000, "1" * 5000),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, value):
    assert read(f"key: {text}\n".encode(), "f.yaml").value == {"key": value}


def test_every_value_knows_its_line():
    document = read(b"a:\n  b:\n    - 1\n    - 2\n", "f.yaml")
    assert document.where("a", "b", 1).line == 4
    assert document.where("a", "b").line == 2
    assert document.where("a", "nothing", "there").line == 1


def test_json_keeps_its_lines_and_takes_tabs():
    assert read(b'{\n "a": 1\n}', "f.json").where("a").line == 2
    assert read(b'{\n\t"a": "\\/"\n}', "f.json").value == {"a": "/"}


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b"a: [", "f.yaml", "f.yaml:1: not YAML"),
        (b"a: 1\nb: 2\na: 3\n", "f.yaml", 'f.yaml:3: "a" stands here twice'),
        (b"ok: 1\nbad: \xff\n", "f.yaml", "f.yaml:2: not UTF-8"),
        (b"? [a]\n: 1\n", "f.yaml", "a key must be a text"),
        (b'{"a": 1, "a": 2}', "f.json", '"a" stands twice'),
        (b'{"a": \n', "f.json", "f.json:2: not JSON"),
        (b"[" * 100_000, "f.json", "not JSON"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(raw, name, says):
    with pytest.raises(UsageError, match=None) as caught:
        read(raw, name)
    assert says in str(caught.value)


def test_aliases_cannot_grow_without_end():
    bomb = b"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(
        b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 10)) for name in range(ord("b"), ord("j"))
    )
    with pytest.raises(UsageError, match=f"more than {MAX_VALUES} values"):
        read(bomb, "f.yaml")


def test_tags_run_nothing():
    assert read(b"a: !!python/object/apply:os.system ['echo']\n", "f.yaml").value == {"a": ["echo"]}


def test_a_document_that_holds_itself_is_a_mistake():
    with pytest.raises(UsageError, match="nested too deeply"):
        read(b"&a [*a]", "a.yaml")
