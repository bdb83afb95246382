"""Several projects in one repository, through the command line: one run, one report, each in its own folder."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
DATA = "version: 1\ndata: {rows: {path: rows.csv, expect: [expect_column_values_to_not_be_null: {column: a}]}}\n"
METRICS = (
    "version: 1\nmetrics: {m.json: {f1: {min: 0.5, max-drop: 0.02, direction: higher}}}\nbaseline: {store: file}\n"
)


class Repository:
    def __init__(self, folder):
        self.folder = folder

    def write(self, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def git(self, *words):
        subprocess.run(["git", *words], cwd=self.folder, env={**os.environ, **IDENTITY}, check=True)

    def mlci(self, *words, cwd=".", **environ):
        return subprocess.run(
            [sys.executable, "-m", "mlci", *words],
            cwd=self.folder / cwd,
            env={**os.environ, **IDENTITY, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def results(self, place="mlci-report"):
        return json.loads((self.folder / place / "results.json").read_text())


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "three services")
    made.write(
        {
            "services/one/mlci.yaml": DATA,
            "services/one/rows.csv": "a,b\n1,2\n",
            "services/two/mlci.yaml": METRICS,
            "services/two/m.json": '{"f1": 0.8}',
            "README.md": "x",
        }
    )
    made.git("init", "-q", "-b", "main")
    made.git("add", "-A")
    made.git("commit", "-qm", "one")
    return made


@pytest.fixture
def listed(repository):
    repository.write({"mlci.yaml": "version: 1\nprojects: [services/*]\n"})
    return repository


def ids(results):
    return {check["id"]: check for gate in results["gates"] for check in gate["checks"]}


def test_listed_projects_end_in_one_report(listed):
    listed.write({"services/one/rows.csv": "a,b\n,2\n"})
    done = listed.mlci("run")
    assert done.returncode == 1, done.stdout + done.stderr
    found = listed.results()
    assert (found["verdict"], found["project"]) == ("failed", "services/one, services/two")
    broken = ids(found)["services/one/data.rows.expect_column_values_to_not_be_null.a"]
    assert broken["status"] == "failed"
    assert broken["where"] == {"path": "services/one/mlci.yaml", "line": 2}
    rows = listed.folder / "mlci-report" / broken["details"]["failing_rows"]
    assert rows.is_file()
    assert "services/one/rows.csv" in done.stdout
    assert listed.results("mlci-report/projects/services/two")["verdict"] == "passed"


def test_healthy_projects_pass_and_leave_the_tree_as_it_was(listed):
    listed.git("add", "-A")
    listed.git("commit", "-qm", "two")
    done = listed.mlci("run")
    assert done.returncode == 0, done.stdout + done.stderr
    status = subprocess.run(["git", "status", "--porcelain"], cwd=listed.folder, capture_output=True, check=True)
    assert status.stdout == b""


def test_a_mistake_in_a_project_is_told_by_its_place(listed):
    listed.write({"services/one/mlci.yaml": "version: 1\ndta: {}\n", "services/two/mlci.yaml": "version: 2\n"})
    done = listed.mlci("run")
    assert done.returncode == 2
    assert "services/one/mlci.yaml:2" in done.stderr
    assert "services/two/mlci.yaml:1" in done.stderr


@pytest.mark.parametrize("named", ["services/three", "nothing/*"])
def test_a_project_that_is_not_there_is_a_mistake(listed, named):
    listed.write({"mlci.yaml": f"version: 1\nprojects: [services/one, '{named}']\n"})
    done = listed.mlci("run")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"mlci.yaml:2 projects[1]: {named} has no mlci.yaml" in done.stderr


def test_a_project_has_no_projects_of_its_own(listed):
    listed.write({"services/one/mlci.yaml": DATA + "projects: [two]\n"})
    done = listed.mlci("run")
    assert done.returncode == 2
    assert "services/one/mlci.yaml:3 projects: a project has no projects of its own" in done.stderr


@pytest.mark.parametrize("named", ["../other", "/tmp", ".", "**"])
def test_a_project_lies_below(listed, named):
    listed.write({"mlci.yaml": f"version: 1\nprojects: ['{named}']\n"})
    assert listed.mlci("run").returncode == 2


def test_the_workspace_may_have_gates_of_its_own(listed):
    listed.write({"mlci.yaml": METRICS + "projects: [services/one]\n", "m.json": '{"f1": 0.1}'})
    done = listed.mlci("run")
    assert done.returncode == 1
    assert ids(listed.results())["three services/metrics.m.json.f1"]["where"]["path"] == "mlci.yaml"


def test_a_hook_runs_the_projects_that_the_files_feed(listed):
    listed.write({"services/one/rows.csv": "a,b\n,2\n"})
    for words, code in (
        (["data", "README.md"], 0),
        (["data", "services/two/m.json"], 0),
        (["data", "services/one/rows.csv"], 1),
        (["metrics", "services/two/m.json"], 0),
        (["data", "mlci.yaml"], 1),
        (["data", "services/one/mlci.yaml"], 1),
    ):
        for _ in range(2):  # the second time from what the first one compiled
            assert listed.mlci(*words, PRE_COMMIT="1").returncode == code, words


def test_without_a_list_the_changed_files_say_which(repository):
    assert repository.mlci("run").returncode == 0
    assert repository.results()["project"] == "services/one, services/two"  # there is nothing to compare with

    repository.git("switch", "-qc", "change")
    repository.write({"README.md": "y"})
    done = repository.mlci("run", "--base", "main")
    assert "Passed: nothing was checked (no changed file belongs to one of the 2 projects" in done.stdout
    assert repository.results()["verdict"] == "passed"

    repository.write({"services/one/rows.csv": "a,b\n,2\n"})
    repository.git("commit", "-qam", "two")
    done = repository.mlci("run", "--base", "main")
    assert done.returncode == 1
    assert repository.results()["project"] == "services/one"
    assert repository.mlci("data", "services/one/rows.csv").returncode == 1
    done = repository.mlci("data", "README.md")
    assert (done.returncode, done.stdout) == (0, "mlci data: none of these files feeds it\n")


def test_a_baseline_is_saved_for_each_project_that_has_one(listed):
    listed.git("add", "-A")
    listed.git("commit", "-qm", "two")
    done = listed.mlci("baseline", "save")
    assert done.returncode == 0, done.stderr
    listed.git("add", "-A")
    listed.git("commit", "-qm", "three")
    listed.git("switch", "-qc", "change")
    listed.write({"services/two/m.json": '{"f1": 0.7}'})
    done = listed.mlci("run")
    assert done.returncode == 1
    assert listed.results()["comparison"]["changes"][0]["metric"] == "services/two/metrics.m.json.f1"


def test_a_command_for_one_project_says_so(listed):
    done = listed.mlci("calibrate")
    assert done.returncode == 2
    assert "there are several" in done.stderr


def test_a_repository_without_any_configuration_says_so(repository):
    repository.git("rm", "-qr", "services")
    done = repository.mlci("run")
    assert done.returncode == 2
    assert "no mlci.yaml" in done.stderr
