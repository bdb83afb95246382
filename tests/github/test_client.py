"""Waiting, repeating, giving up, and keeping the token to itself."""

import time
import traceback

import pytest
import requests

from mlci.errors import UsageError
from mlci.github.answers import GitHubError, RateLimited, Unsure
from mlci.github.client import Client

PATH = "repos/octo-org/topics/issues/7/comments"
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def listed(client):
    return list(client.pages(PATH))


@pytest.mark.parametrize(
    ("refusal", "wait"),
    [
        ({"status": 429, "message": "Too many requests", "headers": {"Retry-After": "7"}}, 7),
        ({"message": SECONDARY, "headers": {"Retry-After": "30"}}, 30),
        ({"message": SECONDARY}, 60),
        ({"message": SECONDARY, "headers": {"X-RateLimit-Remaining": "900", "X-RateLimit-Reset": "1003000"}}, 60),
        ({"message": "limit", "headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000050"}}, 51),
        ({"message": "limit", "headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "999000"}}, 1),
        ({"status": 429, "message": "Slow down", "headers": {"Retry-After": "0"}}, 1),
        ({"message": SECONDARY, "headers": {"Retry-After": "soon"}}, 60),
    ],
)
def test_rate_limits_are_waited_out(github, client, fake, refusal, wait):
    github.add("text")
    github.faults.append(fake.Fault(match="^GET", **{"status": 403, **refusal}))
    assert len(listed(client)) == 1
    assert client.sleep.__self__ == [wait]


def test_waiting_ends_after_two_minutes(github, client, fake, waits):
    github.faults.append(fake.Fault(match="^GET", status=403, message=SECONDARY, times=99))
    with pytest.raises(RateLimited):
        listed(client)
    assert waits == [60, 60]


def test_limit_that_ends_in_an_hour_is_not_waited_for(github, client, fake, waits):
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1003600"}
    github.faults.append(fake.Fault(match="^GET", status=403, message="API rate limit exceeded", headers=headers))
    with pytest.raises(RateLimited, match="3601 s"):
        listed(client)
    assert waits == []


def test_graphql_rate_limit_is_a_rate_limit(github, client, fake, waits):
    limited = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    github.faults.append(fake.Fault(match="graphql", status=200, data=limited, headers={"Retry-After": "5"}))
    client.graphql("query($ids: [ID!]!) { nodes(ids: $ids) { viewerDidAuthor } }", {"ids": []})
    assert waits == [5]


@pytest.mark.parametrize("errors", [[{"type": "FORBIDDEN"}], [{"message": "Something went wrong"}]])
def test_graphql_errors_are_errors(github, client, fake, errors):
    github.faults.append(fake.Fault(match="graphql", status=200, data={"data": {"nodes": []}, "errors": errors}))
    with pytest.raises(GitHubError, match=r"FORBIDDEN|Something went wrong"):
        client.graphql("query", {})


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 502}, {"status": 200, "cut": True}])
def test_broken_answers_are_asked_for_again(github, client, fake, waits, fault):
    github.add("text")
    github.faults.append(fake.Fault(match="^GET", times=2, **fault))
    assert len(listed(client)) == 1
    assert waits == [1, 2]


def test_a_server_that_stays_broken_is_given_up(github, client, fake, waits):
    github.faults.append(fake.Fault(match="^GET", times=99))
    with pytest.raises(GitHubError, match="Server Error"):
        listed(client)
    assert waits == [1, 2, 4]


def test_slow_answers_are_asked_for_again(github, fake, waits, make_client):
    github.faults.append(fake.Fault(match="^GET", delay=0.3))
    assert listed(make_client(github.url, waits, timeout=(2.0, 0.1))) == []
    assert waits == [1]


def test_answers_that_drip_are_given_up(github, fake, waits, make_client):
    github.add("text" * 200)
    github.faults.append(fake.Fault(match="^GET", drip=0.005, times=9))
    client = make_client(github.url, waits)
    client.clock, client.longest = time.monotonic, 0.1
    with pytest.raises(GitHubError, match="not whole after 0 s"):
        listed(client)
    assert waits == []


def test_answers_that_are_too_large_are_not_asked_for_again(github, client, waits):
    github.upload(b"PK" + b"x" * 300_000, sha="a" * 40)
    path = f"repos/{github.repository}/actions/artifacts/{github.artifacts[0]['id']}/zip"
    with pytest.raises(GitHubError, match="larger than 0 MiB"):
        client.zip_file(path, most=200_000)
    assert waits == []
    assert sum("/zip" in one["target"] for one in github.requests) == 1


def test_post_without_an_answer_is_not_repeated(github, fake, waits, make_client):
    github.faults.append(fake.Fault(match="^POST", status=502, times=9))
    with pytest.raises(Unsure):
        make_client(github.url, waits).post(PATH, {"body": "text"})
    assert sum(one["method"] == "POST" for one in github.requests) == 1


def test_nobody_listening_is_said(waits, make_client):
    with pytest.raises(GitHubError, match="no usable answer"):
        listed(make_client("http://127.0.0.1:9", waits))


def test_redirect_on_the_same_host_keeps_the_token(github, client, fake):
    github.add("text")
    github.faults.append(fake.Fault(match="^GET /repos/old", status=301, headers={"Location": f"{github.url}/{PATH}"}))
    assert len(list(client.pages("repos/old/name/issues/7/comments"))) == 1


def test_redirect_to_another_host_carries_no_token(github, client, fake, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    other = fake.FakeGitHub(tokens={"": "nobody"})
    with fake.serve(other) as url:
        github.faults.append(fake.Fault(match="^GET", status=302, headers={"Location": f"{url}/repos/{other.repository}/issues/7/comments"}))  # fmt: skip
        assert listed(client) == []
    assert [one["authorization"] for one in other.requests] == [""]
    assert github.requests[0]["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("method", ["post", "patch"])
def test_change_is_not_redirected_to_another_host(github, client, fake, method):
    other = fake.FakeGitHub()
    with fake.serve(other) as url:
        github.faults.append(fake.Fault(match=method.upper(), status=307, headers={"Location": f"{url}/x"}, times=9))
        with pytest.raises(GitHubError, match="another host"):
            getattr(client, method)(PATH, {"body": "text"})
    assert other.requests == []


def test_redirects_in_a_circle_end(github, client, fake):
    github.faults.append(fake.Fault(match="^GET", status=302, headers={"Location": f"{github.url}/{PATH}"}, times=99))
    with pytest.raises(GitHubError, match="redirects again"):
        listed(client)


def test_netrc_does_not_replace_the_token(github, client, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    listed(client)
    assert github.requests[0]["authorization"] == "Bearer t0ken"


def test_token_is_in_no_message(github, client, fake):
    github.faults.append(fake.Fault(match="^GET", status=400, message="you sent Bearer t0ken"))
    with pytest.raises(GitHubError) as raised:
        listed(client)
    assert "t0ken" not in "".join(traceback.format_exception(raised.value))
    assert "t0ken" not in repr(client)


@pytest.mark.parametrize("token", ["", "a b", "a\nb: c", "tökén"])
def test_token_that_cannot_be_one_is_refused_without_being_shown(token):
    with pytest.raises(UsageError) as raised:
        Client(api_url="", graphql_url="", token=token, session=requests.Session(), clock=float, sleep=float)
    assert not token or token not in str(raised.value)


def test_list_that_is_none_is_refused(github, client, fake):
    github.faults.append(fake.Fault(match="^GET", status=203, message="not a list"))
    with pytest.raises(GitHubError, match="something else"):
        listed(client)


def test_requests_outside_githubs_description_are_refused(github, contract, client):
    if contract is None:
        pytest.skip("corpora not found: set MLCI_CORPORA to their folder")
    with pytest.raises(GitHubError, match="unknown query parameter sort"):
        list(client.pages(f"{PATH}?sort=created"))
    with pytest.raises(GitHubError, match="unknown property title"):
        client.post(PATH, {"body": "text", "title": "x"})
    assert len(github.violations) == 2
    github.violations.clear()
