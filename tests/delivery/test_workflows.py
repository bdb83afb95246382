"""Every workflow of the documentation as `mlci init` writes it, run under act: what passes, what blocks, what is kept."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "github"))
sys.path.insert(0, str(Path(__file__).parent))
from acting import REPOSITORY, Act, Api
from fake import FakeGitHub
from fake_repository import leave, pull, run

del sys.path[:2]

pytestmark = pytest.mark.slow

CONFIG = """\
version: 1
data:
  flowers:
    path: data/flowers.csv
    expect:
      - expect_column_values_to_be_unique: {column: id}
metrics:
  performance.json:
    overall.f1: {min: 0.5, max-drop: 0.02, direction: higher}
baseline: {store: artifact}
"""
BETTER, WORSE = json.dumps({"overall": {"f1": 0.85}}), json.dumps({"overall": {"f1": 0.71}})


def prepare(project: Any, kind: str, *, config: str = CONFIG, folders: tuple[str, ...] = ()) -> Any:
    """Make the project one with a workflow of a kind, on `main`, written by `mlci init`."""
    project.write("requirements.txt", "")
    project.write("mlci.yaml", config)
    for folder in folders:
        for name in ("mlci.yaml", "requirements.txt", "performance.json", "data/flowers.csv"):
            project.write(f"{folder}/{name}", (project.path / name).read_text(encoding="utf-8"))
    if folders:
        (project.path / "mlci.yaml").unlink()
    command = [sys.executable, "-m", "mlci", "init", "--workflow", kind]
    subprocess.run(command, cwd=project.path, stdin=subprocess.DEVNULL, check=True)
    project.commit("Gate pull requests")
    return project


def about(project: Any) -> dict[str, Any]:
    return {"repository": {"id": 42, "full_name": REPOSITORY, "default_branch": "main"}}


def push_of(project: Any, ref: str = "refs/heads/main") -> dict[str, Any]:
    return {**about(project), "ref": ref, "after": project.git("rev-parse", "HEAD")}


def pull_of(project: Any, *, head: str = REPOSITORY) -> dict[str, Any]:
    sides = {"head": ("change", head), "base": ("main", REPOSITORY)}
    pull = {
        side: {"ref": ref, "sha": project.git("rev-parse", ref), "repo": {"full_name": repository}}
        for side, (ref, repository) in sides.items()
    }
    return {**about(project), "action": "synchronize", "number": 7, "pull_request": {"number": 7, **pull}}


def zipped(path: Path) -> bytes:
    """Return an archive of one file, as an artifact is downloaded."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.write(path, path.name)
    return written.getvalue()


def uploaded(act: Act, project: Any, name: str = "mlci-baseline") -> dict[str, Any]:
    """Return the state of an API that has the baseline which the run on `main` has left in the store."""
    github = FakeGitHub(repository=REPOSITORY)
    raw = zipped(act.store / "artifacts" / name / "baseline.zip")
    github.upload(raw, sha=project.git("rev-parse", "main"), name=name)
    return asdict(github)


def change(project: Any, numbers: str, *folders: str) -> None:
    project.git("switch", "--quiet", "--force-create", "change", "main")
    for folder in folders or (".",):
        project.write(f"{folder}/performance.json", numbers)
    project.commit("Train anew")


def artifacts(act: Act) -> list[str]:
    """Return the files of all artifacts."""
    top = act.store / "artifacts"
    return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())


def test_pull_requests_are_compared_with_what_the_push_to_main_has_kept(
    project: Any, start_api: Callable[..., Api], workflows: Act
) -> None:
    prepare(project, "pull-request")
    empty = start_api(repository=REPOSITORY)
    kept = workflows.run(project.path, "push", push_of(project), api=empty.url, workflow="mlci-gates.yml")
    assert kept.jobs == {"Gates": "success", "mlci": "success"}, kept.said
    assert artifacts(workflows) == ["mlci-baseline/baseline.zip"]
    assert "no baseline" in kept.said

    api = start_api(**uploaded(workflows, project))
    change(project, WORSE)
    event = pull_of(project)
    bad = workflows.run(
        project.path, "pull_request", event, api=api.url, workflow="mlci-gates.yml", GITHUB_REPOSITORY_ID="42"
    )
    assert bad.jobs == {"Gates": "failure", "mlci": "failure"}, bad.said
    (comment,) = api.comments()
    assert "0.71" in comment["body"]
    assert project.git("rev-parse", "main")[:7] in comment["body"], "the receipt of the baseline"
    assert artifacts(workflows) == ["mlci-baseline/baseline.zip"], "a pull request keeps nothing"

    change(project, BETTER)
    good = workflows.run(
        project.path,
        "pull_request",
        pull_of(project),
        api=api.url,
        workflow="mlci-gates.yml",
        GITHUB_REPOSITORY_ID="42",
    )
    assert good.jobs == {"Gates": "success", "mlci": "success"}, good.said
    assert len(api.comments()) == 1


def test_a_baseline_that_cannot_be_fetched_is_no_pass(
    project: Any, start_api: Callable[..., Api], workflows: Act
) -> None:
    prepare(project, "pull-request")
    change(project, BETTER)
    api = start_api(
        repository=REPOSITORY,
        faults=[
            {
                "match": "GET .*/artifacts",
                "status": 403,
                "times": 99,
                "message": "Resource not accessible by integration",
            }
        ],
    )
    ran = workflows.run(project.path, "pull_request", pull_of(project), api=api.url, workflow="mlci-gates.yml")
    assert ran.jobs == {"Gates": "failure", "mlci": "failure"}, ran.said
    assert "actions: read" in ran.log
    assert "could not be fetched before this run" in api.comments()[0]["body"]


def test_a_fork_is_gated_with_a_token_that_can_only_read_and_the_second_workflow_comments(
    project: Any, start_api: Callable[..., Api], workflows: Act
) -> None:
    prepare(project, "forks")
    change(project, WORSE)
    project.write("data/flowers.csv", "id,species\n1,a\n1,b\n")
    project.commit("Export anew")
    api = start_api(repository=REPOSITORY, read_only=True)
    event = pull_of(project, head="stranger/topics")
    ran = workflows.run(project.path, "pull_request", event, api=api.url, workflow="mlci-gates.yml")
    assert ran.jobs == {"Gates": "failure", "mlci": "failure"}, ran.said
    assert api.comments() == []
    assert artifacts(workflows) == ["mlci-results/results.json"], "and no failing row"
    assert len(ran.summaries) >= 1

    github = FakeGitHub(repository=REPOSITORY)
    first = run(
        github,
        pull(github, sha=project.git("rev-parse", "change")),
        id=1,
        path=".github/workflows/mlci-gates.yml",
        conclusion="failure",
    )
    leave(github, first, zipped(workflows.store / "artifacts" / "mlci-results" / "results.json"))
    api = start_api(**asdict(github))
    event = {**about(project), "action": "completed", "workflow_run": first}
    project.git("switch", "--quiet", "main")
    second = workflows.run(project.path, "workflow_run", event, api=api.url, workflow="mlci-comment.yml")
    assert second.jobs == {"Comment": "success"}, second.said
    (comment,) = api.comments()
    assert "mlci: blocked" in comment["body"]
    assert "Reported by the run of a fork" in comment["body"]


def test_legs_of_a_matrix_are_decided_over_once(project: Any, start_api: Callable[..., Api], workflows: Act) -> None:
    prepare(project, "matrix")
    change(project, WORSE)
    project.write("data/flowers.csv", "id,species\n1,a\n1,b\n")
    project.commit("Export anew")
    api = start_api(repository=REPOSITORY)
    ran = workflows.run(project.path, "pull_request", pull_of(project), api=api.url, workflow="mlci-gates.yml")
    legs = {name: result for name, result in ran.jobs.items() if name != "mlci"}
    assert set(legs.values()) == {"success"}, ran.said
    assert len(legs) == 2
    assert ran.jobs["mlci"] == "failure", "the one check that is required decides"
    assert artifacts(workflows) == ["mlci-results-3.12/results.json", "mlci-results-3.13/results.json"]
    (comment,) = api.comments()
    assert "3.12" in comment["body"]
    assert "3.13" in comment["body"]


def test_projects_of_a_monorepo_are_decided_over_once(
    project: Any, start_api: Callable[..., Api], workflows: Act
) -> None:
    prepare(project, "monorepo", folders=("apps/one", "apps/two"))
    api = start_api(repository=REPOSITORY)
    push = workflows.run(project.path, "push", push_of(project), api=api.url, workflow="mlci-gates.yml")
    assert set(push.jobs.values()) == {"success"}, push.said
    kept = artifacts(workflows)
    assert [name for name in kept if "results" in name] == [
        f"mlci-results-apps-{name}/results.json" for name in ("one", "two")
    ]
    baselines = [name for name in kept if name.endswith("/baseline.zip")]
    assert len(baselines) == 2, "each project has one of its own"
    assert all(name.startswith("mlci-baseline-apps-") for name in baselines)


def test_the_merged_state_is_gated_in_a_merge_queue_and_nothing_is_posted(
    project: Any, start_api: Callable[..., Api], workflows: Act
) -> None:
    prepare(project, "merge-queue")
    change(project, BETTER)
    head, base = (project.git("rev-parse", name) for name in ("change", "main"))
    group = {
        "head_sha": head,
        "head_ref": "refs/heads/gh-readonly-queue/main/pr-7",
        "base_sha": base,
        "base_ref": "refs/heads/main",
    }
    api = start_api(repository=REPOSITORY)
    event = {**about(project), "action": "checks_requested", "merge_group": group}
    ran = workflows.run(project.path, "merge_group", event, api=api.url, workflow="mlci-gates.yml")
    assert ran.jobs == {"Gates": "success", "mlci": "success"}, ran.said
    assert api.comments() == []
    assert not (workflows.store / "artifacts").exists()


@pytest.mark.parametrize(
    ("kind", "file", "event"),
    [("nightly", "mlci-baseline.yml", "schedule"), ("release-anchor", "mlci-release.yml", "push")],
)
def test_a_baseline_is_pushed_to_its_branch_by_a_job_that_runs_no_code(
    project: Any, workflows: Act, tmp_path: Path, kind: str, file: str, event: str
) -> None:
    prepare(project, kind, config=CONFIG.replace("artifact", "branch"))
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    project.git("tag", "v1.0.0")
    payload = push_of(project, "refs/tags/v1.0.0") if event == "push" else about(project)
    ran = workflows.run(project.path, event, payload, api="http://127.0.0.1:9", workflow=file)
    assert ran.jobs == {"Run the gates": "success", "Save the baseline": "success"}, ran.said
    head = project.git("rev-parse", "HEAD")
    kept = project.git("--git-dir", str(tmp_path / "remote.git"), "ls-tree", "-r", "--name-only", "mlci-baseline")
    assert kept.endswith(f"{head}.zip")


def test_the_script_for_gitlab_gates_with_the_projects_python(
    project: Any, root: Path, own_python: Path, tmp_path: Path
) -> None:
    prepare(project, "gitlab", config=CONFIG.replace("{store: artifact}", "{recompute: true}"))
    script = yaml.safe_load((project.path / ".gitlab" / "mlci-gates.yml").read_text(encoding="utf-8"))["mlci"]["script"]
    change(project, WORSE)
    shims = tmp_path / "mlci" / "bin"
    shims.mkdir(parents=True)
    for name, text in {"mlci": f'exec "{sys.executable}" -m mlci "$@"', "pip": "exit 0"}.items():
        (shims / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (shims / name).chmod(0o755)
    lines = [line.replace("/tmp/mlci", str(tmp_path / "mlci")) for line in script if "-m venv" not in line]
    environ = {
        "GITLAB_CI": "true",
        "CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": project.git("rev-parse", "main"),
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": project.git("rev-parse", "HEAD"),
    }
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(lines)],
        cwd=project.path,
        env={**os.environ, **environ, "PATH": f"{own_python}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0.71" in done.stdout
    named = yaml.safe_load((root / "docs" / "workflows" / "gitlab.yml").read_text(encoding="utf-8"))["mlci"]
    for path in (*named["artifacts"]["paths"], named["artifacts"]["reports"]["junit"]):
        assert (project.path / path).is_file()
