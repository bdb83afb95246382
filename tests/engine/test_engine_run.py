"""Whole runs in real repositories: gates, base, baseline, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
CONFIG = """version: 1
metrics:
  m.json: {f1: {min: 0.5, max-drop: 0.02, direction: higher}}
baseline: {store: file}
"""


class Project:
    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def write(self, **files):
        for name, text in files.items():
            path = self.folder / name.replace("__", ".")
            path.write_text(text)

    def git(self, *arguments):
        environ = {**os.environ, **IDENTITY}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environ, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def mlci(self, *arguments, **environ):
        return subprocess.run(
            [sys.executable, "-m", "mlci", *arguments],
            cwd=self.folder,
            env={**os.environ, **IDENTITY, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def results(self):
        return json.loads((self.folder / "mlci-report" / "results.json").read_text())


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project")
    made.write(mlci__yaml=CONFIG, m__json='{"f1": 0.8}')
    made.git("init", "-q", "-b", "main")
    made.commit("start")
    return made


def test_a_run_without_a_baseline_passes_and_says_so(project):
    done = project.mlci("run")
    assert done.returncode == 0, done.stderr
    assert "no baseline, so nothing was compared" in done.stdout
    results = project.results()
    assert results["comparison"]["status"] == "skipped"
    assert results["commit"] == project.git("rev-parse", "HEAD")


def test_a_drop_against_the_committed_baseline_fails(project):
    assert project.mlci("baseline", "save").returncode == 0
    project.commit("baseline")
    project.git("switch", "-qc", "change")
    project.write(m__json='{"f1": 0.75}')
    project.commit()
    done = project.mlci("run")
    assert done.returncode == 1
    assert "metrics.m.json.f1 is 0.05 worse: 0.8 → 0.75, at most 0.02 allowed" in done.stdout
    assert "is 0.05 worse: 0.8 → 0.75" in (project.folder / "mlci-report" / "summary.md").read_text()
    receipt = project.results()["baseline"]
    assert "merge-base with main" in receipt["source"]
    assert receipt["commits_behind"] == 1


def test_a_baseline_edited_by_the_change_is_not_the_one_that_counts(project):
    project.mlci("baseline", "save")
    project.commit("baseline")
    project.git("switch", "-qc", "change")
    project.write(m__json='{"f1": 0.75}')
    project.mlci("baseline", "save")
    project.commit()
    assert project.mlci("run").returncode == 1


def test_a_baseline_is_recomputed_at_the_merge_base(project):
    project.write(mlci__yaml=CONFIG.replace("{store: file}", "{recompute: true}"))
    project.commit("recompute")
    project.git("switch", "-qc", "change")
    project.write(m__json='{"f1": 0.75}')
    project.commit()
    done = project.mlci("run")
    assert done.returncode == 1
    assert "the gates run at" in project.results()["baseline"]["source"]
    assert project.git("worktree", "list").count("\n") == 0
    assert project.git("status", "--porcelain") == ""


def test_the_first_pull_request_has_a_comparison_too(tmp_path):
    project = Project(tmp_path / "project")
    project.write(m__json='{"f1": 0.8}')
    project.git("init", "-q", "-b", "main")
    project.commit("before mlci")
    project.git("switch", "-qc", "change")
    project.write(mlci__yaml=CONFIG.replace("{store: file}", "{recompute: true}"), m__json='{"f1": 0.7}')
    project.commit()
    assert project.mlci("run").returncode == 1
    assert project.results()["comparison"]["changes"][0]["baseline"] == 0.8


@pytest.mark.parametrize("text", ["{", '{"schema": 99, "mlci": "9.9"}', '{"schema": 1}'])
def test_a_baseline_that_cannot_be_read_is_an_error(project, text):
    (project.folder / "mlci-baseline.json").write_text(text)
    project.commit("corrupt")
    project.git("switch", "-qc", "change")
    project.write(m__json='{"f1": 0.75}')
    project.commit()
    done = project.mlci("run")
    assert done.returncode == 3
    assert "refused" in done.stdout


def test_a_base_that_cannot_be_computed_is_an_error_where_it_has_a_configuration(project):
    project.write(mlci__yaml=CONFIG.replace("{store: file}", "{recompute: true}"), m__json="{")
    project.commit("broken base")
    project.git("switch", "-qc", "change")
    project.write(m__json='{"f1": 0.75}')
    project.commit()
    done = project.mlci("run")
    assert done.returncode == 3
    assert "no number could be computed at the base" in done.stdout


def test_limits_on_drops_without_a_baseline_are_said_to_judge_nothing(project):
    project.write(mlci__yaml=CONFIG.replace("baseline: {store: file}\n", ""))
    done = project.mlci("run")
    assert done.returncode == 0
    assert "mlci.yaml has limits on drops and no `baseline:`" in done.stdout


def test_a_number_that_is_no_longer_computed_is_a_warning(project):
    project.mlci("baseline", "save")
    project.commit("baseline")
    project.git("switch", "-qc", "change")
    project.write(mlci__yaml=CONFIG.replace("f1:", "f2:"), m__json='{"f2": 0.1}')
    project.write(mlci__yaml=CONFIG.replace("f1:", "f2:").replace("min: 0.5, ", ""))
    project.commit()
    done = project.mlci("run")
    assert "metrics.m.json.f1" in done.stdout
    assert project.results()["comparison"]["status"] == "warned"


def test_a_mistake_found_late_loses_nothing_and_leaves_no_old_report(project):
    assert project.mlci("run").returncode == 0
    project.write(
        mlci__yaml=CONFIG.replace("f1: {min: 0.5", "f1: {min: 0.9")
        + "model: {m: {predict: a:b, evaluate: {data: d.csv, label: y}, metrics: {accuracy: {}}, slices: {by: [no]}}}\n",
        d__csv="x,y\n1,1\n",
        a__py="def b(rows):\n    return [1 for _ in rows]\n",
    )
    done = project.mlci("run", "--python", sys.executable)
    assert done.returncode == 2
    assert 'd.csv has no column "no"' in done.stdout
    assert "f1 in m.json is 0.8, below the minimum of 0.9" in done.stdout
    assert project.results()["verdict"] == "errored"


def test_a_verdict_that_its_contents_contradict_is_not_believed(project):
    project.write(m__json='{"f1": 0.1}')
    assert project.mlci("run").returncode == 1
    path = project.folder / "mlci-report" / "results.json"
    path.write_text(path.read_text().replace('"verdict": "failed"', '"verdict": "passed"'))
    assert project.mlci("report", "mlci-report").returncode == 1


def test_a_file_that_does_not_exist_is_wrong_usage(project):
    done = project.mlci("metrics", "nope.json")
    assert (done.returncode, "nope.json: there is no such file" in done.stderr) == (2, True)


def test_a_file_that_was_deleted_is_known_by_git(project):
    project.write(m__json='{"f1": 0.9}', more__txt="")
    project.commit("more")
    project.git("rm", "-q", "more.txt")
    done = project.mlci("metrics", "more.txt")
    assert (done.returncode, done.stdout) == (0, "mlci metrics: none of these files feeds it\n")


def test_a_corrupt_baseline_is_refused_and_the_ladder_goes_on(project):
    (project.folder / "mlci-baseline.json").write_text("{")
    project.write(mlci__yaml=CONFIG.replace("{store: file}", "{recompute: true}"))
    project.commit("corrupt")
    project.git("switch", "-qc", "change")
    project.write(m__json='{"f1": 0.75}')
    project.commit()
    assert project.mlci("run").returncode == 1
    first, second = project.results()["baseline"]["rungs"]
    assert "refused" in first["note"]
    assert second["found"]


def test_a_baseline_of_a_run_that_failed_is_not_saved(project):
    project.write(m__json='{"f1": 0.1}')
    done = project.mlci("baseline", "save")
    assert done.returncode == 3
    assert "nothing was saved: the metrics gate failed" in done.stderr
    assert not (project.folder / "mlci-baseline.json").exists()


def test_the_baseline_can_be_shown(project):
    project.mlci("baseline", "save")
    project.commit("baseline")
    done = project.mlci("baseline", "show")
    assert done.returncode == 0
    assert "tried mlci-baseline.json at" in done.stdout
    done = project.mlci("baseline", "show", "--base", "HEAD")
    assert "metrics.m.json.f1" in done.stdout


def test_a_pull_request_target_event_is_refused(project):
    done = project.mlci("run", GITHUB_EVENT_NAME="pull_request_target")
    assert done.returncode == 2
    assert "pull_request_target" in done.stderr


def test_texts_of_the_project_are_no_workflow_commands(project):
    project.write(mlci__yaml=CONFIG.replace("f1:", '"::error::x":'))
    out = project.mlci("run", GITHUB_ACTIONS="true").stdout.splitlines()
    assert out[0].startswith("::stop-commands::")
    assert out[-1] == f"::{out[0].removeprefix('::stop-commands::')}::"


def test_merging_results_on_the_command_line(project):
    project.mlci("run", "--out", "one")
    project.write(m__json='{"f1": 0.1}')
    project.mlci("run", "--out", "two")
    done = project.mlci("report", "one/results.json", "two/results.json", "--out", "both")
    assert done.returncode == 1
    assert json.loads((project.folder / "both" / "results.json").read_text())["verdict"] == "failed"
    assert project.git("status", "--porcelain") == "M m.json"


def test_help_names_every_command_and_imports_nothing_heavy(project):
    done = project.mlci("--help")
    assert done.returncode == 0
    for word in ("run", "code", "data", "model", "metrics", "report", "publish", "baseline", "config", "catalogue"):
        assert word in done.stdout
    code = (
        "import sys\nfrom mlci.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'duckdb','narwhals','pandas','scipy','sklearn','requests','rich','pydantic','yaml'} & set(sys.modules)\n"
        "sys.exit(f'imports {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_saving_a_baseline_leaves_the_reports_of_a_run_as_they_are(project):
    assert project.mlci("run").returncode == 0
    before = (project.folder / "mlci-report" / "results.json").read_text()
    assert project.mlci("baseline", "save").returncode == 0
    assert (project.folder / "mlci-report" / "results.json").read_text() == before


def test_a_hook_that_passes_leaves_the_results_alone_and_one_that_fails_every_report(project):
    done = project.mlci("run", PRE_COMMIT="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Passed: 1 check in 1 gate\n"
    reports = project.folder / "mlci-report"
    assert sorted(path.name for path in reports.iterdir()) == [".gitignore", "results.json"]

    project.write(m__json='{"f1": 0.4}')
    done = project.mlci("run", PRE_COMMIT="1")
    assert done.returncode == 1
    assert "metrics.m.json.f1" in done.stdout
    assert (reports / "report.html").is_file()


def test_the_process_ends_after_all_that_was_registered_and_written(tmp_path):
    code = (
        "import atexit, sys\nfrom mlci import cli\n"
        "def main():\n    atexit.register(lambda: print('cleared up'))\n    sys.stdout.write('told, ')\n    return 3\n"
        "cli.main = main\ncli.program()"
    )
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "told, cleared up\n", "")
