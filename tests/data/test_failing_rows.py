"""Failing rows: told by number, line and key, written whole, and shown with values only where that is allowed."""

import csv
import subprocess

import pytest

from mlci.cli import main
from mlci.github.annotations import annotations_of
from mlci.github.workflow import annotate
from mlci.results.files import read

pytestmark = pytest.mark.slow

CANARY = "CANARYVALUE"
NUMBER = "987654.25"
CONFIG = """version: 1
{top}data:
  tags:
    path: tags.csv
    key: [id]
    diff: {{max-changed: 0, same-columns: true}}
    expect:
      - expect_column_values_to_be_in_set: {{column: tag, value_set: [nlp, cv]}}
      - expect_column_values_to_be_between: {{column: age, max_value: 100}}
      - expect_column_values_to_be_unique: {{column: note, severity: warning}}
"""


def rows(change):
    tags = [
        ["id", "tag", "age", "note"],
        *([f"id{i}", ["nlp", "cv"][i % 2], 30 + i % 20, f"note {i}"] for i in range(60)),
    ]
    if change:
        for i in (7, 8):
            tags[i] = [f"{CANARY}-key{i}", CANARY, NUMBER, f"{CANARY} twice"]
        tags[9][1] = f"{CANARY} changed"
    return "".join(",".join(map(str, row)) + "\n" for row in tags)


@pytest.fixture
def project(tmp_path, monkeypatch):
    def git(*arguments):
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def make(top=""):
        (tmp_path / "mlci.yaml").write_text(CONFIG.format(top=top))
        (tmp_path / "tags.csv").write_text(rows(change=False))
        git("init", "-q", "-b", "main")
        git("add", "-A")
        git("commit", "-qm", "base")
        (tmp_path / "tags.csv").write_text(rows(change=True))
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return make


def shown(project, capsys):
    """Return everything that a run prints, writes and posts, by name."""
    outputs = {}
    for name, options in {
        "console": (),
        "verbose": ("-v",),
        "quiet": ("-q",),
        "markdown": ("--format", "markdown"),
    }.items():
        assert main(["data", *options]) == 1
        printed = capsys.readouterr()
        outputs[name] = printed.out + printed.err
    report = project / "mlci-report"
    outputs |= {name: (report / name).read_text() for name in ("summary.md", "report.html", "junit.xml")}
    outputs["annotations"] = "\n".join(annotate(annotations_of(read(report / "results.json"))))
    return outputs


def test_values_stay_out_of_everything_that_is_shown(project, capsys):
    root = project()
    for name, text in shown(root, capsys).items():
        assert CANARY not in text, name
        assert NUMBER not in text.replace(",", ""), name
    assert CANARY in (root / "mlci-report" / "failing-rows" / "tags.csv").read_text()


def test_values_are_shown_where_the_project_says_so(project, capsys):
    outputs = shown(project("show-values: true\n"), capsys)
    told = {name for name, text in outputs.items() if CANARY in text}
    assert told == {"console", "verbose", "markdown", "summary.md", "report.html"}
    assert f"7     8      {CANARY}-key7   {CANARY}" in outputs["console"]
    assert f"{CANARY} changed" in outputs["report.html"]


def test_the_file_has_reasons_line_and_key_of_every_failing_row(project, capsys):
    root = project()
    main(["data"])
    with (root / "mlci-report" / "failing-rows" / "tags.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["row", "line", "reasons", "id", "tag", "age", "note"]
    assert [(row["row"], row["line"], row["id"]) for row in found] == [
        ("7", "8", f"{CANARY}-key7"),
        ("8", "9", f"{CANARY}-key8"),
        ("9", "10", "id8"),
    ]
    assert found[0]["reasons"].split("; ") == [
        "expect_column_values_to_be_in_set.tag",
        "expect_column_values_to_be_between.age",
        "expect_column_values_to_be_unique.note",
    ]


def test_the_console_tells_as_many_rows_as_asked_for(project, capsys):
    project()
    main(["data", "--rows", "2"])
    printed = capsys.readouterr().out
    assert "    rows 7, 8 (lines 8, 9)\n    all 3 failing rows: mlci-report/failing-rows/tags.csv\n" in printed
    main(["data", "--rows", "0"])
    assert "(lines" not in capsys.readouterr().out


def test_a_number_of_rows_that_is_none_is_a_usage_error(project):
    project()
    with pytest.raises(SystemExit) as raised:
        main(["data", "--rows", "-1"])
    assert raised.value.code == 2
