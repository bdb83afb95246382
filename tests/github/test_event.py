"""What is read from the environment and the payload, for GitHub's own example events."""

import json
from contextlib import nullcontext

import pytest

from mlci import ci
from mlci.errors import UsageError
from mlci.github import event

BASE = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "octo-org/topics", "GITHUB_RUN_ID": "42"}
HEAD = "a" * 40


def pull(**more):
    side = {"sha": HEAD, "repo": {"full_name": "octo-org/topics"}}
    return {"number": 5, "pull_request": {"number": 5, "head": side, "base": side} | more}


def read(payload=None, **environ):
    return event.event_of({**BASE, "GITHUB_EVENT_NAME": "pull_request", **environ}, payload or {})


PULL = (2, "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e")
QUEUE = (None, "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d", "380387fbc80638b734a49e1be1c4dfec1c01b33c")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("pull_request.opened", PULL),
        ("pull_request.synchronize", PULL),
        ("push", (None, "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "")),
        ("merge_group.checks_requested", QUEUE),
        ("workflow_run.completed", (None, "", "")),
        ("issue_comment.created", (None, "", "")),
    ],
)
def test_githubs_own_examples(corpora, name, known):
    payload = json.loads((corpora / "github" / "events" / f"{name}.json").read_text())
    found = read(payload, GITHUB_EVENT_NAME=name.partition(".")[0])
    assert (found.number, found.head_sha, found.base_sha) == known
    assert not found.fork
    assert found.default_branch in ("master", "main")


@pytest.mark.parametrize(
    ("name", "ref", "kind", "branch"),
    [
        ("pull_request.opened", "refs/pull/2/merge", "change", "master"),
        ("push", "refs/heads/main", "push", "main"),
        ("push", "", "branch", ""),
        ("merge_group.checks_requested", "", "queue", "main"),
        ("workflow_run.completed", "refs/heads/main", "branch", ""),
    ],
)
def test_what_githubs_own_examples_tell_of_the_base(corpora, name, ref, kind, branch):
    path = corpora / "github" / "events" / f"{name}.json"
    environ = {**BASE, "GITHUB_EVENT_NAME": name.partition(".")[0], "GITHUB_EVENT_PATH": str(path), "GITHUB_REF": ref}
    told = ci.told_of(environ)
    assert (told.kind, told.branch) == (kind, branch)
    assert told.default in ("master", "main")


def test_a_run_says_which_it_is():
    environ = {**BASE, "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": HEAD, "GITHUB_RUN_ATTEMPT": "3"}
    found = ci.origin_of(environ, folder="p/")
    assert (found.ci, found.event, found.repository, found.head) == ("github", "push", "octo-org/topics", HEAD)
    assert (found.run, found.attempt, found.number, found.folder) == ("42", 3, None, "p/")
    environ = {"GITLAB_CI": "1", "CI_MERGE_REQUEST_IID": "5", "CI_PROJECT_PATH": "g/p", "CI_COMMIT_SHA": HEAD}
    gitlab = ci.origin_of(environ, folder="")
    assert (gitlab.ci, gitlab.repository, gitlab.number, gitlab.head) == ("gitlab", "g/p", 5, HEAD)
    assert ci.origin_of({}, folder="") is None


@pytest.mark.parametrize(
    ("name", "started_by", "theirs", "head", "refused"),
    [
        ("workflow_run", "pull_request", 2, HEAD, True),
        ("workflow_run", "pull_request", 2, "c" * 40, False),
        ("workflow_run", "pull_request", 1, HEAD, False),
        ("workflow_run", "push", 2, HEAD, False),
        ("pull_request", "pull_request", 2, HEAD, False),
    ],
)
def test_code_of_a_fork_is_not_run_beside_secrets(tmp_path, name, started_by, theirs, head, refused):
    run = {"event": started_by, "head_sha": HEAD, "head_repository": {"id": theirs}}
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": run, "repository": {"id": 1}}))
    environ = {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    with pytest.raises(UsageError, match="code of a fork") if refused else nullcontext():
        event.refuse_code_of_a_fork(environ, lambda: ("d" * 40, head))


def test_labels_and_dependabot_are_told():
    found = read(pull(labels=[{"name": "mlci-rules"}, "x", {"name": 5}], user={"login": "dependabot[bot]"}))
    assert found.labels == ("mlci-rules",)
    assert found.dependabot
    assert not read(pull(labels=None, user=None)).dependabot


def test_outside_actions_there_is_no_event():
    assert event.read({}) is None
    assert event.read({"GITHUB_ACTIONS": "false"}) is None


def test_payload_is_read_from_its_file(tmp_path):
    path = tmp_path / "event.json"
    path.write_text(json.dumps(pull()))
    found = event.read({**BASE, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(path)})
    assert (found.number, found.head_sha) == (5, HEAD)


@pytest.mark.parametrize("raw", ["", "not json", "[]", "[" * 100_000, None])
def test_payload_that_is_none_is_no_crash(tmp_path, raw):
    path = tmp_path / "event.json"
    if raw is not None:
        path.write_text(raw)
    assert event.payload_of(str(path)) == {}


def test_number_falls_back_to_the_ref():
    assert read(GITHUB_REF="refs/pull/12/merge").number == 12
    assert read(GITHUB_REF="refs/heads/12").number is None
    assert read(GITHUB_REF="refs/pull/12/merge", GITHUB_EVENT_NAME="push").number is None


@pytest.mark.parametrize("number", [True, -1, "5", 5.0, None, {"a": 1}])
def test_number_that_is_none_is_unknown(number):
    assert read({"pull_request": {"number": number}}).number is None


def test_fork_is_told_from_the_repositories():
    assert not read(pull()).fork
    assert read(pull(head={"sha": HEAD, "repo": {"full_name": "stranger/topics"}})).fork
    assert read(pull(head={"sha": HEAD, "repo": None})).fork


@pytest.mark.parametrize("bad", ["x/y/z", "a b/c", "../..", "a/b\n", "a/b?c"])
def test_repository_that_is_none_is_unknown(bad):
    found = read(GITHUB_REPOSITORY=bad)
    assert found.repository in ("", "../..")
    assert "\n" not in found.repository


def test_shas_that_are_none_are_unknown():
    assert read(pull(head={"sha": "main; rm -rf", "repo": None}), GITHUB_SHA="zzz").head_sha == ""


def test_enterprise_addresses_come_from_the_environment():
    found = read(
        GITHUB_API_URL="https://git.example/api/v3/",
        GITHUB_GRAPHQL_URL="https://git.example/api/graphql",
        GITHUB_SERVER_URL="https://git.example",
    )
    assert found.api_url == "https://git.example/api/v3"
    assert found.graphql_url == "https://git.example/api/graphql"
    assert found.run_url == "https://git.example/octo-org/topics/actions/runs/42"


@pytest.mark.parametrize(
    ("api", "given", "graphql"),
    [
        ("", "", "https://api.github.com/graphql"),
        ("https://api.acme.ghe.com", "", "https://api.acme.ghe.com/graphql"),
        ("https://git.example/api/v3", "", "https://git.example/api/graphql"),
        ("http://127.0.0.1:8000", "https://api.github.com/graphql", "http://127.0.0.1:8000/graphql"),
        ("ftp://x", "file:///etc/passwd", "https://api.github.com/graphql"),
        ("https://user@evil.example", "", "https://api.github.com/graphql"),
    ],
)
def test_graphql_is_asked_on_the_host_of_the_api_alone(api, given, graphql):
    assert read(GITHUB_API_URL=api, GITHUB_GRAPHQL_URL=given).graphql_url == graphql


def test_pull_request_target_is_refused():
    with pytest.raises(UsageError, match="pull_request_target"):
        event.refuse_pull_request_target({"GITHUB_EVENT_NAME": "pull_request_target"})
    event.refuse_pull_request_target({"GITHUB_EVENT_NAME": "pull_request"})
