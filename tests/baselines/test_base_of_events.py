"""Which commit each event of a CI is compared with, in real repositories."""

import json

import pytest

pytestmark = pytest.mark.slow


def event(tmp_path, name, payload, **environ):
    """The environment of a run of GitHub Actions for an event."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"repository": {"full_name": "o/r", "default_branch": "main"}, **payload}))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), **environ}


def pull(head, base="", ref="main"):
    return {"number": 7, "pull_request": {"number": 7, "head": {"sha": head}, "base": {"sha": base, "ref": ref}}}


@pytest.fixture
def change(work):
    """A branch of two commits beside a `main` of two more; gives commits by name, with `main` checked out."""
    known = {"left": work.git("rev-parse", "HEAD")}
    work.git("switch", "-qc", "change")
    work.commit("two")
    known["head"] = work.commit("three")
    work.git("switch", "-q", "main")
    for name in ("older", "main"):
        known[name] = work.commit(name, name)
    return known


@pytest.mark.parametrize("named", ["left", "older"])
def test_the_base_that_the_payload_of_a_pull_request_names_is_stale(work, change, tmp_path, named):
    work.git("switch", "-q", "--detach", "main")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    work.git("branch", "-qD", "main")
    environ = event(tmp_path, "pull_request", pull(change["head"], change[named]))
    found = work.base(**environ)
    assert (found.commit, found.note) == (change["main"], "first parent of the merge commit")


def test_a_pull_request_whose_head_is_checked_out_has_its_merge_base(work, change, tmp_path):
    work.git("switch", "-q", "change")
    assert work.base(**event(tmp_path, "pull_request", pull(change["head"]))).commit == change["left"]
    work.git("merge", "-q", "-m", "main into the change", change["older"])
    head = work.git("rev-parse", "HEAD")
    assert work.base(**event(tmp_path, "pull_request", pull(head))).commit == change["older"]


def test_without_the_target_branch_the_named_base_is_the_last_resort(work, change, tmp_path):
    work.git("switch", "-q", "change")
    work.git("branch", "-qD", "main")
    found = work.base(**event(tmp_path, "pull_request", pull(change["head"], change["older"])))
    assert found.commit == change["left"]
    assert found.note == "merge-base with main as it was when the event happened"
    found = work.base(**event(tmp_path, "pull_request", pull(change["head"], "f" * 40)))
    assert (found.commit, found.broken) == (None, True)
    assert "has no branch main" in found.note


def test_a_merge_group_is_compared_with_what_it_is_built_on(work, change, tmp_path):
    work.git("switch", "-q", "--detach", "main")
    work.commit("squashed, one")
    head = work.commit("squashed, two")
    queue = {"merge_group": {"head_sha": head, "base_sha": change["main"], "base_ref": "refs/heads/main"}}
    found = work.base(**event(tmp_path, "merge_group", queue))
    assert (found.commit, found.note) == (change["main"], "base of the merge group")
    queue["merge_group"]["base_sha"] = "f" * 40
    work.git("switch", "-q", "--detach", "main")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    assert work.base(**event(tmp_path, "merge_group", queue)).commit == change["main"]


def test_a_push_to_the_default_branch_is_compared_with_what_was_there_before(work, change, tmp_path):
    def pushed(before, after="main", ref="refs/heads/main"):
        payload = {"ref": ref, "before": before, "after": change.get(after, after)}
        return work.base(**event(tmp_path, "push", payload))

    assert pushed(change["left"]).commit == change["left"]
    assert pushed(change["left"]).note == "main before the push"
    assert pushed(change["head"]).commit == change["left"], "history was rewritten"
    assert pushed("0" * 40).commit == change["older"]
    assert pushed("f" * 40).commit == change["older"]
    assert pushed(change["left"], after="f" * 40).commit == change["older"], "something else is checked out"
    work.git("switch", "-q", "change")
    assert pushed("0" * 40, after="head", ref="refs/heads/change").commit == change["left"]


@pytest.mark.parametrize("name", ["schedule", "workflow_dispatch", "workflow_run"])
def test_other_events_are_compared_with_where_the_branch_left_the_default_branch(work, change, tmp_path, name):
    environ = event(tmp_path, name, {"repository": {"default_branch": "trunk"}})
    work.git("update-ref", "refs/remotes/origin/trunk", change["left"])
    assert work.base(**environ).note == "merge-base with origin/trunk"
    work.git("update-ref", "refs/remotes/origin/trunk", "main")
    assert work.base(**environ).commit == change["older"]


def test_gitlab_says_the_merge_base_itself(work, change):
    environ = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": change["head"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": change["left"]}  # fmt: skip
    work.git("switch", "-q", "change")
    work.git("branch", "-qD", "main")
    assert work.base(**environ).commit == change["left"]
    found = work.base(**environ | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "f" * 40})
    assert found.broken
    assert "GIT_DEPTH: 0" in found.note


def test_a_merged_results_pipeline_of_gitlab_is_compared_with_the_target(work, change):
    work.git("switch", "-q", "--detach", "main")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    environ = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": change["head"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": change["left"]}  # fmt: skip
    assert work.base(**environ).commit == change["main"]


def test_a_push_in_gitlab_is_compared_with_what_was_there_before(work, change):
    environ = {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_SHA": change["main"], "CI_COMMIT_BEFORE_SHA": change["left"]}  # fmt: skip
    assert work.base(**environ).commit == change["left"]


@pytest.mark.parametrize(
    "name", ["CHANGE_TARGET", "BITBUCKET_PR_DESTINATION_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH"]
)
def test_other_cis_name_the_target_branch(work, change, name):
    work.git("switch", "-q", "change")
    work.git("branch", "-qm", "main", "release")
    target = "refs/heads/release" if name.startswith("SYSTEM") else "release"
    assert work.base(**{name: target}).commit == change["left"]
    work.git("switch", "-q", "--detach", "release")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    assert work.base(**{name: target}).commit == change["main"]
