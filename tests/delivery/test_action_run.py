"""action/run and action/publish: what the steps note for the workflow, and what they keep from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BASH = shutil.which("bash") or "/bin/bash"
NAMES = ("CONFIG", "GATES", "PYTHON", "BASE", "OUT", "LEG", "KEPT_AS", "SAVES", "CHECK_RUN")
NO_INPUTS = {f"MLCI_{name}": "" for name in NAMES}


CONFIG = """\
version: 1
metrics: {performance.json: {overall.f1: {min: 0.5}}}
baseline: {store: artifact}
"""


def step(
    root: Path, name: str, folder: Path, **environ: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run a script of the action in `folder`; return what it said and its outputs."""
    outputs, summary = folder.parent / "outputs", folder.parent / "summary"
    outputs.unlink(missing_ok=True)
    given = {
        **os.environ,
        **NO_INPUTS,
        "MLCI_INTERPRETER": sys.executable,
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(summary),
        "RUNNER_TEMP": str(folder.parent),
        **environ,
    }
    script = [BASH, "--noprofile", "--norc", str(root / "action" / name)]
    done = subprocess.run(
        script, cwd=folder, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    lines = outputs.read_text(encoding="utf-8").splitlines() if outputs.exists() else []
    return done, dict(line.split("=", 1) for line in lines)


def test_a_pass_is_noted_with_the_paths_of_its_reports(root: Path, project: Any) -> None:
    done, outputs = step(root, "run", project.path, MLCI_GATES="metrics")
    assert done.returncode == 0, done.stdout + done.stderr
    report = project.path / "mlci-report"
    assert outputs == {
        "exit-code": "0",
        "verdict": "passed",
        "passed": "true",
        "report-path": str(report),
        "badges-path": str(report / "badges"),
        "results-path": str(report / "results.json"),
        "summary-path": str(report / "summary.md"),
        "has-results": "true",
        "baseline-path": "",
    }
    assert (report / "results.json").exists()


def test_a_regression_is_noted_and_the_step_itself_does_not_fail(root: Path, project: Any) -> None:
    project.make_worse()
    done, outputs = step(root, "run", project.path, MLCI_GATES="metrics\n", MLCI_OUT="a folder/reports")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (outputs["exit-code"], outputs["verdict"], outputs["passed"]) == ("1", "failed", "false")
    assert outputs["report-path"] == str(project.path / "a folder" / "reports")


def test_inputs_become_options_and_never_words_of_the_shell(root: Path, project: Any) -> None:
    hostile = "$(touch stolen); `touch stolen` *"
    done, outputs = step(root, "run", project.path, MLCI_CONFIG=hostile, MLCI_BASE=hostile, MLCI_PYTHON=hostile)
    assert outputs["exit-code"] in {"2", "3"}
    assert outputs["verdict"] == "errored"
    assert "$(touch stolen)" in done.stderr
    assert not (project.path / "stolen").exists()


def test_results_of_an_earlier_run_are_not_taken_for_this_ones(root: Path, project: Any) -> None:
    step(root, "run", project.path, MLCI_GATES="metrics")
    project.write("mlci.yaml", "version: 1\nmetrcs: {}\n")
    _, outputs = step(root, "run", project.path)
    assert outputs["exit-code"] == "2"
    assert json.loads(Path(outputs["results-path"]).read_text(encoding="utf-8"))["verdict"] == "errored"


def test_a_run_that_leaves_no_results_is_no_pass(root: Path, project: Any, tmp_path: Path) -> None:
    idle = tmp_path / "idle"
    idle.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    idle.chmod(0o755)
    _, outputs = step(root, "run", project.path, MLCI_INTERPRETER=str(idle))
    assert (outputs["exit-code"], outputs["verdict"], outputs["passed"]) == ("3", "errored", "false")


def test_what_the_run_prints_cannot_command_the_runner(root: Path, project: Any) -> None:
    project.make_worse()
    done, _ = step(root, "run", project.path)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("::stop-commands::")
    assert lines[-1] == f"::{lines[0].removeprefix('::stop-commands::')}::"
    assert not [line for line in lines[1:-1] if line.startswith("::")], "once is enough"


def test_a_run_that_passes_is_kept_as_the_baseline_where_it_is_asked_for(root: Path, project: Any) -> None:
    project.write("mlci.yaml", CONFIG)
    project.commit("Keep baselines as artifacts")
    done, outputs = step(root, "run", project.path, MLCI_KEPT_AS="mlci-baseline", MLCI_SAVES="true")
    assert (outputs["exit-code"], Path(outputs["baseline-path"]).name) == ("0", "baseline.zip"), done.stdout
    assert Path(outputs["baseline-path"]).is_file()
    _, outputs = step(root, "run", project.path, MLCI_KEPT_AS="mlci-baseline", MLCI_SAVES="false")
    assert outputs["baseline-path"] == ""
    project.write("performance.json", '{"overall": {"f1": 0.9}}')
    done, outputs = step(root, "run", project.path, MLCI_KEPT_AS="mlci-baseline", MLCI_SAVES="true")
    assert (outputs["exit-code"], outputs["baseline-path"]) == ("0", ""), "of no commit"
    assert "::warning title=mlci::The run passed, and no baseline was kept" in done.stdout


def test_the_name_of_the_artifact_is_that_of_the_configuration_and_the_leg(root: Path, project: Any) -> None:
    project.write("mlci.yaml", CONFIG)
    for leg, name in (("", "mlci-baseline"), ("3.12", "mlci-baseline-3.12")):
        _, outputs = step(root, "fetch", project.path, MLCI_LEG=leg, MLCI_BASELINE_TOKEN="")
        assert outputs["name"] == name
    project.write("mlci.yaml", CONFIG.replace("artifact", "branch"))
    assert step(root, "fetch", project.path)[1] == {}


def test_publishing_without_results_says_so_in_the_summary(root: Path, project: Any, tmp_path: Path) -> None:
    given = {"MLCI_RESULTS": str(tmp_path / "none.json"), "MLCI_EXIT_CODE": "2", "MLCI_COMMENT": "true"}
    done, _ = step(root, "publish", project.path, **given, MLCI_COMMENT_ID="")
    assert done.returncode == 0
    assert "::error title=mlci::mlci ended with exit code 2" in done.stdout
    assert "exit code 2" in (tmp_path / "summary").read_text(encoding="utf-8")


def test_publishing_that_fails_does_not_fail_the_step(root: Path, project: Any, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("not JSON", encoding="utf-8")
    given = {"MLCI_RESULTS": str(tmp_path / "results.json"), "MLCI_EXIT_CODE": "0", "MLCI_COMMENT": "true"}
    done, _ = step(root, "publish", project.path, **given, MLCI_COMMENT_ID="")
    assert done.returncode == 0
    assert "::warning title=mlci::The verdict stands" in done.stdout
