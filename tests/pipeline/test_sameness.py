"""Whether two outputs are the same, and where they are not."""

import pytest

from mlci.pipeline.sameness import difference


@pytest.mark.parametrize(
    ("name", "one", "other", "tolerance", "says"),
    [
        ("a.bin", "ab", "ab", 0, None),
        ("a.bin", "ab", "abc", 0, "holds other bytes (2 and 3 of them)"),
        ("a.json", '{"a": 1, "b": [1, 2]}', '{"b": [1, 2], "a": 1}', 0, None),
        ("a.json", '{"a": {"b": [1, 2]}}', '{"a": {"b": [1, 3]}}', 0, "differs at `a.b[1]`"),
        ("a.json", '{"a": 1.0}', '{"a": 1.0000001}', 1e-6, None),
        ("a.json", '{"a": 1.0}', '{"a": 1.0000001}', 1e-8, "differs at `a`"),
        ("a.json", '{"a": NaN}', '{ "a": NaN}', 0, None),
        ("a.json", '{"a": true}', '{"a": 1}', 1, "differs at `a`"),
        ("a.json", '{"a": [1]}', '{"a": [1, 2]}', 0, "differs at `a[1]`"),
        ("a.json", "{", "[", 0, "holds other bytes (1 and 1 of them)"),
        ("a.jsonl", '{"a": 1}\n{"a": 2}\n', '{"a": 1}\n{"a": 3}\n', 0, "differs at line or document 2"),
        ("a.yaml", "a: 1\n", "a: 2\n", 0, "differs at `a`"),
        ("a.csv", "a,b\n1,x\n", "a,b\n1,y\n", 0, "differs in row 1, column b"),
        ("a.csv", "a,b\n1.0,x\n", "a,b\n1.01,x\n", 0.1, None),
        ("a.csv", "a\n1\n", "a\n1\n2\n", 0, "has more rows than the first time, from row 2 on"),
        ("a.csv", "a\n1\n2\n", "a\n1\n", 0, "has fewer rows than the first time, from row 2 on"),
    ],
)
def test_the_first_place_that_differs_is_named(tmp_path, name, one, other, tolerance, says):
    for folder, text in (("one", one), ("other", other)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text)
    assert difference(tmp_path / "one" / name, tmp_path / "other" / name, tolerance=tolerance) == says


def test_an_output_that_is_not_written_again_differs(tmp_path):
    (tmp_path / "one").write_text("")
    assert difference(tmp_path / "one", tmp_path / "other", tolerance=0) == "was not written again"
