"""Bad input: each gets one clear line and the right exit code, and loses nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GIT = {
    **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
}
NUMBERS = "version: 1\nmetrics: {m.json: {f1: {min: 0.5}}}\n"
DATA = (
    "version: 1\ndata:\n  t:\n    path: t.csv\n    expect:\n      - expect_column_values_to_not_be_null: {column: a}\n"
)
CODE = "version: 1\ncode: {pytest: [tests], timeout: 60}\n"
MODEL = """version: 1
model:
  m:
    predict: model:predict
    evaluate: {data: t.csv, input: a, label: b}
    metrics: {accuracy: {min: 0.5}}
    timeout: 5
"""
CSV = "a,b\nx,1\ny,0\n"


def predicting(body):
    return {"mlci.yaml": MODEL, "t.csv": CSV, "model.py": f"import time\ndef predict(inputs):\n    {body}\n"}


# name: (files, exit code, what the output must say)
CASES = {
    "no configuration": ({}, 2, "no mlci.yaml in"),
    "empty configuration": ({"mlci.yaml": ""}, 2, "mlci.yaml: is empty. It needs `version: 1`"),
    "configuration that is not YAML": ({"mlci.yaml": "a: [\n"}, 2, "mlci.yaml:1: not YAML"),
    "unknown key": ({"mlci.yaml": "version: 1\ncode: {pytst: []}\n"}, 2, 'mlci.yaml:2 code.pytst: unknown key, did you mean "pytest"?'),
    "wrong type": ({"mlci.yaml": "version: 1\ncode: {timeout: soon}\n"}, 2, "mlci.yaml:2 code.timeout: must be a number"),
    "configuration that is not UTF-8": ({"mlci.yaml": b"version: 1 # \xff\n"}, 2, "mlci.yaml:1: not UTF-8"),
    "metrics file missing": ({"mlci.yaml": NUMBERS}, 3, "m.json: the file is missing. Run what writes it"),
    "data file missing": ({"mlci.yaml": DATA}, 3, "t.csv: there is no such data file. Fetch it, or correct the path."),
    "empty CSV": ({"mlci.yaml": DATA, "t.csv": ""}, 3, "t.csv: is empty: it has not even a header"),
    "CSV with a header only": ({"mlci.yaml": DATA, "t.csv": "a,b\n"}, 1, "`t.csv` has no rows; set `allow-empty: true` where that is right"),
    "ragged CSV": ({"mlci.yaml": DATA, "t.csv": "a,b\n1,2\n3\n4,5,6\n"}, 3, "t.csv:3: a row has 1 fields where the header has 2"),
    "CSV that is not UTF-8": ({"mlci.yaml": DATA, "t.csv": b"a,b\n\xff\xfe,2\n"}, 3, "t.csv:2: "),
    "Git LFS pointer in place of data": (
        {"mlci.yaml": DATA, "t.csv": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"}, 3, "t.csv: is a Git LFS pointer, not the data. Run `git lfs pull`",
    ),
    "column missing": ({"mlci.yaml": DATA, "t.csv": "c,b\n1,2\n"}, 1, "there is no column `a`; the columns are `c`, `b`"),
    "no tests collected": ({"mlci.yaml": CODE, "tests/test_a.py": ""}, 1, "no test"),
    "coverage file missing": (
        {"mlci.yaml": CODE.replace("[tests]", "[tests, --no-cov], coverage: {total: 50}"), "tests/test_a.py": "def test(): pass\n"}, 3, "pytest-cov left no coverage report",
    ),
    "predict that cannot be imported": ({"mlci.yaml": MODEL, "t.csv": CSV}, 3, "cannot import model"),
    "predict that raises": (predicting("raise ValueError('broken model')"), 3, "ValueError: broken model"),
    "predict that returns too few": (predicting("return [1]"), 3, "predict returned 1 predictions for 2 inputs"),
    "predict that returns NaN": (predicting("return [float('nan')] * len(inputs)"), 3, "the prediction for row 1 is NaN"),
    "predict that hangs": (predicting("time.sleep(600)").copy(), 3, "5 s"),
    "predict that exits": (predicting("raise SystemExit(0)"), 3, "exit"),
}  # fmt: skip


def write(folder: Path, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def mlci(folder, *arguments):
    command = [sys.executable, "-m", "mlci", "run", "--python", sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **GIT})


def check(name, done, code, says, capsys):
    said = done.stdout + done.stderr
    line = next((line.strip() for line in said.splitlines() if says in line), "")
    with capsys.disabled():
        print(f"\n  {name:36} exit {done.returncode}  {line[:150]}", end="")
    assert done.returncode == code, said
    assert line, said
    assert "Traceback" not in said
    assert "a defect of mlci" not in said


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_one_clear_line_and_the_right_exit_code(name, tmp_path, capsys):
    files, code, says = CASES[name]
    write(tmp_path, files)
    done = mlci(tmp_path)
    check(name, done, code, says, capsys)
    if code in (1, 3):
        results = json.loads((tmp_path / "mlci-report" / "results.json").read_text())
        assert results["verdict"] == {1: "failed", 3: "errored"}[code]
        assert says in json.dumps(results, ensure_ascii=False).replace('\\"', '"')


@pytest.mark.slow
def test_a_report_folder_that_cannot_be_written_keeps_the_verdict_on_the_screen(tmp_path, capsys):
    write(tmp_path, {"mlci.yaml": NUMBERS, "m.json": '{"f1": 0.1}', "taken": "a file"})
    done = mlci(tmp_path, "--out", "taken/reports")
    check("report folder that cannot be written", done, 3, "reports cannot be written to", capsys)
    assert "f1 in m.json is 0.1, below the minimum of 0.5" in done.stdout


@pytest.mark.slow
def test_outside_git_there_is_no_comparison_and_that_is_said(tmp_path, capsys):
    write(tmp_path, {"mlci.yaml": NUMBERS + "baseline: {store: file}\n", "m.json": '{"f1": 0.9}'})
    done = mlci(tmp_path)
    check("not a git repository", done, 0, "not a git repository", capsys)
    done = mlci(tmp_path, "--base", "main")
    check("not a git repository, with --base", done, 2, "--base main: not a git repository", capsys)


@pytest.mark.slow
def test_a_shallow_clone_without_the_base_is_an_error(tmp_path, capsys):
    origin = tmp_path / "origin"
    write(origin, {"mlci.yaml": NUMBERS + "baseline: {store: file}\n", "m.json": '{"f1": 0.9}'})
    for command in (
        ["init", "-qb", "main"],
        ["add", "-A"],
        ["commit", "-qm", "1"],
        ["commit", "-qm", "2", "--allow-empty"],
    ):
        subprocess.run(["git", *command], cwd=origin, check=True, env={**os.environ, **GIT})
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{origin}", "shallow"], cwd=tmp_path, check=True)
    check("shallow clone without the base", mlci(tmp_path / "shallow"), 3, "fetch-depth: 0", capsys)
