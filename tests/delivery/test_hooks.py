"""The hooks under pre-commit: in its isolated environments, on a real repository, at a real commit and push."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

HOOKS = """\
repos:
  - repo: {repo}
    rev: {rev}
    hooks: [{{id: mlci-config}}, {{id: mlci-data}}, {{id: mlci-metrics}}, {{id: mlci-code}}, {{id: mlci-model}}]
"""
MODEL = """\
model:
  flowers:
    predict: app.predict:predict
    evaluate: {data: data/holdout.csv, input: text, label: label}
    metrics:
      accuracy: {min: 0.9}
"""
PREDICT = """\
import petals  # installed in the project's environment alone
def predict(texts):
    return [petals.name_of(text) for text in texts]
"""
PETALS = """\
def name_of(text):
    return "setosa" if "short" in text else "virginica"
"""
HOLDOUT = "text,label\n" + "a short petal,setosa\na long petal,virginica\n" * 10


@pytest.fixture
def hooked(project: Any, release: Path, commit: Callable[..., subprocess.CompletedProcess[str]]) -> Any:
    """The project with the hooks installed."""
    rev = subprocess.run(["git", "rev-parse", "HEAD"], cwd=release, capture_output=True, text=True, check=True)
    project.write(".pre-commit-config.yaml", HOOKS.format(repo=release, rev=rev.stdout.strip()))
    project.commit("Use the hooks")
    assert commit("pre-commit", "install").returncode == 0
    return project


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def results_of(output: str) -> dict[str, str]:
    """Return how each hook ended, by its name."""
    lines = [line.split("...", 1) for line in output.splitlines() if "..." in line]
    return {name: rest.strip(".") for name, rest in lines}


def test_try_repo_blocks_a_bad_csv_and_lets_a_good_one_through(
    project: Any, release: Path, commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    words = ("pre-commit", "try-repo", str(release), "mlci-data", "--files", "data/flowers.csv")
    good = commit(*words)
    assert good.returncode == 0, said(good)
    assert "Passed" in said(good)

    project.write("data/flowers.csv", "id,species\n1,setosa\n1,\n")
    bad = commit(*words)
    assert bad.returncode == 1
    assert "exit code: 1" in said(bad)
    assert "species" in said(bad)


def test_a_commit_of_bad_data_is_blocked_and_one_of_good_data_is_made(
    hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = hooked.git("rev-parse", "HEAD")
    hooked.write("data/flowers.csv", "id,species\n1,setosa\n1,\n")
    hooked.git("add", "--all")
    bad = commit("git", "commit", "--message", "Worse")
    assert bad.returncode != 0
    assert hooked.git("rev-parse", "HEAD") == before
    assert results_of(said(bad))["check data against its expectations"] == "Failed"
    assert "species" in said(bad)

    hooked.write("data/flowers.csv", "id,species\n1,setosa\n2,virginica\n3,versicolor\n4,setosa\n")
    hooked.git("add", "--all")
    good = commit("git", "commit", "--message", "Better")
    assert good.returncode == 0, said(good)
    assert hooked.git("log", "-1", "--format=%s") == "Better"
    assert hooked.git("status", "--porcelain") == "", "the hook left something that git sees"


def test_what_counts_is_what_is_staged(hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    hooked.write("data/flowers.csv", "id,species\n1,setosa\n1,\n")
    hooked.git("add", "--all")
    hooked.write("data/flowers.csv", "id,species\n1,setosa\n2,virginica\n")
    bad = commit("git", "commit", "--message", "Worse, but mended after it was staged")
    assert bad.returncode != 0
    assert results_of(said(bad))["check data against its expectations"] == "Failed"


def test_a_misspelt_key_and_a_bad_number_are_blocked(
    hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    config = (hooked.path / "mlci.yaml").read_text(encoding="utf-8")
    hooked.write("mlci.yaml", config.replace("expect:", "expct:"))
    hooked.git("add", "--all")
    done = commit("git", "commit", "--message", "Misspelt")
    assert done.returncode != 0
    assert results_of(said(done))["check mlci.yaml"] == "Failed"
    assert 'did you mean "expect"?' in said(done)

    hooked.write("mlci.yaml", config)
    hooked.write("performance.json", '{"overall": {"f1": 0.5}}')
    hooked.git("add", "--all")
    done = commit("git", "commit", "--message", "Worse")
    assert done.returncode != 0
    assert results_of(said(done))["check numbers that other programs wrote"] == "Failed"


def test_a_commit_that_feeds_nothing_passes(
    hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    hooked.write("other/table.csv", "a,b\n1\n")
    hooked.git("add", "--all")
    done = commit("git", "commit", "--message", "Another table")
    assert done.returncode == 0, said(done)


def test_the_model_runs_in_the_projects_environment_and_not_the_hooks(
    hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]], home: Path
) -> None:
    hooked.write("mlci.yaml", "version: 1\n" + MODEL)
    hooked.write("app/__init__.py", "")
    hooked.write("app/predict.py", PREDICT)
    hooked.write("data/holdout.csv", HOLDOUT)
    hooked.write(".gitignore", ".venv\n__pycache__\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", hooked.path / ".venv"], check=True)
    packages = next((hooked.path / ".venv" / "lib").glob("python*")) / "site-packages"
    (packages / "petals.py").write_text(PETALS, encoding="utf-8")
    hooked.commit("A model")
    words = ("pre-commit", "run", "mlci-model", "--hook-stage", "pre-push", "--all-files")

    good = commit(*words)
    assert good.returncode == 0, said(good)
    assert not list(home.rglob("petals.py"))
    assert not list(packages.glob("sklearn")), "the model extra belongs to the hook"

    (packages / "petals.py").write_text("def name_of(text):\n    return 'setosa'\n", encoding="utf-8")
    bad = commit(*words)
    assert bad.returncode == 1, said(bad)
    assert "accuracy" in said(bad)


def test_hooks_for_the_push_do_not_run_at_the_commit(
    hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = commit("pre-commit", "run", "--all-files")
    assert done.returncode == 0, said(done)
    assert set(results_of(said(done))) == {
        "check mlci.yaml",
        "check data against its expectations",
        "check numbers that other programs wrote",
    }


def test_a_push_that_breaks_a_test_is_blocked_and_one_that_does_not_goes_through(
    hooked: Any, commit: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    remote = tmp_path / "remote.git"
    hooked.git("init", "--quiet", "--bare", str(remote))
    hooked.git("remote", "add", "origin", str(remote))
    hooked.write("mlci.yaml", f"version: 1\npython: {sys.executable}\ncode: {{pytest: [tests]}}\n")
    hooked.write(".gitignore", "__pycache__\n")
    hooked.write("tests/test_app.py", "def test_it():\n    assert 1 + 1 == 3\n")
    hooked.commit("Break a test")
    assert commit("pre-commit", "install", "--hook-type", "pre-push").returncode == 0

    bad = commit("git", "push", "--quiet", "origin", "main")
    assert bad.returncode != 0
    assert results_of(said(bad))["run the tests and hold their coverage"] == "Failed"
    assert "test_it" in said(bad)
    assert hooked.git("ls-remote", "origin") == ""

    hooked.write("tests/test_app.py", "def test_it():\n    assert 1 + 1 == 2\n")
    head = hooked.commit("Mend it")
    good = commit("git", "push", "--quiet", "origin", "main")
    assert good.returncode == 0, said(good)
    assert hooked.git("ls-remote", "origin", "main").split()[0] == head
