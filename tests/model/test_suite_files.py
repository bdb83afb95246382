import json

import pytest

from mlci.errors import CannotRun, UsageError
from mlci.model.behaviour.parse import read_suite

GOOD = """\
tests:
  - name: praise
    type: MFT
    capability: Vocabulary
    template: "{a:good} {thing}"
    expect: {label: positive}
    max-failure-rate: 0.05
  - {name: typos, type: INV, data: rows.csv, input: text, perturb: {typos: {n: 1}}}
lexicons: {good: [good, able], thing: [film]}
"""


def read(tmp_path, text, name="suite.yaml"):
    (tmp_path / name).write_text(text)
    return read_suite(name, root=tmp_path)


def test_a_suite_is_read_with_the_line_of_each_test(tmp_path):
    suite = read(tmp_path, GOOD)
    assert [(test.name, test.type, test.where.line) for test in suite.tests] == [
        ("praise", "MFT", 2),
        ("typos", "INV", 8),
    ]
    assert suite.tests[0].limit == 0.05
    assert suite.tests[1].chains[0][0].settings == {"n": 1}


def test_json_lines_are_a_test_a_line(tmp_path):
    lines = [
        {"lexicons": {"thing": ["film"]}},
        {"name": "a", "type": "MFT", "template": "{thing}", "expect": {"label": 1}},
        {"name": "b", "type": "MFT", "examples": ["x"], "expect": {"label": 1}},
    ]
    suite = read(tmp_path, "\n".join(map(json.dumps, lines)), "suite.jsonl")
    assert [(test.name, test.where.line) for test in suite.tests] == [("a", 2), ("b", 3)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("template:", "tempalte:", r'suite.yaml:5 tests\[0\].tempalte: .*did you mean "template"\?'),
        ("{thing}", "{thnig}", r'suite.yaml:5 tests\[0\].template: .*"thnig".*did you mean "thing"\?'),
        ("{typos: {n: 1}}", "{typoes: {n: 1}}", r'suite.yaml:8 tests\[1\].perturb: .*"typoes".*did you mean "typos"\?'),
        ("{n: 1}", "{m: 1}", r'suite.yaml:8 tests\[1\].perturb: .*"typos" has no setting "m"'),
        ("{n: 1}", "{n: many}", r"suite.yaml:8 tests\[1\].perturb: .*n: .*'many'"),
        ("label: positive", "lable: positive", r'suite.yaml:6 tests\[0\].expect: .*did you mean "label"\?'),
        ("type: MFT", "type: MTF", r'suite.yaml:3 tests\[0\].type: .*MFT, INV, DIR.*did you mean "MFT"\?'),
        ("0.05", "5", r"suite.yaml:7 tests\[0\].max-failure-rate: .*from 0 to 1, not 5"),
        ("name: typos", "name: praise", r'suite.yaml:8 name: two tests are called "praise"'),
        (", perturb: {typos: {n: 1}}", "", r"suite.yaml:8 tests\[1\]: .*needs `perturb`"),
        ("label: positive", "increase: 0.1", r"suite.yaml:6 tests\[0\].expect: .*type MFT does not have"),
        ("lexicons:", "lexicon:", r'suite.yaml:9 lexicon: .*did you mean "lexicons"\?'),
        ("thing: [film]", "thing: []", r'suite.yaml:9 lexicons.thing: the lexicon "thing" is a list of words'),
        ("data: rows.csv, ", "data: rows.csv, examples: [a], ", r"suite.yaml:8 tests\[1\]: .*examples and data"),
        ("    type: MFT\n", "", r"suite.yaml:2 tests\[0\].type: .*and is missing"),
        ("tests:", "tests: [", "suite.yaml:.*not YAML"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_the_right_name(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(UsageError, match=message):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_all_mistakes_are_said_at_once(tmp_path):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, GOOD.replace("type: MFT", "type: MTF").replace("{n: 1}", "{m: 1}"))
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("line", ["[1]", "{", '"text"'])
def test_a_line_that_is_no_test_is_said(tmp_path, line):
    with pytest.raises(UsageError, match=r"suite.jsonl:2"):
        read(tmp_path, f'{{"lexicons": {{}}}}\n{line}', "suite.jsonl")


def test_a_missing_suite_cannot_run(tmp_path):
    with pytest.raises(CannotRun, match=r"nowhere.yaml: .*cannot be read"):
        read_suite("nowhere.yaml", root=tmp_path)


def test_a_lexicon_may_be_a_file(tmp_path):
    (tmp_path / "words.csv").write_text("word,kind\nfilm,thing\nbook,thing\n")
    text = GOOD.replace("thing: [film]", "thing: {file: words.csv, column: word}")
    assert read(tmp_path, text).tests[0].lexicons["thing"] == ["film", "book"]
    with pytest.raises(UsageError, match='no column "wrod", did you mean "word"'):
        read(tmp_path, text.replace("column: word", "column: wrod"))
    (tmp_path / "words.yaml").write_text("[film, book, play]")
    text = GOOD.replace("thing: [film]", "thing: {file: words.yaml}")
    assert read(tmp_path, text).tests[0].lexicons["thing"] == ["film", "book", "play"]
    with pytest.raises(CannotRun, match=r"nowhere\.csv"):
        read(tmp_path, GOOD.replace("thing: [film]", "thing: {file: nowhere.csv}"))
