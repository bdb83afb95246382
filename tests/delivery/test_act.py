"""The action as a workflow runs it: under act, on the machine itself, against a stand-in for GitHub's API."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from acting import REPOSITORY, TOKEN, Act, Api, Job, job_of

sys.path.pop(0)

pytestmark = pytest.mark.slow

WORKFLOW = """\
on: pull_request
jobs:
  gate:
    runs-on: ubuntu-latest
    env:
      GITHUB_TOKEN: ${{{{ github.token }}}}
    steps:
      - uses: actions/checkout@v7
        with: {{fetch-depth: 0}}
      - id: mlci
        uses: mlci/mlci@v0
        with: {{{inputs}}}
"""
CURIOUS = """\
import os
from pathlib import Path


def test_what_a_test_can_see():
    seen, process = [str(dict(os.environ))], os.getppid()
    while process > 1:
        seen.append(Path(f"/proc/{{process}}/environ").read_bytes().decode(errors="replace"))
        status = Path(f"/proc/{{process}}/status").read_text()
        process = int(status.partition("PPid:")[2].split()[0])
        if "action/run" in Path(f"/proc/{{process}}/cmdline").read_text():
            seen.append(Path(f"/proc/{{process}}/environ").read_bytes().decode(errors="replace"))
            break
    Path({file!r}).write_text("\\n".join(seen))
"""


@pytest.fixture
def act(workflows: Act, tmp_path: Path) -> Callable[..., Job]:
    """Run the workflow of a project for pull request 7 and return how its job ended."""

    def run(folder: Path, api: str) -> Job:
        ran = workflows.run(folder, "pull_request", pull_request(folder), api=api, workflow="gate.yml")
        return job_of(ran.code, ran.log)

    return run


def pull_request(folder: Path) -> dict[str, Any]:
    """Return the payload of a pull request from the branch `change` to `main`."""
    sha = {
        branch: subprocess.run(
            ["git", "rev-parse", branch], cwd=folder, capture_output=True, text=True, check=True
        ).stdout.strip()
        for branch in ("change", "main")
    }
    repository = {"full_name": REPOSITORY, "default_branch": "main"}
    sides = {"head": "change", "base": "main"}
    pull = {side: {"ref": branch, "sha": sha[branch], "repo": repository} for side, branch in sides.items()}
    return {"action": "synchronize", "number": 7, "pull_request": {"number": 7, **pull}, "repository": repository}


def with_workflow(project: Any, **inputs: str) -> Any:
    """Commit a workflow that uses the action, on `main`, and change over to the branch."""
    text = ", ".join(f"{name}: {json.dumps(value)}" for name, value in inputs.items())
    project.write(".github/workflows/gate.yml", WORKFLOW.format(inputs=text))
    project.commit("Gate pull requests")
    project.git("switch", "--quiet", "--create", "change")
    return project


@pytest.fixture
def tabular(project: Any, release: Path, tmp_path: Path) -> Any:
    """The tabular example as a repository of its own, with its baseline saved, a test that looks around, and a branch."""
    for path in project.path.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(release / "examples" / "tabular", project.path, dirs_exist_ok=True)
    project.write("tests/test_curious.py", CURIOUS.format(file=str(tmp_path / "seen")))
    project.commit("The example")
    save = [sys.executable, "-m", "mlci", "baseline", "save", "--python", sys.executable]
    subprocess.run(save, cwd=project.path, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return with_workflow(project, python=sys.executable)


def test_one_comment_after_two_runs_and_a_red_job_on_a_regression(
    tabular: Any, start_api: Callable[..., Api], act: Callable[..., Job], tmp_path: Path
) -> None:
    api = start_api()
    tabular.write("README.md", "A harmless change.\n")
    tabular.commit("Describe it")
    good = act(tabular.path, api.url)
    assert (good.code, good.result) == (0, "success"), good.log
    assert (good.outputs["verdict"], good.outputs["passed"], good.outputs["exit-code"]) == ("passed", "true", "0")
    first = api.comments()
    assert len(first) == 1
    assert good.outputs["comment-url"].endswith(f"#issuecomment-{first[0]['id']}")

    subprocess.run([sys.executable, "degrade.py"], cwd=tabular.path, check=True)
    tabular.commit("Train on the new export")
    bad = act(tabular.path, api.url)
    assert (bad.code, bad.result) == (1, "failure"), bad.log
    assert (bad.outputs["verdict"], bad.outputs["passed"], bad.outputs["exit-code"]) == ("failed", "false", "1")
    second = api.comments()
    assert [comment["id"] for comment in second] == [first[0]["id"]], "the comment is updated, not posted again"
    assert second[0]["body"] != first[0]["body"]
    for name in ("accuracy", "mean_radius", "diagnosis"):
        assert name in second[0]["body"].replace("<!-- -->", "").replace("&#95;", "_").replace("<wbr>", "")

    assert {name: bad.outputs[f"{name}-status"] for name in ("code", "data", "model", "metrics")} == {
        "code": "passed",
        "data": "failed",
        "model": "failed",
        "metrics": "failed",
    }
    assert 50 < float(bad.outputs["coverage"]) <= 100
    assert json.loads(bad.outputs["metrics"])["model.cancer.accuracy"] < 0.9
    assert bad.outputs["results-path"].endswith("mlci-report/results.json")
    assert len(bad.summaries) == 1
    assert any(line.startswith("error: ") for line in bad.annotations)
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "PATH" in seen
    assert TOKEN not in seen, "a test of the project can see the token"


def test_a_token_that_may_not_write_changes_no_verdict(
    project: Any, start_api: Callable[..., Api], act: Callable[..., Job]
) -> None:
    api = start_api(read_only=True)
    with_workflow(project, extras="", **{"comment-id": "flowers"})
    job = act(project.path, api.url)
    assert (job.code, job.outputs["verdict"]) == (0, "passed"), job.log
    assert job.outputs["comment-url"] == ""
    assert api.comments() == []
    assert [line for line in job.annotations if "comment" in line]
    assert len(job.summaries) == 1


def test_a_wrong_configuration_is_red_and_says_so_in_the_summary(
    project: Any, start_api: Callable[..., Api], act: Callable[..., Job]
) -> None:
    api = start_api()
    with_workflow(project, extras="", comment="false")
    project.write("mlci.yaml", "version: 1\nmetrcs: {}\n")
    project.commit("Misspell a key")
    job = act(project.path, api.url)
    assert (job.code, job.outputs["verdict"], job.outputs["exit-code"]) == (1, "errored", "2"), job.log
    assert 'did you mean \\"metrics\\"?' in job.log
    assert "unknown key, did you mean" in job.summaries[0]
    assert api.state().get("requests", []) == []
