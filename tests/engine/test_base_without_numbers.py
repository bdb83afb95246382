"""A baseline is computed anew for checks that give no number: nothing to compare is no error."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

CONFIG = """\
version: 1
python: {python}
baseline: {{recompute: true}}
model:
  m:
    predict: m:predict
    evaluate: {{data: data.csv, input: text}}
    inference: {{robust-to: [empty]}}
    {latency}
"""


def run(root, *words):
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "data.csv").write_text("text,label\nabc,a\nabcd,a\n")
    (tmp_path / "m.py").write_text("def predict(texts):\n    return ['a' for _ in texts]\n")
    run(tmp_path, "git", "init", "-qb", "main")
    return tmp_path


def commit(root, latency=""):
    (root / "mlci.yaml").write_text(CONFIG.format(python=sys.executable, latency=latency))
    run(root, "git", "add", ".")
    done = run(root, "git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")
    assert done.returncode == 0, done.stderr


def checked(root):
    done = run(root, sys.executable, "-m", "mlci", "run", "--base", "main")
    results = json.loads((root / "mlci-report" / "results.json").read_text())
    checks = {check["id"]: check for gate in results["gates"] for check in gate["checks"]}
    return done, results, checks


def test_checks_of_inference_alone_pass_with_a_baseline_computed_anew(project):
    commit(project)
    run(project, "git", "checkout", "-qb", "change")
    done, results, _ = checked(project)
    assert (done.returncode, results["verdict"]) == (0, "passed"), done.stdout
    assert results["comparison"]["status"] == "skipped"


def test_latency_beside_the_base_s_model_through_the_command(project):
    latency = "latency: {max-drop: 500%, calls: 20, rounds: 10, warm-up: 1}"
    (project / "m.py").write_text(
        "import time\n\n\ndef predict(texts):\n    time.sleep(0.004)\n    return ['a'] * len(texts)\n"
    )
    commit(project, latency)
    run(project, "git", "checkout", "-qb", "change")
    (project / "m.py").write_text(
        "import time\n\n\ndef predict(texts):\n    time.sleep(0.08)\n    return ['a'] * len(texts)\n"
    )
    done, results, checks = checked(project)
    check = checks["model.m.latency.max-drop"]
    assert (done.returncode, check["status"]) == (1, "failed"), done.stdout
    assert "times the base's" in check["reason"]
    assert results["comparison"]["status"] != "errored"
    leftovers = run(project, "git", "worktree", "list").stdout.splitlines()
    assert len(leftovers) == 1
