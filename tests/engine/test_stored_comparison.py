"""A baseline with predictions that was saved on the base branch, and a change that is compared with it."""

import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.slow
PERSON = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
CONFIG = """version: 1
project: p
model:
  m:
    predict: model:predict
    evaluate: {{data: data.csv, input: x, label: y, id: id}}
    metrics: {{accuracy: {{max-drop: 0.01}}, roc_auc: {{max-drop: 0.01}}}}
    slices: {{low: x < 100}}
    behaviour: [suite.yaml]
    behaviour-max-drop: 0.02
baseline: {{{baseline}}}
"""
SUITE = """tests:
  - {name: parity, type: MFT, data: cases.csv, input: x, label: y, expect: label, max-failure-rate: 0.9}
"""
ROWS = 200
MODEL = """WRONG = {wrong}

def predict(inputs):
    said = [(x % 2) ^ (x in WRONG) for x in inputs]
    return [{{"label": one, "probabilities": {{0: 1 - abs(one - 0.1), 1: abs(one - 0.1)}}}} for one in said]
"""


class Project:
    def __init__(self, folder, baseline):
        self.folder = folder
        folder.mkdir()
        (folder / "mlci.yaml").write_text(CONFIG.format(baseline=baseline))
        (folder / "suite.yaml").write_text(SUITE)
        self.data(range(ROWS))
        (folder / "cases.csv").write_text("x,y\n" + "".join(f"{x},{x % 2}\n" for x in range(ROWS)))
        (folder / ".gitignore").write_text("__pycache__\nmlci-report\n.mlci-cache\n")
        self.git("init", "-qb", "main")

    def data(self, order, label=lambda x: x % 2):
        rows = "".join(f"e{x},{x},{label(x)}\n" for x in order)
        (self.folder / "data.csv").write_text(f"id,x,y\n{rows}")

    def wrong(self, numbers):
        (self.folder / "model.py").write_text(MODEL.format(wrong=set(numbers) or "set()"))

    def git(self, *arguments):
        done = subprocess.run(
            ["git", *PERSON, *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "c")

    def mlci(self, *arguments, **environ):
        return subprocess.run(
            [sys.executable, "-m", "mlci", *arguments], cwd=self.folder, capture_output=True, text=True, check=False,
            env={**os.environ, **environ},
        )  # fmt: skip

    def save(self, *arguments, **environ):
        done = self.mlci("baseline", "save", "--python", sys.executable, *arguments, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, **environ):
        done = self.mlci("run", "--python", sys.executable, **environ)
        results = json.loads((self.folder / "mlci-report" / "results.json").read_text())
        return done, results, {(one["metric"], one["slice"]): one for one in results["comparison"]["changes"]}


@pytest.fixture
def saved(tmp_path):
    """A project whose baseline was saved, on a branch for the change."""

    def make(baseline="store: folder, folder: ../kept", wrong=(), **save):
        project = Project(tmp_path / "project", baseline)
        project.wrong(wrong)
        project.commit()
        project.said = project.save(**save)
        project.git("switch", "-qc", "change")
        return project

    return make


def test_a_change_is_compared_example_by_example_and_case_by_case(saved):
    project = saved(wrong=range(10))
    project.data(reversed(range(ROWS)))  # the same examples in another order: they are paired all the same
    project.wrong(range(40))
    project.commit()
    done, results, changes = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "paired, example by example" in results["comparison"]["rule"]
    for name in ("model.m.accuracy", "model.m.roc_auc", "model.m.behaviour.suite.failure_rate"):
        assert changes[name, None]["status"] == "failed"
        assert changes[name, None]["p_value"] < 0.001
    assert changes["model.m.accuracy", "low"]["p_value"] is None  # without a limit it is shown
    assert results["baseline"]["commits_behind"] == 0
    assert results["baseline"]["commit"] == results["base"]
    inside = zipfile.ZipFile(next((project.folder.parent / "kept" / "p").iterdir()))
    kept = inside.read("baseline.json").decode() + inside.read("behaviour.json").decode()
    assert not re.search(r"\be17\b", kept)


def test_a_drop_within_chance_does_not_block(saved):
    project = saved(wrong=range(20))
    project.wrong(range(15, 40))  # 15 mended, 20 newly wrong
    project.commit()
    done, _, changes = project.run()
    assert done.returncode == 0, done.stdout
    assert changes["model.m.accuracy", None]["drop"] == pytest.approx(0.025)
    assert changes["model.m.accuracy", None]["status"] == "inconclusive"


def test_other_labels_are_not_comparable_and_no_number_is_given(saved):
    project = saved()
    project.data(range(ROWS - 10), label=lambda x: x % 2 if x else 1)
    project.wrong(range(50))
    project.commit()
    done, _, changes = project.run()
    change = changes["model.m.accuracy", None]
    assert (change["status"], change["comparable"]) == ("inconclusive", False)
    assert change["reason"] == "not comparable: the baseline was computed on other evaluation data"
    assert (change["baseline"], change["drop"]) == (None, None)
    assert "not comparable" in done.stdout
    suite = changes["model.m.behaviour.suite.failure_rate", None]  # its cases are the same, and are still paired
    assert suite["status"] == "failed"
    assert suite["p_value"] < 0.001


def test_another_set_of_labels_is_said(saved):
    project = saved()
    project.data(range(ROWS), label=lambda x: x % 3)
    project.commit()
    _, _, changes = project.run()
    assert (
        changes["model.m.accuracy", None]["reason"]
        == "not comparable: the baseline was computed with another set of labels"
    )


def test_other_cases_are_not_comparable(saved):
    project = saved()
    (project.folder / "cases.csv").write_text("x,y\n" + "".join(f"{x},{x % 2}\n" for x in range(9)))
    project.commit()
    _, _, changes = project.run()
    change = changes["model.m.behaviour.suite.failure_rate", None]
    assert not change["comparable"]
    assert "on other cases" in change["reason"]


def test_what_out_wrote_is_saved_by_another_step_and_fetched_for_hooks(tmp_path):
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    project = Project(tmp_path / "project", "store: branch")
    project.wrong(())
    project.commit()
    project.git("remote", "add", "origin", str(remote))
    project.git("push", "-q", "origin", "main")
    assert "baseline.zip: 5 numbers and predictions of 200 examples saved." in project.save(
        "--out", str(tmp_path / "out")
    )
    said = project.save("--bundle", str(tmp_path / "out" / "baseline.zip"))
    assert said.startswith("mlci-baseline of origin: 5 numbers and predictions of 200 examples of commit ")
    project.git("switch", "-qc", "change")
    project.git("update-ref", "-d", "refs/mlci/origin/mlci-baseline")
    project.wrong(range(40))
    project.commit()
    done, results, _ = project.run(PRE_COMMIT="1")
    assert done.returncode == 0
    assert results["comparison"]["status"] == "skipped"
    assert "copied to" in project.mlci("baseline", "fetch").stdout
    done, results, changes = project.run(PRE_COMMIT="1")
    assert done.returncode == 1
    assert changes["model.m.accuracy", None]["status"] == "failed"
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("arguments", "environ", "why"),
    [
        ((), {"GITHUB_EVENT_NAME": "pull_request"}, "saved by pushes to the base branch alone, not in pull_request"),
        ((), {"GITHUB_EVENT_NAME": "merge_group"}, "not in merge_group"),
        (("--store", "branch"), {}, "`baseline:` does not name the store branch"),
    ],
)
def test_a_change_does_not_write_the_baseline(tmp_path, arguments, environ, why):
    project = Project(tmp_path / "project", "store: folder, folder: ../kept")
    project.wrong(())
    project.commit()
    done = project.mlci("baseline", "save", *arguments, **environ)
    assert done.returncode == 2
    assert why in done.stderr
    assert not (tmp_path / "kept").exists()


def test_uncommitted_changes_are_no_baseline_of_the_commit(tmp_path):
    project = Project(tmp_path / "project", "store: folder, folder: ../kept")
    project.wrong(())
    project.commit()
    project.wrong(range(3))
    done = project.mlci("baseline", "save", "--python", sys.executable)
    assert done.returncode == 3
    assert "tracked files differ from the commit" in done.stderr
    assert "saved." in project.save("--dirty")


def test_each_save_keeps_the_runs_before_it(tmp_path):
    project = Project(tmp_path / "project", "store: folder, folder: ../kept")
    (project.folder / "reports.json").write_text('{"f1": 0.5}')
    (project.folder / "mlci.yaml").write_text(
        "version: 1\nproject: p\nmetrics: {reports.json: {f1: {min: 0.1}}}\nbaseline: {store: folder, folder: ../kept}\n"
    )
    for value in (0.5, 0.6, 0.7):
        (project.folder / "reports.json").write_text(f'{{"f1": {value}}}')
        project.commit()
        project.save()
    commit = project.git("rev-parse", "HEAD")
    inside = zipfile.ZipFile(tmp_path / "kept" / "p" / f"{commit}.zip")
    runs = json.loads(inside.read("history.json"))["runs"]
    assert [run["values"]["metrics.reports.json.f1"] for run in runs] == [0.6, 0.5]


def test_no_token_reaches_the_model(tmp_path):
    project = Project(tmp_path / "project", "store: [artifact, folder], folder: ../kept")
    (project.folder / "model.py").write_text(
        "import os\n\n\ndef predict(inputs):\n"
        "    open('seen', 'w').write(' '.join(os.environ))\n    return [x % 2 for x in inputs]\n"
    )
    config = (project.folder / "mlci.yaml").read_text().replace(", roc_auc: {max-drop: 0.01}", "")
    (project.folder / "mlci.yaml").write_text(config)
    project.commit()
    secrets = {
        "MLCI_BASELINE_TOKEN": "s",
        "GITHUB_TOKEN": "s",
        "AWS_SECRET_ACCESS_KEY": "s",
        "MLFLOW_TRACKING_TOKEN": "s",
    }
    project.save(**secrets)
    seen = set((project.folder / "seen").read_text().split())
    assert not seen & set(secrets)
    assert "PATH" in seen


def test_where_a_drop_lives_and_which_mistakes_are_new_are_told_with_stored_predictions(saved):
    project = saved(wrong=range(10))
    config = project.folder / "mlci.yaml"
    config.write_text(config.read_text().replace("    slices:", "    analyse: {}\n    find-slices: {}\n    slices:"))
    project.wrong(range(60))
    _, results, _ = project.run()
    checks = {check["id"]: check for gate in results["gates"] for check in gate["checks"]}
    assert checks["model.m.slices-got-worse"]["status"] == "warned"
    assert "x" in checks["model.m.slices-got-worse"]["reason"]
    (part,) = checks["model.m.analysis"]["details"]["analysis"]
    assert part["confusion"]["change"] == [[-25, 25], [25, -25]]
    project.data(range(ROWS), label=lambda x: 1 - x % 2)  # other labels: the baseline says nothing of these
    done, results, _ = project.run()
    checks = {check["id"]: check for gate in results["gates"] for check in gate["checks"]}
    assert "model.m.slices-got-worse" not in checks
    assert checks["model.m.analysis"]["status"] == "passed", done.stdout
