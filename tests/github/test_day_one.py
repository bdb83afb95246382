"""The twelve problems that tools of this kind have had on their first day, each through the command line.

Act runs the action itself for some of them, in `tests/delivery`.
"""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mlci.cli import main
from mlci.reports.inert import utf16_units
from mlci.reports.markdown import marker_of
from mlci.results.files import read, write
from mlci.results.model import Check, Gate, Results

pytestmark = pytest.mark.slow

MARKER = marker_of("default")
CONFIG = """\
version: 1
data: {flowers: {path: flowers.csv, expect: [{expect_column_values_to_be_unique: {column: id}}]}}
metrics: {performance.json: {f1: {min: 0.5, max-drop: 0.02, direction: higher}}}
"""
MODEL = """\
version: 1
model:
  flowers:
    predictions: predictions.csv
    evaluate: {data: holdout.csv, label: label, id: id}
    metrics: {accuracy: {max-drop: 0.01}}
baseline: {recompute: true}
"""
FORK = {"head": {"repo": {"full_name": "stranger/topics"}}}
DEPENDABOT = {"user": {"login": "dependabot[bot]"}}
AROUND = """\
import leaves  # in the project's environment alone


def predict(texts):
    return [leaves.name_of(text) for text in texts]
"""


class Project:
    """A repository with a change on a branch, checked out as GitHub does: as its merge into `main`."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self, **files):
        """Write and commit files, named with `__` for a dot, and return the commit."""
        for name, text in files.items():
            (self.folder / name.replace("__", ".")).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "a commit")
        return self.git("rev-parse", "HEAD")

    def merged(self, **files):
        """Commit files on a branch of their own and check out its merge into `main`; return the branch's commit."""
        self.git("switch", "-qc", "change")
        head = self.commit(**files)
        self.git("switch", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "-m", "merge", "change")
        return head


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project")
    made.commit(mlci__yaml=CONFIG, flowers__csv="id\n1\n2\n", performance__json='{"f1": 0.9}')
    return made


@pytest.fixture
def job(project, github, tmp_path, monkeypatch, capsys):
    """A job for pull request 7 of the project; calling it runs a command and gives its exit code and what it said."""

    def call(*words, sha="b" * 40, **pull):
        base = {"ref": "main", "repo": {"full_name": github.repository}}
        event = {"number": 7, "pull_request": {"number": 7, "base": base, **pull}}
        side = {"sha": sha, "repo": {"full_name": github.repository}}
        event["pull_request"]["head"] = {**side, **pull.get("head", {})}
        event["repository"] = {"full_name": github.repository, "default_branch": "main"}
        (tmp_path / "event.json").write_text(json.dumps(event))
        code = main(list(words))
        return code, "".join(capsys.readouterr())

    environ = {
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_REPOSITORY_ID": "42",
        "GITHUB_BASE_REF": "main",
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": "t0ken",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MLCI_TOKEN", raising=False)
    monkeypatch.chdir(project.folder)
    return call


@pytest.mark.parametrize(("whose", "pull"), [("a fork", FORK), ("Dependabot", DEPENDABOT)])
def test_1_a_403_for_a_fork_or_dependabot_does_not_fail_a_green_job(job, project, github, tmp_path, whose, pull):
    project.merged(flowers__csv="id\n1\n2\n3\n")
    github.read_only = True
    assert job("run", **pull)[0] == 0
    code, said = job("publish", "mlci-report", **pull)
    assert code == 0
    (notice,) = [line for line in said.splitlines() if line.startswith("::notice")]
    by = "by" if whose == "Dependabot" else "from"
    assert f"the token of this pull request can only read: it is {by} {whose}" in notice
    assert "mlci: passed" in (tmp_path / "summary").read_text(encoding="utf-8")
    assert github.comments == []


def test_2_no_duplicate_among_250_comments(job, github):
    job("run")
    for number in range(125):
        github.add(f"talk {number}")
    job("publish", "mlci-report")
    for number in range(125):
        github.add(f"more talk {number}")
    job("publish", "mlci-report")
    assert len(github.bodies()) == 1
    assert len(github.comments) == 251


def test_3_a_body_over_the_limit_still_posts(job, github):
    checks = tuple(Check(id=f"data.a.{one}", status="failed", summary="@x🙂" * 100, reason="r") for one in range(500))
    gate = Gate(name="data", status="failed", reason="r", checks=checks)
    results = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed", gates=(gate,))
    write(Path("results.json"), results)
    assert job("publish", "results.json")[0] == 0
    (body,) = github.bodies()
    assert 40_000 < utf16_units(body) <= 60_000
    assert "Left out for length" in body


def test_4_matrix_legs_do_not_overwrite_each_other(job, github):
    for leg, now in (("linux", 0.9), ("windows", 0.1)):
        Path("performance.json").write_text(json.dumps({"f1": now}))
        assert job("run", "--leg", leg, "--out", leg)[0] == (now < 0.5)
        job("publish", leg)
    assert ["mlci: passed" in body for body in github.bodies()] == [True, False]
    github.comments.clear()
    assert job("publish", "linux", "windows")[0] == 0
    (body,) = github.bodies()
    assert "2 legs" in body
    assert "mlci: blocked" in body
    assert "windows" in body


def test_5_changed_lines_are_right_on_a_merge_commit(job, project):
    """The change has touched two functions; above them the base has had three more lines since."""
    parts = ["def one():\n    return 1\n", "def two():\n    return 2\n", "def three():\n    return 3\n"]
    config = f"version: 1\npython: {sys.executable}\ncode: {{pytest: [test_a.py], source: ['.'], coverage: {{changed-lines: 100}}}}\n"  # fmt: skip
    stale = project.commit(
        mlci__yaml=config,
        a__py="\n\n".join(parts),
        test_a__py="import a\n\n\ndef test_one():\n    assert a.one()\n",
        __gitignore="mlci-report\n__pycache__\n",
    )
    project.git("switch", "-qc", "change")
    head = project.commit(a__py="\n\n".join([parts[0].replace("1", "11"), parts[1], parts[2].replace("3", "33")]))
    project.git("switch", "-q", "main")
    project.commit(a__py="A = 1\nB = 2\nC = 3\n" + "\n\n".join(parts))
    project.git("switch", "-q", "--detach", "main")
    project.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    assert "return 33" in Path("a.py").read_text().splitlines()[12]
    base = {"sha": stale, "ref": "main", "repo": {"full_name": "octo-org/topics"}}
    code, said = job("run", sha=head, base=base)
    checks = {check.id: check for gate in read(Path("mlci-report/results.json")).gates for check in gate.checks}
    changed = checks["code.coverage.changed-lines"]
    assert (code, changed.status) == (1, "failed"), said
    assert changed.details["uncovered"] == {"a.py": ["13"]}
    assert (changed.details["statements"], changed.details["covered"]) == (2, 1)


def baseline(project, commit, value):
    """Return what a push to `main` uploads for a commit: a zip with the bundle."""
    from mlci.baselines import bundle
    from mlci.baselines.model import Computed, Stored
    from mlci.results.model import Metric

    metric = Metric(name="metrics.performance.json.f1", value=value, higher_is_better=True)
    when = "2026-01-01T00:00:00+00:00"
    stored = Stored(schema=1, mlci="0.1.0", created=when, commit=commit, metrics=(metric,))
    return zipped("baseline.zip", bundle.dumps(Computed(stored=stored), project="."))


def zipped(name, raw):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(name, raw)
    return written.getvalue()


def test_6_a_stale_or_missing_baseline_is_labelled(job, project, github):
    old = project.commit(mlci__yaml=f"{CONFIG}baseline: {{store: artifact}}\n")
    project.commit(flowers__csv="id\n1\n2\n3\n")
    project.commit(flowers__csv="id\n1\n2\n3\n4\n")
    project.merged(performance__json='{"f1": 0.89}')
    assert job("run")[0] == 0
    job("publish", "mlci-report")
    assert "**No baseline" in github.bodies()[0]
    assert read(Path("mlci-report/results.json")).comparison.status == "skipped"
    github.upload(baseline(project, old, 0.9), sha=old)
    assert job("run")[0] == 0
    job("publish", "mlci-report")
    (body,) = github.bodies()
    assert "2 commits behind the merge-base" in body
    assert "No baseline" not in body


def test_7_a_forks_artifact_named_like_ours_is_refused(job, project, github):
    tip = project.commit(mlci__yaml=f"{CONFIG}baseline: {{store: artifact}}\n")
    project.merged(performance__json='{"f1": 0.6}')
    forged = baseline(project, tip, 0.6)
    github.upload(forged, sha=tip, workflow_run={"head_repository_id": 666})
    github.upload(forged, sha=tip, run={"event": "pull_request"})
    assert job("run")[0] == 0
    assert read(Path("mlci-report/results.json")).baseline.source is None
    assert not [one for one in github.requests if "/zip" in one["target"]]
    github.upload(baseline(project, tip, 0.9), sha=tip)
    assert job("run")[0] == 1, "the repository's own baseline shows the drop"


def test_8_no_authorization_goes_to_the_blob_storage(job, project, github):
    tip = project.commit(mlci__yaml=f"{CONFIG}baseline: {{store: artifact}}\n")
    project.merged(performance__json='{"f1": 0.895}')
    github.upload(baseline(project, tip, 0.9), sha=tip)
    assert job("run")[0] == 0
    assert read(Path("mlci-report/results.json")).baseline.commit == tip
    storage = [one["authorization"] for one in github.requests if one["target"].startswith("storage:")]
    assert storage == [""]


@pytest.mark.parametrize("headers", [{"Retry-After": "1"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}])
def test_9_secondary_rate_limits_are_survived(job, github, fake, headers):
    job("run")
    said = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
    github.faults.append(fake.Fault(match="^POST .*comments", status=403, message=said, headers=headers, times=2))
    assert job("publish", "mlci-report")[0] == 0
    assert len(github.bodies()) == 1


def test_10_forks_work_with_no_secret_and_no_service(job, project, github, monkeypatch, tmp_path):
    project.commit(mlci__yaml=f"{CONFIG}baseline: {{recompute: true}}\n")
    head = project.merged(performance__json='{"f1": 0.7}')
    for name in ("GITHUB_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    code, _ = job("run", sha=head, **FORK)
    assert code == 1
    results = read(Path("mlci-report/results.json"))
    assert [one.metric for one in results.comparison.changes if one.status == "failed"] == [
        "metrics.performance.json.f1"
    ]
    assert (results.origin.number, results.origin.head, results.origin.repository) == (7, head, "octo-org/topics")
    code, said = job("publish", "mlci-report", **FORK)
    assert code == 0
    assert "GITHUB_TOKEN is not set" in said
    assert "mlci: blocked" in (tmp_path / "summary").read_text(encoding="utf-8")
    repository = sys.modules["fake_repository"]
    run = repository.run(github, repository.pull(github, sha=head), conclusion="failure")
    repository.leave(github, run, zipped("results.json", Path("mlci-report/results.json").read_bytes()))
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": run}))
    second = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "t0ken"}
    for name, value in second.items():
        monkeypatch.setenv(name, value)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name)
    assert main(["publish", "--from-run"]) == 0
    (body,) = github.bodies()
    assert "mlci: blocked" in body
    assert "Reported by the run of a fork" in body


def test_11_the_hook_sees_the_projects_environment(job, project, monkeypatch):
    """As pre-commit calls it: with the hook's own interpreter and the hook's own `VIRTUAL_ENV`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], check=True)
    packages = next(Path(".venv/lib").glob("python*")) / "site-packages"
    (packages / "leaves.py").write_text("def name_of(text):\n    return text[:1]\n")
    model = "version: 1\nmodel: {leaves: {predict: 'around:predict', evaluate: {data: holdout.csv, input: text, label: label}, metrics: {accuracy: {min: 1.0}}}}\n"  # fmt: skip
    project.commit(mlci__yaml=model, around__py=AROUND, holdout__csv="text,label\nab,a\nba,b\n", __gitignore=".venv\n")
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    for name in ("GITHUB_EVENT_NAME", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name)
    code, said = job("model", "holdout.csv")
    assert code == 0, said
    (packages / "leaves.py").write_text("def name_of(text):\n    return 'z'\n")
    assert job("model", "holdout.csv")[0] == 1


def test_12_tiny_drops_do_not_fail(job, project):
    """Four of 400 examples more are wrong: more than the limit allows, and no more than chance does."""
    rows = "id,label\n" + "".join(f"{at},{at % 2}\n" for at in range(400))

    def predictions(wrong):
        return "id,prediction\n" + "".join(f"{at},{(at + (at in wrong)) % 2}\n" for at in range(400))

    project.commit(mlci__yaml=MODEL, holdout__csv=rows, predictions__csv=predictions(set(range(40))))
    project.merged(predictions__csv=predictions({*range(38), *range(100, 107)}))
    code, said = job("run")
    assert code == 0, said
    (change,) = [
        one for one in read(Path("mlci-report/results.json")).comparison.changes if one.metric.endswith("accuracy")
    ]
    assert change.drop > 0.01
    assert change.status in ("passed", "inconclusive")
