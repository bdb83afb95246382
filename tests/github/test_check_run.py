"""The check run: one for each attempt, with every annotation once, and no failure where it may not be written."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.cli import main
from mlci.errors import Where
from mlci.github.annotations import annotations_of, placed
from mlci.github.changed import changed_lines, parsed, touches
from mlci.github.check_run import CheckRun, write
from mlci.results.files import read
from mlci.results.files import write as write_results
from mlci.results.model import Check, Gate, Results

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[1] / "reports" / "golden"
SHA = "b" * 40


def results(number, status="failed"):
    checks = tuple(
        Check(id=f"data.a.{place}", status=status, summary=f"summary {place}", reason="r", where=Where(path="a.csv", line=place + 1))
        for place in range(number)
    )  # fmt: skip
    return Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="failed", gates=(Gate(name="data", status=status, reason="r", checks=checks),))  # fmt: skip


def check_of(number, *, attempt=1):
    return CheckRun(name="mlci report", sha=SHA, external_id=f"mlci:default:42:{attempt}", url="https://github.com/o/r/actions/runs/42", conclusion="failure", title="Blocked", summary="text", annotations=placed(annotations_of(results(number))))  # fmt: skip


def put(client, number, **changed):
    return write(client, repository="octo-org/topics", check=check_of(number, **changed))


@pytest.mark.parametrize("number", [0, 1, 50, 51, 120])
def test_every_annotation_is_written_once_in_batches(github, client, number):
    url = put(client, number)
    (run,) = github.check_runs
    assert (run["head_sha"], run["conclusion"], run["status"], run["html_url"]) == (SHA, "failure", "completed", url)
    assert [one["start_line"] for one in run["annotations"]] == list(range(1, number + 1))


def test_same_attempt_changes_its_check_run_and_another_has_its_own(github, client):
    put(client, 60)
    put(client, 60)
    assert [len(one["annotations"]) for one in github.check_runs] == [60]
    put(client, 60, attempt=2)
    assert [len(one["annotations"]) for one in github.check_runs] == [60, 60]


def test_attempt_that_was_interrupted_is_brought_to_its_end(github, client, fake):
    github.faults.append(fake.Fault(match="^PATCH", status=400, message="cut off"))
    with pytest.raises(Exception, match="cut off"):
        put(client, 120)
    assert [len(one["annotations"]) for one in github.check_runs] == [50]
    put(client, 120)
    (run,) = github.check_runs
    assert [one["start_line"] for one in run["annotations"]] == list(range(1, 121))


def test_post_without_an_answer_is_not_repeated_blindly(github, client, fake):
    github.faults.append(fake.Fault(match="^POST", status=502, afterwards=True))
    put(client, 3)
    assert [len(one["annotations"]) for one in github.check_runs] == [3]


DIFF = """diff --git a/a.csv b/b c.csv
--- a/a.csv
+++ b/b c.csv\t
@@ -1,0 +2,3 @@ head
+x
@@ -9 +12 @@
-+++ b/no
+y
diff --git a/gone b/gone
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
"""


def test_lines_of_a_diff():
    lines = parsed(DIFF)
    assert [line for line in range(20) if touches(lines, "b c.csv", line)] == [2, 3, 4, 12]
    assert touches(lines, "b c.csv", None)
    assert not touches(lines, "a.csv", 2)


def test_worst_first_and_among_them_those_on_changed_lines():
    found = results(4)
    warned = replace(found.gates[0], checks=(replace(found.gates[0].checks[0], id="data.w", status="warned"), *found.gates[0].checks))  # fmt: skip
    ordered = annotations_of(replace(found, gates=(warned,)), changed={"a.csv": (range(3, 5), range(1, 2))})
    assert [one.line for one in ordered] == [1, 3, 4, 2, 1]
    assert [one.level for one in ordered][-1] == "warning"


@pytest.fixture
def step(tmp_path, monkeypatch, github):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"number": 7, "pull_request": {"number": 7, "head": {"sha": SHA}}}))
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "octo-org/topics", "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "t0ken", "GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": "3"}  # fmt: skip
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def publish(name, *words):
        write_results(tmp_path / "results.json", read(GOLDEN / f"{name}.json"))
        return main(["publish", str(tmp_path / "results.json"), *words])

    return publish


@pytest.mark.parametrize(
    ("name", "conclusion", "title"),
    [
        ("failing", "failure", "Blocked: model.topics.accuracy is 0.0312 worse"),
        ("passing", "success", "Passed: 14 checks"),
        ("stopped", "failure", "Could not run: `data.tags.pat`: unknown key"),
    ],
)
def test_check_run_is_written_where_it_is_asked_for(step, github, capsys, name, conclusion, title):
    assert step(name, "--comment", "never") == 0
    assert github.check_runs == []
    assert step(name, "--check-run") == 0
    (run,) = github.check_runs
    assert (run["name"], run["head_sha"], run["external_id"]) == ("mlci report", SHA, "mlci:default:42:3")
    assert (run["conclusion"], run["output"]["title"].startswith(title)) == (conclusion, True)
    assert run["output"]["summary"].startswith("### ")
    assert len(github.bodies()) == 1
    assert "check run written: https://github.com/octo-org/topics/runs/" in capsys.readouterr().out


def test_token_that_may_not_is_said_and_its_findings_are_annotated_otherwise(step, github, capsys):
    github.no_checks = True
    assert step("failing", "--check-run") == 0
    printed = capsys.readouterr().out
    assert "the check run was not written: the token may not write check runs" in printed
    assert "checks: write" in printed
    assert len(re.findall("^::error", printed, re.MULTILINE)) == 5
    assert len(github.bodies()) == 1


def test_findings_of_a_check_run_are_not_annotated_twice(step, capsys):
    step("failing", "--check-run")
    assert "::error" not in capsys.readouterr().out


def test_changed_lines_of_a_repository(tmp_path, monkeypatch):
    from mlci import git

    def run(*words):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()  # fmt: skip

    run("init", "--quiet")
    (tmp_path / "é.csv").write_text("1\n2\n3\n")
    run("add", ".")
    run("commit", "--quiet", "-m", "one")
    base = run("rev-parse", "HEAD")
    (tmp_path / "é.csv").write_text("1\n5\n3\n4\n")
    run("commit", "--quiet", "-am", "two")
    lines = changed_lines(git.find(tmp_path), base)
    assert [line for line in range(9) if touches(lines, "é.csv", line)] == [2, 4]
    assert changed_lines(git.find(tmp_path), "--output=x") == {}
    assert changed_lines(None, base) == {}
