"""When `mlci publish` writes the comment, and which one, against the stand-in for GitHub."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.cli import main
from mlci.reports.markdown import marker_of
from mlci.results.files import read, write
from mlci.results.posting import Posting

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[1] / "reports" / "golden"


@pytest.fixture
def publish(tmp_path, monkeypatch, github):
    """Publish a golden run, with changes to its results and options of the command."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"number": 7}))
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "octo-org/topics", "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "t0ken", "GITHUB_OUTPUT": str(tmp_path / "output")}  # fmt: skip
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(name, *words, **changed):
        write(tmp_path / "results.json", replace(read(GOLDEN / f"{name}.json"), **changed))
        assert main(["publish", str(tmp_path / "results.json"), *words]) == 0
        return [body.splitlines()[2] for body in github.bodies()]

    return run


BLOCKED, PASSED = "### ❌ mlci: blocked", "### ✅ mlci: passed"


def written(github):
    return [one["method"] for one in github.requests if one["method"] in ("PATCH", "DELETE")] + [
        "POST" for one in github.requests if one["method"] == "POST" and "comments" in one["target"]
    ]


def test_changes_writes_when_the_verdict_or_the_findings_change(publish, github):
    changes = ("--comment", "changes")
    assert publish("failing", *changes) == [BLOCKED]
    assert publish("failing", *changes, started="2026-11-22T00:00:00+00:00") == [BLOCKED]
    assert written(github) == ["POST"]
    assert publish("passing", *changes) == [PASSED]
    assert publish("passing", *changes) == [PASSED]
    assert written(github) == ["PATCH", "POST"]


def test_changes_writes_nothing_about_a_change_that_there_is_nothing_to_tell_of(publish, github, capsys):
    calm = [replace(gate, status="passed", checks=gate.checks[:1]) for gate in read(GOLDEN / "passing.json").gates[:1]]
    assert publish("passing", "--comment", "changes", gates=tuple(calm), comparison=None) == []
    assert "no comment was needed (changes)" in capsys.readouterr().out


def test_failures_writes_while_red_and_once_when_green_again(publish, github):
    failures = ("--comment", "failures")
    assert publish("passing", *failures) == []
    assert publish("failing", *failures) == [BLOCKED]
    assert publish("passing", *failures) == [PASSED]
    assert publish("passing", *failures) == [PASSED]
    assert written(github) == ["PATCH", "POST"]


def test_never_touches_nothing(publish, github):
    assert publish("failing", "--comment", "never") == []
    assert publish("failing", "--no-comment") == []
    assert github.requests == []


def test_mode_and_id_are_the_configurations_unless_the_command_says_otherwise(publish, github):
    posting = Posting(comment="never", comment_id="nightly")
    assert publish("failing", posting=posting) == []
    assert publish("failing", "--comment", "always", posting=posting) == [BLOCKED]
    assert publish("failing", "--comment", "always", "--comment-id", "own", posting=posting) == [BLOCKED, BLOCKED]
    assert [body.splitlines()[0] for body in github.bodies()] == [marker_of("nightly"), marker_of("own")]


def test_legs_that_write_for_themselves_do_not_write_over_each_other(publish, github):
    for leg in ("py3.11", "py3.12", "py3.11", "ubuntu, 3.11", "ubuntu/3.11"):
        publish("failing", cell=leg)
    markers = [body.splitlines()[0] for body in github.bodies()]
    assert len(set(markers)) == 4
    assert markers[:2] == [marker_of("default.py3.11"), marker_of("default.py3.12")]
    assert markers[2].startswith("<!-- mlci:default.ubuntu-3.11-")


def test_merged_legs_have_one_comment_however_many_there_are(publish, github, tmp_path):
    for number in (2, 3):
        for place in range(number):
            (tmp_path / str(place)).mkdir(exist_ok=True)
            leg = replace(read(GOLDEN / "passing.json"), cell=f"leg {place}")
            write(tmp_path / str(place) / "results.json", leg)
        folders = [str(tmp_path / str(place)) for place in range(number)]
        assert main(["publish", *folders]) == 0
        assert main(["report", *folders, "--out", str(tmp_path / "all")]) == 0
        assert main(["publish", str(tmp_path / "all")]) == 0
    (body,) = github.bodies()
    assert body.startswith(marker_of("default"))


def test_id_that_is_too_long_with_its_leg_is_said(publish, tmp_path, capsys):
    write(tmp_path / "results.json", replace(read(GOLDEN / "passing.json"), cell="leg"))
    assert main(["publish", str(tmp_path / "results.json"), "--comment-id", "a" * 99]) == 2
    assert "is not a comment id" in capsys.readouterr().err


@pytest.mark.parametrize("mode", ["always", "changes", "failures"])
def test_broken_configuration_replaces_what_the_comment_said(publish, github, mode):
    assert publish("passing") == [PASSED]
    assert publish("stopped", "--comment", mode) == ["### 🛑 mlci: could not run"]
    assert "No gate ran" in github.bodies()[0]
