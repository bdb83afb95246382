"""The token is in the header of requests, and nowhere else: no output, file, log, exception or worker holds it."""

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TOKEN = "ghs_Sup3rS3cretT0ken1234567890abcdefABCD"
NAMES = ("GITHUB_TOKEN", "GH_TOKEN", "MLCI_TOKEN", "MLCI_BASELINE_TOKEN", "INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN")
CONFIG = """\
version: 1
python: {python}
code: {{pytest: [tests], source: [topics], coverage: {{total: 10}}}}
data: {{rows: {{path: rows.csv, expect: [{{expect_column_values_to_be_unique: {{column: id}}}}]}}}}
model:
  topics:
    predict: topics:predict
    evaluate: {{data: rows.csv, input: text, label: tag}}
    metrics: {{accuracy: {{min: 0.5}}}}
metrics: {{performance.json: {{f1: {{min: 0.8}}}}}}
baseline: {{store: artifact}}
"""
CURIOUS = """\
import os, sys


def predict(texts):
    print(dict(os.environ))
    raise RuntimeError(f"environment: {dict(os.environ)} {sys.argv}")
"""
TEST = """\
import os, topics


def test_environment():
    print(dict(os.environ))
    assert not dict(os.environ), dict(os.environ)
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    files = {
        "mlci.yaml": CONFIG.format(python=sys.executable),
        "topics.py": CURIOUS,
        "tests/test_environment.py": TEST,
        "rows.csv": "id,text,tag\n1,good,a\n2,bad,b\n",
        "performance.json": '{"f1": 0.9}',
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "one"], ["commit", "-qm", "two", "--allow-empty"]):  # fmt: skip
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True)
    return folder


def environment(tmp_path, github, name, payload):
    (tmp_path / "event.json").write_text(json.dumps(payload))
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "MLCI_CORPORA") if key in os.environ}
    own = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_API_URL": github.url,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    return {**kept, **own, **dict.fromkeys(NAMES, TOKEN)}


def zipped(raw):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("results.json", raw)
    return written.getvalue()


def held(folder, said):
    """Return where the token is, in plain or in the forms that headers and URLs give it."""
    forms = [TOKEN, *(base64.b64encode(f"{who}{TOKEN}".encode()).decode()[4:-4] for who in ("", "x:", "token:"))]
    found = [f"output of {words}" for words, text in said.items() if any(form in text for form in forms)]
    for path in folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            found += [str(path) for form in forms if form.encode() in raw]
    return found


def test_no_command_lets_the_token_out(project, github, fake, tmp_path):
    github.tokens = {TOKEN: "github-actions[bot]"}
    pull = sys.modules["fake_repository"].pull(github)
    payload = {"number": 7, "pull_request": {"number": 7, "head": {"sha": "b" * 40}}}
    faults = [
        fake.Fault(match="^GET .*/artifacts", status=400, message=f"you sent Bearer {TOKEN}", times=3),
        fake.Fault(match="^POST .*comments", status=403, message=f"forbidden: {TOKEN}"),
    ]
    github.faults += faults
    said = {}

    def call(*words, event="pull_request", about=payload):
        environ = environment(tmp_path, github, event, about)
        command = [sys.executable, "-m", "mlci", *words]
        done = subprocess.run(command, cwd=project, env=environ, capture_output=True, check=False)
        said[words] = (done.stdout + done.stderr).decode(errors="replace")
        return done.returncode

    for words in (["run", "-v"], ["baseline", "show"], ["baseline", "fetch"], ["report", "mlci-report"], ["publish", "mlci-report"], ["publish", "mlci-report/results.json"], ["config", "check"], ["run", "--config", "nowhere.yaml"]):  # fmt: skip
        assert call(*words) in (0, 1, 2, 3), said
    run = sys.modules["fake_repository"].run(github, pull)
    sys.modules["fake_repository"].leave(github, run, zipped((project / "mlci-report" / "results.json").read_bytes()))
    assert call("publish", "--from-run", event="workflow_run", about={"workflow_run": run}) == 0, said
    assert "you sent Bearer ***" in said["run", "-v"] + said["baseline", "show"], said
    assert "forbidden: ***" in said["publish", "mlci-report"], said
    assert "comment" in said["publish", "--from-run"]
    results = (project / "mlci-report" / "results.json").read_text()
    assert "PATH" in results, "the project's code has told its environment"
    assert len(github.bodies()) == 1
    assert TOKEN not in github.bodies()[0]
    assert all(one["authorization"] in ("", f"Bearer {TOKEN}") for one in github.requests)
    assert held(tmp_path, said) == []
