"""Conditions in whole runs: in a repository, against its base, in hooks, beside a baseline."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

CONFIG = """version: 1
data:
  tags: {path: data/tags.csv, expect: [{expect_column_to_exist: {column: id}}], when: {changed: [data/**]}}
  other: {path: other.csv, expect: [{expect_column_to_exist: {column: id}}]}
metrics:
  m.json: {f1: {min: 0.5, max-drop: 0.02, direction: higher}, when: {changed: ["train dir/*.py", m.json]}}
model:
  words:
    predict: app:predict
    behaviour: [{suite: suite.yaml, when: {changed: [app.py]}}]
when: {model: {changed: ["*.py", suite.yaml]}}
baseline: {store: file}
"""
FILES = {
    "mlci.yaml": CONFIG,
    ".gitignore": "mlci-report\n.mlci-cache\n",
    "data/tags.csv": "id\n1\n",
    "other.csv": "id\n1\n",
    "m.json": '{"f1": 0.8}',
    "train dir/fit.py": "",
    "app.py": "def predict(texts):\n    return ['a' for _ in texts]\n",
    "suite.yaml": "tests: [{name: t, type: MFT, template: x, expect: {label: a}}]\n",
    "notes.md": "",
}


@pytest.fixture
def project(tmp_path):
    class Project:
        path = tmp_path / "a project"

        def write(self, name, text):
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(text)

        def git(self, *arguments):
            subprocess.run(
                ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
                cwd=self.path,
                check=True,
                capture_output=True,
            )

        def mlci(self, *arguments):
            done = subprocess.run(
                [sys.executable, "-m", "mlci", *arguments],
                cwd=self.path,
                env=dict(os.environ),
                capture_output=True,
                text=True,
                check=False,
            )
            results = json.loads((self.path / "mlci-report/results.json").read_text())
            skipped = {
                check["id"]: check["reason"]
                for gate in results["gates"]
                for check in gate["checks"]
                if check["status"] == "skipped"
            }
            return done.returncode, skipped, results

    made = Project()
    for name, text in FILES.items():
        made.write(name, text)
    made.git("init", "-q", "-b", "main")
    made.git("add", "-A")
    made.git("commit", "-qm", "start")
    assert made.mlci("run", "metrics", "data")[0] == 0
    subprocess.run([sys.executable, "-m", "mlci", "baseline", "save"], cwd=made.path, check=True, capture_output=True)
    made.git("add", "-A")
    made.git("commit", "-qm", "baseline")
    made.git("checkout", "-qb", "topic")
    return made


def test_what_did_not_change_is_skipped_with_the_reason_and_misses_no_number(project):
    project.write("notes.md", "more")
    code, skipped, results = project.mlci("run")
    assert code == 0
    assert set(skipped) == {"data.tags", "metrics.m.json", "model"}
    assert skipped["data.tags"].startswith("not looked at, since `when` is not met: nothing of `data/**` changed since")
    assert [change for change in results["comparison"]["changes"] if change["status"] == "warned"] == []


def test_committed_staged_unstaged_untracked_moved_and_deleted_files_count(project):
    project.write("app.py", FILES["app.py"] + "# more\n")
    project.git("commit", "-qam", "more")
    project.git("mv", "train dir/fit.py", "fit.py")
    project.write("data/new file.csv", "")
    assert project.mlci("run")[1] == {}
    project.git("reset", "-q", "--hard", "main")
    (project.path / "data/new file.csv").unlink()
    (project.path / "data/tags.csv").unlink()
    code, skipped, _ = project.mlci("run")
    assert (code, set(skipped)) == (3, {"metrics.m.json", "model"})


def test_conditions_inside_a_gate_hold_where_the_gate_is_looked_at(project):
    project.write("suite.yaml", FILES["suite.yaml"] + "\n")
    assert set(project.mlci("run")[1]) == {"data.tags", "metrics.m.json", "model.words.behaviour.suite"}


def test_hooks_go_by_the_files_that_they_name(project):
    project.write("notes.md", "more")
    assert project.mlci("data", "data/tags.csv")[1] == {}
    assert "metrics.m.json" not in project.mlci("metrics", "m.json")[1]


def test_a_change_of_the_conditions_meets_them_all(project):
    project.write("mlci.yaml", CONFIG + "project: x\n")
    assert project.mlci("run")[1] == {}


def test_without_a_repository_everything_is_looked_at(project):
    subprocess.run(["rm", "-rf", str(project.path / ".git")], check=True)
    assert project.mlci("run", "data", "metrics")[1] == {}
