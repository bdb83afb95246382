"""The second stage of a pull request from a fork, whose first stage may have left anything."""

import io
import json
import re
import stat
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.cli import main
from mlci.reports.markdown import marker_of
from mlci.results.files import MAX_BYTES, dumps, read
from mlci.results.merge import merge
from mlci.results.model import Change, Comparison
from mlci.results.origin import Origin
from mlci.results.posting import Posting
from mlci.results.rules import RuleChange

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "reports" / "golden"
MARKER = marker_of("default")
HEAD = "b" * 40
NOTHING = "::notice title=mlci::Nothing was posted: "


@pytest.fixture
def repository(fake):
    """The module of pull requests, runs and artifacts of the stand-in."""
    return sys.modules["fake_repository"]


@pytest.fixture
def pull(github, repository):
    return repository.pull(github)


@pytest.fixture
def run(github, repository, pull):
    return repository.run(github, pull)


@pytest.fixture
def stage(tmp_path, monkeypatch, github, run, capsys):
    """The second stage for the run `run`; calling it gives the exit code and what was said."""
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_RUN_ID": "4242",
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": "t0ken",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "step-summary"),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MLCI_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)

    def publish(*words, of=run):
        payload = {"action": "completed", "workflow_run": dict(of), "repository": {"full_name": github.repository}}
        (tmp_path / "event.json").write_text(json.dumps(payload))
        code = main(["publish", "--from-run", *words])
        return code, "".join(capsys.readouterr())

    return publish


def results(name="failing", **changed):
    return replace(read(GOLDEN / f"{name}.json"), **changed)


def zipped(members):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return written.getvalue()


def packed(*args, **changed):
    return zipped({"results.json": dumps(results(*args, **changed))})


def nothing_was_posted(github):
    assert github.comments == []
    assert not [one for one in github.requests if one["method"] != "GET" and "graphql" not in one["target"]]


def test_what_a_forks_run_left_is_rendered_and_posted(stage, github, repository, run, tmp_path):
    repository.leave(
        github, run, zipped({"results.json": dumps(results()), "summary.md": "<b>not this</b>", "a/b.csv": "x"})
    )
    code, said = stage()
    assert code == 0
    (body,) = github.bodies()
    assert body.startswith(f"{MARKER}\n")
    assert "### ❌ mlci: blocked" in body
    assert "Reported by the run of a fork" in body
    assert "not this" not in body
    assert f"octo-org/topics/actions/runs/{run['id']}" in body
    assert f"octo-org/topics/blob/{HEAD}/data/tags.csv#L17" in body
    assert "comment posted: https://github.com/octo-org/topics/pull/7#" in said
    assert "::error file=" not in said, "an annotation here would stand on the default branch"
    assert "mlci: blocked" in (tmp_path / "step-summary").read_text(encoding="utf-8")
    assert "verdict<<" in (tmp_path / "output").read_text(encoding="utf-8")


def test_it_writes_over_its_own_comment(stage, github, repository, run):
    repository.leave(github, run, packed("failing"))
    stage()
    repository.leave(github, run, packed("passing"))
    stage()
    (body,) = github.bodies()
    assert "### ✅ mlci: passed" in body


def test_a_run_that_failed_is_posted_too(stage, github, repository, run):
    run["conclusion"] = "failure"
    repository.leave(github, run, packed("failing"))
    assert stage()[0] == 0
    assert len(github.bodies()) == 1


def test_a_run_that_failed_although_its_results_passed_is_said(stage, github, repository, run):
    run["conclusion"] = "failure"
    repository.leave(github, run, packed("passing"))
    stage()
    assert "The run itself ended as <code>failure</code>" in github.bodies()[0]


def test_legs_of_a_matrix_become_one_comment(stage, github, repository, run):
    for leg in ("linux", "windows"):
        repository.leave(github, run, packed("passing", cell=leg), name=f"mlci-results-{leg}")
    repository.leave(github, run, packed("failing", cell="not ours"), name="mlci-results2")
    assert stage()[0] == 0
    (body,) = github.bodies()
    assert "2 legs" in body
    assert "mlci: passed" in body
    repository.leave(github, run, packed("failing", cell="macos"), name="mlci-results-macos")
    stage()
    (body,) = github.bodies()
    assert "mlci: blocked" in body
    assert "macos" in body
    assert "not ours" not in body


def test_legs_that_were_merged_already_are_not_counted_twice(stage, github, repository, run):
    legs = [results("passing", cell=leg) for leg in ("linux", "windows")]
    for leg in legs:
        repository.leave(github, run, packed("passing", cell=leg.cell), name=f"mlci-results-{leg.cell}")
    repository.leave(github, run, zipped({"results.json": dumps(merge(legs))}))
    stage()
    assert "2 legs" in github.bodies()[0]
    assert sum("/zip" in one["target"] for one in github.requests) == 1


def test_the_last_of_two_artifacts_of_one_name_counts(stage, github, repository, run):
    repository.leave(github, run, packed("failing"))
    repository.leave(github, run, packed("passing"))
    repository.leave(github, run, packed("failing"), expired=True)
    stage()
    assert "### ✅" in github.bodies()[0]


def test_the_token_does_not_go_to_the_storage(stage, github, repository, run):
    repository.leave(github, run, packed())
    stage()
    storage = [one["authorization"] for one in github.requests if one["target"].startswith("storage:")]
    assert storage == [""]


def test_a_fork_decides_neither_where_nor_whether_nor_what_values_are_shown(stage, github, repository, run):
    posting = Posting(comment="never", comment_id="another-gate")
    github.add(f"{marker_of('another-gate')}\nanother gate's", author="github-actions[bot]")
    repository.leave(github, run, packed(posting=posting, show_values=True, cell="leg"))
    assert stage()[0] == 0
    other, body = github.bodies()
    assert other == f"{marker_of('another-gate')}\nanother gate's"
    assert body.startswith(f"{MARKER}\n")
    assert "good film" not in body


def test_files_that_the_gate_is_made_of_are_named_as_github_lists_them(stage, github, repository, run, pull):
    pull["files"] = ["a.py", "mlci.yaml", ".github/workflows/gate.yml", "x/@all`/pyproject.toml"]
    repository.leave(github, run, packed("passing"))
    stage()
    body = github.bodies()[0]
    assert "**It changes what it is judged by:** <code>mlci.yaml</code>" in body
    assert "gate" in body.partition("judged by:")[2].partition("\n")[0]
    assert "@all" not in body
    assert "It lacks the label <code>mlci-rules</code>" in body
    pull["labels"] = ["mlci-rules"]
    stage()
    assert "A maintainer has set the label <code>mlci-rules</code>" in github.bodies()[0]


@pytest.mark.parametrize("labelled", [True, False])
def test_a_label_that_only_the_forks_results_know_of_lets_nothing_pass(stage, github, repository, run, pull, labelled):
    lower = RuleChange(kind="loosened", what="model.m.metrics.accuracy.min", before="0.9", after="0.1", accepted=True)
    pull["labels"] = ["mlci-rules"] if labelled else ["bug"]
    repository.leave(github, run, packed("passing", rule_changes=(lower,)))
    assert stage()[0] == 0
    (body,) = github.bodies()
    assert ("### ✅ mlci: passed" in body) == labelled
    assert ("### ❌ mlci: blocked" in body) == (not labelled)
    assert "0.9 → 0.1" in body.replace("<!-- -->", "").replace("&#46;", ".").replace("<code>", "").replace(
        "</code>", ""
    )


@pytest.mark.parametrize("words", [[], ["--check-run"]])
def test_no_check_run_vouches_for_a_fork(stage, github, repository, run, words):
    repository.leave(github, run, packed("passing", posting=Posting(check_run=True)))
    assert stage(*words)[0] == 0
    assert github.check_runs == []


def test_a_branch_of_the_repository_itself_needs_no_warning(stage, github, repository):
    own = repository.pull(github, number=8, sha="c" * 40, fork=github.repository_id, files=["mlci.yaml"])
    run = repository.run(github, own)
    repository.leave(github, run, packed("passing", posting=Posting(comment_id="mine", check_run=True)))
    assert stage(of=run)[0] == 0
    assert [one["head_sha"] for one in github.check_runs] == ["c" * 40]
    (body,) = github.bodies(8)
    assert body.startswith(marker_of("mine"))
    assert "fork" not in body
    assert "judged by" not in body


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"event": "push"}, "started by push, so there is no pull request"),
        ({"event": "workflow_dispatch"}, "started by workflow_dispatch"),
        ({"conclusion": "cancelled"}, "ended as cancelled"),
        ({"conclusion": "skipped"}, "ended as skipped"),
        ({"conclusion": "action_required"}, "ended as action_required"),
        ({"status": "in_progress", "conclusion": None}, "has not ended"),
        ({"run_attempt": 2}, "run again since"),
        ({"head_repository": None}, "is gone"),
    ],
)
def test_runs_that_have_nothing_to_post_are_no_failure(stage, github, repository, run, changed, why):
    repository.leave(github, run, packed())
    before = dict(run)
    run.update(changed)
    code, said = stage(of=before)
    assert code == 0
    assert NOTHING in said
    assert why in said
    nothing_was_posted(github)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"repository": {"id": 1, "full_name": "octo-org/other"}}, "is not of octo-org/topics"),
        ({"head_sha": "e" * 40}, "not the one that the event tells of"),
        ({"path": ".github/workflows/evil.yml@refs/pull/7/merge"}, "of the workflow .github/workflows/evil.yml, not of gate.yml"),
    ],
)  # fmt: skip
def test_runs_that_are_not_what_they_should_be_are_refused(stage, github, repository, run, changed, why):
    repository.leave(github, run, packed())
    before = dict(run)
    run.update(changed)
    code, said = stage("--workflow", "gate.yml", of=before)
    assert code == 3
    assert why in said
    nothing_was_posted(github)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "closed"}, "was closed, or has moved on"),
        ({"head": {"sha": "d" * 40}}, "was closed, or has moved on"),
        ({"head": {"repo": {"id": 5, "full_name": "x/y", "owner": {"login": "stranger"}}}}, "was closed"),
        ({"base": {"repo": {"id": 5, "full_name": "octo-org/other"}}}, "was closed"),
    ],
)
def test_a_pull_request_that_closed_or_moved_on_gets_nothing(stage, github, repository, run, pull, changed, why):
    repository.leave(github, run, packed())
    for key, value in changed.items():
        pull[key] = {**pull[key], **value} if isinstance(value, dict) else value
    code, said = stage()
    assert code == 0
    assert why in said
    nothing_was_posted(github)


def test_a_head_that_moves_on_while_results_are_fetched_gets_nothing(stage, github, repository, run, pull, fake):
    repository.leave(github, run, packed())
    moved = repository.shown({**pull, "head": {**pull["head"], "sha": "d" * 40}})
    github.faults.append(fake.Fault(match=r"^GET .*/pulls/7$", status=200, data=moved))
    code, said = stage()
    assert code == 0
    assert "moved on while the results were fetched" in said
    nothing_was_posted(github)


def test_two_pull_requests_of_one_commit_cannot_be_told_apart(stage, github, repository, run):
    repository.pull(github, number=8)
    repository.leave(github, run, packed(origin=Origin(ci="github", number=8)))
    code, said = stage()
    assert code == 3
    assert "#7, #8 are open for the same commit" in said
    nothing_was_posted(github)


def test_a_run_that_a_later_one_has_overtaken_posts_nothing(stage, github, repository, run, pull):
    repository.leave(github, run, packed())
    later = repository.run(github, pull, conclusion="cancelled")
    assert stage()[0] == 0
    assert len(github.bodies()) == 1
    later["conclusion"] = "success"
    assert f"a later run of the same commit has ended: {later['id']}" in stage()[1]


def link():
    entry = zipfile.ZipInfo("results.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return written.getvalue()


def doubled():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("results.json", dumps(results("passing")))
        archive.fp.seek(archive.start_dir)
        archive.NameToInfo.clear()
        archive.writestr("results.json", dumps(results()))
    return written.getvalue()


def encrypted():
    raw = bytearray(packed())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    return bytes(raw)


def bomb():
    return zipped({"results.json": b" " * (MAX_BYTES + 1)})


GOOD = '{"schema": 1}'
TAMPERED = {
    "no zip": (lambda: b"PK\x03\x04 and nothing more", "no zip file"),
    "raw upload": (lambda: dumps(results()).encode(), "no zip file"),
    "cut": (lambda: packed()[:400], "no zip file"),
    "empty": (lambda: zipped({}), "no file called results.json"),
    "other member": (lambda: zipped({"other.json": GOOD}), "no file called results.json"),
    "deeper": (lambda: zipped({"a/results.json": GOOD}), "no file called results.json"),
    "traversal": (lambda: zipped({"results.json": dumps(results()), "../../evil": "x"}), "leads elsewhere"),
    "absolute": (lambda: zipped({"results.json": dumps(results()), "/etc/x": "x"}), "leads elsewhere"),
    "backslashes": (lambda: zipped({"results.json": dumps(results()), "a\\..\\..\\x": "x"}), "leads elsewhere"),
    "drive": (lambda: zipped({"results.json": dumps(results()), "C:/x": "x"}), "leads elsewhere"),
    "link": (link, "a link"),
    "two of one name": (doubled, "two files called results.json"),
    "encrypted": (encrypted, "packed in another way, or encrypted"),
    "bomb": (bomb, "results.json is larger than 32 MiB"),
    "many": (lambda: zipped({f"{n}": "" for n in range(3_000)}), "too many files"),
    "not JSON": (lambda: zipped({"results.json": "verdict: passed"}), "not JSON"),
    "deep JSON": (lambda: zipped({"results.json": "[" * 1_000_000}), "not JSON"),
    "no object": (lambda: zipped({"results.json": "[]"}), "no `schema`"),
    "wrong schema": (lambda: zipped({"results.json": GOOD}), "no results of mlci"),
    "newer schema": (lambda: zipped({"results.json": '{"schema": 9, "mlci": "9.9"}'}), "written in schema 9"),
    "wrong type": (lambda: zipped({"results.json": dumps(results()).replace('"n": ', '"n": "many", "m": ')}), "no results"),
    "no gate": (lambda: packed(gates=()), "hold no gate"),
    "another repository": (lambda: packed(origin=Origin(ci="github", repository="octo-org/other")), "another repository"),
    "another pull request": (lambda: packed(origin=Origin(ci="github", number=8)), "another pull request: 8, and not 7"),
    "another commit": (lambda: packed(origin=Origin(ci="github", head="c" * 40)), "another commit"),
    "another run": (lambda: packed(origin=Origin(ci="github", run="1")), "another run"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TAMPERED)
def test_tampered_results_post_nothing_and_it_is_said_why(stage, github, repository, run, tmp_path, kind):
    make, why = TAMPERED[kind]
    repository.leave(github, run, make())
    code, said = stage()
    assert code == 3
    assert why in said
    assert "Traceback" not in said
    nothing_was_posted(github)
    assert "Nothing was posted" in (tmp_path / "step-summary").read_text(encoding="utf-8")


@pytest.mark.parametrize("hostile", ["x\n::error::y", "##[error]x", "a @all <b>#1</b> https://evil.example \u202e"])
def test_what_is_said_of_hostile_results_is_no_command_and_no_markup(stage, github, repository, run, tmp_path, hostile):
    for origin in (Origin(ci="github", repository=hostile), Origin(ci="github", head=hostile)):
        github.artifacts.clear()
        repository.leave(github, run, packed(origin=origin), name="mlci-results")
        code, said = stage()
        assert code == 3
        (line,) = said.splitlines()
        assert line.startswith("::error title=mlci::Nothing was posted: ")
        assert "##[" not in line
        summary = (tmp_path / "step-summary").read_text(encoding="utf-8")
        assert not re.search(r"\n::|@all|<b>|#1|https://|\u202e", summary)
    nothing_was_posted(github)


def test_50_megabytes_are_not_downloaded(stage, github, repository, run):
    repository.leave(github, run, packed(), size_in_bytes=50 * 2**20)
    code, said = stage()
    assert (code, "larger than 32 MiB" in said) == (3, True)
    assert not [one for one in github.requests if "/zip" in one["target"]]


def test_50_megabytes_that_say_to_be_few_are_cut_off(stage, github, repository, run):
    repository.leave(github, run, b"PK" + b"x" * (50 * 2**20), size_in_bytes=100)
    code, said = stage()
    assert (code, "larger than 32 MiB" in said) == (3, True)
    nothing_was_posted(github)


def test_a_digest_that_is_another_is_refused(stage, github, repository, run):
    repository.leave(github, run, packed(), digest=f"sha256:{'0' * 64}")
    code, said = stage()
    assert (code, "its digest is another" in said) == (3, True)
    nothing_was_posted(github)


def test_artifacts_of_another_run_are_not_taken(stage, github, repository, run, pull):
    repository.leave(github, repository.run(github, pull, event="push"), packed())
    code, said = stage()
    assert (code, "left no artifact called mlci-results" in said) == (0, True)
    nothing_was_posted(github)


def test_a_run_that_failed_and_left_nothing_replaces_what_an_earlier_one_said(stage, github, run):
    run["conclusion"] = "failure"
    assert stage()[0] == 0
    assert github.comments == []
    github.add(f"{MARKER}\n### ✅ mlci: passed", author="github-actions[bot]")
    assert stage()[0] == 0
    (body,) = github.bodies()
    assert "### 🛑 mlci: could not run" in body
    assert "left no artifact called mlci-results" in body


def test_more_legs_than_anyone_has_are_refused(stage, github, repository, run):
    for leg in range(101):
        repository.leave(github, run, b"PK", name=f"mlci-results-{leg}")
    assert stage()[0] == 3
    nothing_was_posted(github)


def test_another_artifact_is_named(stage, github, repository, run):
    repository.leave(github, run, packed("passing"), name="theirs")
    repository.leave(github, run, packed("failing"))
    assert stage("--artifact", "theirs")[0] == 0
    assert "### ✅" in github.bodies()[0]


@pytest.mark.parametrize("kind", ["read-only", "locked", "broken", "no token"])
def test_a_second_stage_that_cannot_post_is_red(stage, github, repository, run, fake, monkeypatch, kind):
    repository.leave(github, run, packed())
    github.read_only = kind == "read-only"
    github.locked = [7] if kind == "locked" else []
    if kind == "broken":
        github.faults.append(fake.Fault(match="^POST .*comments", status=400, message="what?", times=9))
    if kind == "no token":
        monkeypatch.delenv("GITHUB_TOKEN")
    code, said = stage()
    assert code == 3
    assert {"read-only": "pull-requests: write", "locked": "locked", "broken": "what?", "no token": "GITHUB_TOKEN"}[kind] in said  # fmt: skip
    assert github.comments == []


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target", "push"])
def test_other_events_are_refused(stage, github, monkeypatch, name):
    monkeypatch.setenv("GITHUB_EVENT_NAME", name)
    code, said = stage()
    assert (code, "`workflow_run` starts" in said) == (3, True)
    assert github.requests == []


@pytest.mark.parametrize(
    "words",
    [["--from-run", "results.json"], [], ["results.json", "--artifact", "x"], ["--from-run", "--comment-id", "a b"]],
)
def test_options_that_do_not_go_together_are_usage_errors(stage, github, words):
    assert main(["publish", *words]) == 2
    assert github.requests == []


def test_several_changes_that_alone_pass_are_judged_together(stage, github, repository, run):
    """What legs found is merged before it is rendered, so that a verdict never is better than its worst leg."""
    fell = Change(
        metric="metrics.a", status="failed", baseline=0.9, candidate=0.7, drop=0.2, max_drop=0.1, reason="fell"
    )
    comparison = Comparison(status="failed", reason="fell", changes=(fell,))
    repository.leave(github, run, packed("passing", cell="a"), name="mlci-results-a")
    worse = packed("passing", cell="b", comparison=comparison, verdict="passed")
    repository.leave(github, run, worse, name="mlci-results-b")
    stage()
    assert "### ❌ mlci: blocked" in github.bodies()[0]
