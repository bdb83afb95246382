"""action/prepare and action/verdict: what is said of wrong inputs, what the later steps are told, how the job ends."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BASH = shutil.which("bash") or "/bin/bash"
INPUTS = {
    "MLCI_WORKING_DIRECTORY": ".",
    "MLCI_GATES": "",
    "MLCI_COMMENT": "",
    "MLCI_COMMENT_ID": "",
    "MLCI_CHECK_RUN": "",
    "MLCI_UPLOAD": "none",
    "MLCI_SAVE_BASELINE": "default-branch",
    "MLCI_RETENTION_DAYS": "0",
    "MLCI_FAIL": "true",
    "MLCI_LEG": "",
    "MLCI_MATRIX": "null",
    "MLCI_EXTRAS": "model",
    "MLCI_CACHE": "true",
    "MLCI_DEFAULT_BRANCH": "main",
}


def prepare(root: Path, temp: Path, **environ: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the script; return what it said and its outputs."""
    outputs = temp / "outputs"
    outputs.unlink(missing_ok=True)
    given = {**os.environ, **INPUTS, "GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": str(temp), **environ}
    script = [BASH, "--noprofile", "--norc", str(root / "action" / "prepare")]
    done = subprocess.run(
        script, cwd=temp, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    lines = outputs.read_text(encoding="utf-8").splitlines() if outputs.exists() else []
    return done, dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("COMMENT", "sometimes", 'The input comment is "sometimes"; it must be one of:  always changes failures never'),
        ("CHECK_RUN", "yes", 'The input check-run is "yes"; it must be one of:  true false'),
        ("FAIL", "", 'The input fail is ""; it must be one of: true false'),
        ("UPLOAD", "all", "it must be one of: none results report"),
        ("SAVE_BASELINE", "true", "it must be one of: default-branch pushes never"),
        ("RETENTION_DAYS", "a week", "it must be a number of days"),
        ("CACHE", "on", "it must be one of: true false"),
        ("GATES", "data modl", 'The input gates is "modl"'),
        ("COMMENT_ID", "a b", "it must be letters, digits"),
        ("WORKING_DIRECTORY", "nowhere", "there is no such folder"),
        ("EXTRAS", "model]; rm", "it must be names with commas between"),
        ("UPLOAD", "x\n::error::forged %0A", 'The input upload is "x???error??forged ?0A"'),
    ],
)
def test_a_wrong_input_is_named_with_what_it_may_be(
    root: Path, tmp_path: Path, name: str, value: str, says: str
) -> None:
    done, outputs = prepare(root, tmp_path, **{f"MLCI_{name}": value})
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout.startswith("::error title=mlci::")
    assert says in done.stdout
    assert done.stdout.count("\n") == 1
    assert outputs == {}


@pytest.mark.parametrize(
    ("given", "matrix", "leg", "name"),
    [
        ("", None, "", "mlci-results"),
        ("", {"python": "3.12", "os": "ubuntu-latest"}, "3.12, ubuntu-latest", "mlci-results-3.12-ubuntu-latest"),
        ("", {"at": {"name": "a", "n": 1}}, '{"name": "a", "n": 1}', "mlci-results-name-a-n-1"),
        ("apps/search", {"project": "x"}, "apps/search", "mlci-results-apps-search"),
        ("a\nverdict=passed", None, "a verdict=passed", "mlci-results-a-verdict-passed"),
        ("../..", None, "../..", "mlci-results-0cfd1c96"),
    ],
)
def test_legs_are_told_apart(root: Path, tmp_path: Path, given: str, matrix: Any, leg: str, name: str) -> None:
    done, outputs = prepare(root, tmp_path, MLCI_LEG=given, MLCI_MATRIX=json.dumps(matrix))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (outputs["leg"], outputs["results-name"]) == (leg, name)
    assert outputs["report-name"] == name.replace("results", "report")


def test_baselines_and_environments_are_kept_by_pushes_to_the_default_branch(root: Path, tmp_path: Path) -> None:
    push = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}
    _, outputs = prepare(root, tmp_path, **push)
    assert (outputs["saves"], outputs["keeps"]) == ("true", "true")
    for other in (
        {**push, "GITHUB_REF": "refs/heads/mine"},
        {**push, "GITHUB_REF": "refs/tags/main"},
        {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"},
        {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7"},
        {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF": "refs/heads/main"},
        {"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main"},
    ):
        _, outputs = prepare(root, tmp_path, **other)
        assert (outputs["saves"], outputs["keeps"]) == ("false", "false"), other
    _, outputs = prepare(root, tmp_path, MLCI_SAVE_BASELINE="pushes", **{**push, "GITHUB_REF": "refs/heads/1.x"})
    assert outputs["saves"] == "true"
    _, outputs = prepare(root, tmp_path, MLCI_SAVE_BASELINE="never", MLCI_CACHE="false", **push)
    assert (outputs["saves"], outputs["keeps"]) == ("false", "false")


def test_a_server_that_takes_no_artifacts_is_told_of(root: Path, tmp_path: Path) -> None:
    push = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"}
    own = {"GITHUB_SERVER_URL": "https://github.example.com", **push}
    done, outputs = prepare(root, tmp_path, **own)
    assert (done.returncode, outputs["saves"]) == (0, "false")
    done, _ = prepare(root, tmp_path, MLCI_UPLOAD="results", **own)
    assert done.returncode == 2
    assert "takes no artifacts" in done.stdout
    for server in ("https://github.com", "https://our.ghe.com"):
        done, outputs = prepare(root, tmp_path, MLCI_UPLOAD="results", **push, GITHUB_SERVER_URL=server)
        assert (done.returncode, outputs["saves"]) == (0, "true")


def test_the_key_of_the_cache_changes_with_what_is_installed(root: Path, tmp_path: Path) -> None:
    _, first = prepare(root, tmp_path)
    _, again = prepare(root, tmp_path)
    _, other = prepare(root, tmp_path, MLCI_EXTRAS="model,s3")
    assert first["key"] == again["key"] != other["key"]
    copy = tmp_path / "copy"
    shutil.copytree(root / "action", copy / "action")
    shutil.copytree(root / "mlci", copy / "mlci", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(root / "pyproject.toml", copy)
    _, same = prepare(copy, tmp_path)
    assert same["key"] == first["key"]
    (copy / "mlci" / "cli.py").write_text("# changed\n", encoding="utf-8")
    _, changed = prepare(copy, tmp_path)
    assert changed["key"] != first["key"]


def test_paths_are_written_as_windows_wants_them(root: Path, tmp_path: Path) -> None:
    """Git's bash on Windows has `cygpath`, and an environment there has `Scripts/python.exe`."""
    programs = tmp_path / "programs"
    programs.mkdir()
    cygpath = programs / "cygpath"
    cygpath.write_text("#!/bin/bash\nprintf 'D:%s\\n' \"${3//\\//\\\\}\"\n", encoding="utf-8")
    cygpath.chmod(0o755)
    (tmp_path / "mlci" / "Scripts").mkdir(parents=True)
    (tmp_path / "mlci" / "Scripts" / "python.exe").touch()
    ask = '. "$1/action/shared.sh"; native "$home"; interpreter "$home"; echo "$source_folder"'
    done = subprocess.run(
        [BASH, "-c", ask, "ask", str(root)],
        env={"PATH": f"{programs}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    home, python, source = done.stdout.splitlines()
    assert home == "D:" + str(tmp_path / "mlci").replace("/", "\\")
    assert python == f"{tmp_path}/mlci/Scripts/python.exe"
    assert source == "D:" + str(root).replace("/", "\\")


@pytest.mark.parametrize(
    ("code", "environ", "ends", "says"),
    [
        ("0", {}, 0, ""),
        ("1", {}, 1, ""),
        ("1", {"MLCI_FAIL": "false", "MLCI_UPLOAD": "results", "MLCI_UPLOADED": "success"}, 0, ""),
        ("3", {"MLCI_FAIL": "false", "MLCI_HAS_RESULTS": "false"}, 3, ""),
        ("0", {"MLCI_UPLOAD": "results", "MLCI_UPLOADED": "failure"}, 3, "::error"),
        ("0", {"MLCI_UPLOAD": "results", "MLCI_UPLOADED": "skipped", "MLCI_HAS_RESULTS": "false"}, 3, "::error"),
        ("1", {"MLCI_FAIL": "false", "MLCI_UPLOAD": "results", "MLCI_UPLOADED": "failure"}, 3, "::error"),
        ("0", {"MLCI_BASELINE_PATH": "x/baseline.zip", "MLCI_KEPT": "failure"}, 0, "::warning"),
        ("0", {"MLCI_BASELINE_PATH": "x/baseline.zip", "MLCI_KEPT": "success"}, 0, ""),
    ],
)
def test_how_the_job_ends(root: Path, code: str, environ: dict[str, str], ends: int, says: str) -> None:
    given = {"MLCI_HAS_RESULTS": "true", "MLCI_FAIL": "true", "MLCI_UPLOAD": "none", "MLCI_UPLOADED": "skipped"}
    given |= {"MLCI_BASELINE_PATH": "", "MLCI_KEPT": "skipped", "MLCI_EXIT_CODE": code, **environ}
    done = subprocess.run(
        [BASH, str(root / "action" / "verdict")],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ends
    assert done.stdout.startswith(says)
