"""`mlci publish` as the action calls it: a process of its own, against a server of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.cli import main
from mlci.reports.inert import utf16_units
from mlci.reports.markdown import marker_of
from mlci.results.files import read, write
from mlci.results.model import Check, Gate, Results

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "reports" / "golden"
ROOT = HERE.parents[1]
MARKER = marker_of("default")


@pytest.fixture
def results(tmp_path):
    """The failing run's results in a report folder."""
    folder = tmp_path / "mlci-report"
    folder.mkdir()
    (folder / "results.json").write_bytes((GOLDEN / "failing.json").read_bytes())
    return folder / "results.json"


@pytest.fixture
def step(tmp_path, monkeypatch, github):
    """A step of a workflow on a pull request; calling it publishes and gives exit code, summary and outputs."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"number": 7, "pull_request": {"number": 7, "head": {"sha": "b" * 40}}}))
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octo-org/topics",
        "GITHUB_RUN_ID": "42",
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": "t0ken",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "step-summary"),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MLCI_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)

    def publish(*words):
        return main(["publish", *map(str, words)])

    return publish


def outputs(folder):
    text = (folder / "output").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w-]+)<<(?:mlci_\w+)\n(.*)\nmlci_\w+$", text, re.MULTILINE))


def test_everything_is_posted(step, results, tmp_path, github, capsys):
    assert step(results) == 0
    (body,) = github.bodies()
    assert re.match(f"{MARKER}\n<!-- mlci-state failed [0-9a-f]{{16}} -->\n### ❌ mlci: blocked\n", body)
    assert f"https://github.com/octo-org/topics/blob/{'b' * 40}/data/tags.csv#L17" in body
    assert "### ❌ mlci: blocked" in (tmp_path / "step-summary").read_text(encoding="utf-8")
    found = outputs(tmp_path)
    assert found["verdict"] == "failed"
    assert found["passed"] == "false"
    assert (found["code-status"], found["data-status"]) == ("passed", "failed")
    assert (found["model-status"], found["metrics-status"]) == ("failed", "passed")
    assert found["coverage"] == "93.42"
    assert json.loads(found["metrics"])["model.topics.accuracy"] == 0.8811
    assert found["results-path"] == str(results)
    assert found["summary-path"] == str(results.with_name("summary.md"))
    assert found["comment-url"].startswith("https://github.com/octo-org/topics/pull/7#issuecomment-")
    printed = capsys.readouterr().out
    assert (
        "::error file=data/tags.csv,line=17,title=mlci%3A data.tags.expect_column_values_to_be_unique.id::" in printed
    )
    assert "comment posted: https://github.com/octo-org/topics/pull/7#issuecomment-" in printed


def test_one_comment_after_two_runs(step, results, github):
    step(results)
    results.write_bytes((GOLDEN / "passing.json").read_bytes())
    step(results)
    (body,) = github.bodies()
    assert "### ✅ mlci: passed" in body


def test_a_run_of_a_commit_that_is_not_the_last_any_more_leaves_the_comment_alone(step, results, github, capsys):
    sys.modules["fake_repository"].pull(github, sha="d" * 40)
    assert step(results) == 0
    assert github.comments == []
    assert f"#7 has moved on to {'d' * 10}, whose own run writes the comment" in capsys.readouterr().out
    github.pulls[0]["head"]["sha"] = "b" * 40
    assert step(results) == 0
    assert len(github.bodies()) == 1


@pytest.mark.parametrize("name", ["push", "merge_group", "workflow_dispatch", "schedule"])
def test_other_events_get_no_comment(step, results, tmp_path, github, monkeypatch, name):
    monkeypatch.setenv("GITHUB_EVENT_NAME", name)
    assert step(results) == 0
    assert github.requests == []
    assert outputs(tmp_path)["verdict"] == "failed"
    assert (tmp_path / "step-summary").exists()


@pytest.mark.parametrize("kind", ["read-only", "locked", "broken"])
def test_refused_comment_is_a_notice_and_no_failure(step, results, tmp_path, github, capsys, fake, kind):
    github.read_only = kind == "read-only"
    github.locked = [7] if kind == "locked" else []
    github.faults = [fake.Fault(match="^GET", status=400, message="what?", times=9)] if kind == "broken" else []
    assert step(results) == 0
    (notice,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::notice")]
    assert {"read-only": "pull-requests: write", "locked": "locked", "broken": "what?"}[kind] in notice
    assert outputs(tmp_path)["verdict"] == "failed"
    assert "mlci" in (tmp_path / "step-summary").read_text(encoding="utf-8")
    assert "mlci" in results.with_name("summary.md").read_text(encoding="utf-8")


def test_without_a_token_the_rest_is_done(step, results, tmp_path, github, capsys, monkeypatch):
    monkeypatch.delenv("GITHUB_TOKEN")
    assert step(results) == 0
    assert "::notice title=mlci::No comment was written: GITHUB_TOKEN is not set" in capsys.readouterr().out
    assert github.requests == []
    assert outputs(tmp_path)["verdict"] == "failed"


def test_own_token_goes_before_the_workflows(step, results, github, monkeypatch):
    github.tokens["0wn"] = "our-app[bot]"
    monkeypatch.setenv("MLCI_TOKEN", "0wn\n")
    step(results)
    assert len(github.bodies(author="our-app[bot]")) == 1


def test_comment_can_be_left_out(step, results, github):
    assert step(results, "--no-comment") == 0
    assert github.requests == []


def test_comments_of_two_ids_stand_side_by_side(step, results, github):
    step(results, "--comment-id", "linux")
    step(results, "--comment-id", "macos")
    assert [body.partition("\n")[0] for body in github.bodies()] == [marker_of("linux"), marker_of("macos")]


@pytest.mark.parametrize("wrong", ["a b", "", "x-->", "é", "a" * 101])
def test_wrong_comment_id_is_a_usage_error(step, results, github, capsys, wrong):
    assert step(results, "--comment-id", wrong) == 2
    assert "is not a comment id" in capsys.readouterr().err
    assert github.requests == []


def test_body_over_the_limit_still_posts(step, results, tmp_path, github):
    checks = tuple(
        Check(id=f"data.a.{number}", status="failed", summary="@x🙂" * 100, reason="r") for number in range(500)
    )
    write(results, Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed", gates=(Gate(name="data", status="failed", reason="r", checks=checks),)))  # fmt: skip
    assert step(results) == 0
    (body,) = github.bodies()
    assert 40_000 < utf16_units(body) <= 60_000
    assert "**Left out for length:**" in body
    summary = (tmp_path / "step-summary").read_bytes()
    assert len(body.encode()) < len(summary) <= 900 * 1024


def test_values_of_rows_are_posted_only_where_the_project_says_so(step, results, github):
    step(results)
    assert "good film" not in github.bodies()[0]
    write(results, replace(read(results), show_values=True))
    step(results)
    assert "good film" in github.bodies()[0]


def test_several_results_become_one_report(step, results, tmp_path, github):
    for name in ("passing", "failing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_bytes((GOLDEN / f"{name}.json").read_bytes())
    assert step(tmp_path / "passing", tmp_path / "failing") == 0
    (body,) = github.bodies()
    assert "### ❌ mlci: blocked" in body
    assert outputs(tmp_path)["coverage"] == "93.42"


def test_outside_actions_nothing_is_posted(results, tmp_path, github, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["publish", str(results.parent)]) == 0
    printed = capsys.readouterr().out
    assert (
        f"not in GitHub Actions, so nothing was posted; the comment would be {results.with_name('summary.md')}"
        in printed
    )
    assert "### ❌ mlci: blocked" in results.with_name("summary.md").read_text(encoding="utf-8")
    assert github.requests == []


@pytest.mark.parametrize("raw", [None, "", "not json", "[]", '{"schema": 1}', '{"schema": 99, "mlci": "9.9.9"}'])
def test_results_that_are_none_post_nothing(step, results, github, capsys, raw):
    results.unlink()
    if raw is not None:
        results.write_text(raw)
    assert step(results) == 2
    assert capsys.readouterr().err.startswith("mlci: ")
    assert github.requests == []


def test_unwritable_files_do_not_keep_the_comment_from_being_posted(
    step, results, tmp_path, github, capsys, monkeypatch
):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "no" / "folder"))
    assert step(results) == 0
    assert len(github.bodies()) == 1
    assert "the step summary cannot be written" in capsys.readouterr().out


def test_annotations_lead_from_the_root_of_git(step, results, tmp_path, capsys, monkeypatch):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "projects" / "topics").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "projects" / "topics")
    step(results)
    assert "::error file=projects/topics/data/tags.csv,line=17," in capsys.readouterr().out


def test_golden_results_are_what_a_run_writes(tmp_path):
    for path in GOLDEN.glob("*.json"):
        write(tmp_path / "results.json", read(path))
        assert read(tmp_path / "results.json") == read(path)


def test_publish_and_stand_in_as_processes(results, tmp_path, corpora):
    state = tmp_path / "state.json"
    openapi = corpora / "github" / "openapi-slice.json"
    start = tmp_path / "start.json"
    start.write_text(json.dumps({"tokens": {"s3cret": "github-actions[bot]"}, "faults": [{"match": "^POST", "status": 400, "message": "you sent s3cret"}]}))  # fmt: skip
    command = [sys.executable, HERE / "fake.py", "--state", state, "--load", start, "--openapi", openapi]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip()
            event = tmp_path / "event.json"
            event.write_text('{"number": 3}')
            environ = {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "octo-org/topics", "GITHUB_API_URL": url, "GITHUB_TOKEN": "s3cret", "PYTHONIOENCODING": "ascii"}  # fmt: skip
            publish = [sys.executable, "-m", "mlci", "publish", str(results)]
            done = [subprocess.run(publish, env=environ, cwd=ROOT, capture_output=True, text=True, check=True) for _ in range(2)]  # fmt: skip
        finally:
            server.send_signal(signal.SIGTERM)
    posted = json.loads(state.read_text())
    assert [one["author"] for one in posted["comments"]] == ["github-actions[bot]"]
    assert posted["violations"] == []
    said = [one.stdout for one in done]
    assert "you sent ***" in said[0]
    assert "comment posted" in said[1]
    assert "s3cret" not in "".join(one.stdout + one.stderr for one in done)
