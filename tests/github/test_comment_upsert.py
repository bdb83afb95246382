"""Exactly one comment, ours, and the newest, whatever happens on the way."""

import pytest

from mlci.github.answers import GitHubError, Locked, NotFound, RateLimited, ReadOnly
from mlci.github.comment import upsert
from mlci.reports.markdown import marker_of

MARKER = marker_of("default")
BOT = "github-actions[bot]"


def post(client, text="text", marker=MARKER):
    return upsert(client, repository="octo-org/topics", number=7, body=f"{marker}\n{text}")


def test_one_comment_after_two_runs(github, client):
    first, second = post(client, "one"), post(client, "two")
    assert (first.how, second.how) == ("posted", "updated")
    assert first.url == second.url
    assert first.url.startswith("https://github.com/octo-org/topics/pull/7#issuecomment-")
    assert github.bodies() == [f"{MARKER}\ntwo"]


def test_none_is_duplicated_among_250_others(github, client):
    for number in range(125):
        github.add(f"talk {number}")
    post(client, "one")
    for number in range(125):
        github.add(f"more talk {number}")
    assert post(client, "two").how == "updated"
    assert github.bodies() == [f"{MARKER}\ntwo"]
    assert len(github.comments) == 251


def test_foreign_comment_with_our_marker_is_left_alone(github, client):
    foreign = github.add(f"{MARKER}\nnot ours")
    assert post(client).how == "posted"
    assert next(one["body"] for one in github.comments if one["id"] == foreign) == f"{MARKER}\nnot ours"
    assert post(client, "again").how == "updated"
    assert github.bodies() == [f"{MARKER}\nagain"]


def test_our_comment_that_only_quotes_the_marker_is_left_alone(github, client):
    github.add(f"> {MARKER}\nquoted", author=BOT)
    github.add(f"text\n{MARKER}", author=BOT)
    assert post(client).how == "posted"
    assert len(github.comments) == 3


def test_comments_of_two_ids_do_not_meet(github, client):
    post(client, "one", marker_of("a"))
    post(client, "two", marker_of("a.b"))
    post(client, "three", marker_of("a"))
    assert github.bodies() == [f"{marker_of('a')}\nthree", f"{marker_of('a.b')}\ntwo"]


def test_comment_of_another_pull_request_is_left_alone(github, client):
    github.add(f"{MARKER}\nother", number=8, author=BOT)
    post(client)
    assert github.bodies(8) == [f"{MARKER}\nother"]
    assert github.bodies(7) == [f"{MARKER}\ntext"]


def test_line_ends_that_github_changed_do_not_hide_the_marker(github, client):
    github.add(f"{MARKER}\r\nold", author=BOT)
    assert post(client).how == "updated"
    assert len(github.comments) == 1


def test_comment_deleted_between_list_and_patch_is_posted_once(github, client):
    gone = github.add(f"{MARKER}\nold", author=BOT)
    github.vanishing.append(gone)
    assert post(client).how == "posted"
    assert github.bodies() == [f"{MARKER}\ntext"]


def test_comment_deleted_between_authors_and_patch_is_posted_once(github, client, fake):
    github.add(f"{MARKER}\nold", author=BOT)
    github.faults.append(fake.Fault(match="^PATCH", status=404, message="Not Found"))
    assert post(client).how == "posted"
    assert sum(one["method"] == "POST" and "comments" in one["target"] for one in github.requests) == 1


def test_two_found_keep_the_newest(github, client):
    for text in ("first", "second", "third"):
        github.add(f"{MARKER}\n{text}", author=BOT)
    newest = github.comments[-1]["id"]
    posted = post(client)
    assert (posted.how, posted.removed) == ("updated", 2)
    assert [(one["id"], one["body"]) for one in github.comments] == [(newest, f"{MARKER}\ntext")]


def test_post_without_an_answer_is_not_repeated_blindly(github, client, fake, waits):
    github.faults.append(fake.Fault(match="^POST .*comments", status=502, afterwards=True))
    assert post(client).how == "updated"
    assert github.bodies() == [f"{MARKER}\ntext"]
    assert waits == [2.0]


def test_post_whose_answer_breaks_off_is_not_repeated_blindly(github, client, fake):
    github.faults.append(fake.Fault(match="^POST .*comments", status=201, afterwards=True, cut=True))
    post(client)
    assert github.bodies() == [f"{MARKER}\ntext"]


def test_post_that_was_not_carried_out_is_repeated(github, client, fake):
    github.faults.append(fake.Fault(match="^POST .*comments", status=502))
    assert post(client).how == "posted"
    assert github.bodies() == [f"{MARKER}\ntext"]


def test_two_runs_at_once_leave_one_comment(github, client):
    """Both found none and posted: the one that looks again afterwards leaves the newest."""
    answers = iter([[]])

    class Late:
        def __getattr__(self, name):
            return getattr(client, name)

        def pages(self, *words, **named):
            first = next(answers, None)
            return iter(first) if first is not None else client.pages(*words, **named)

    post(client, "first")
    assert post(Late(), "second").how == "posted"
    assert github.bodies() == [f"{MARKER}\nsecond"]


def test_a_comment_is_posted_although_nobody_could_look_again(github, client):
    calls = []

    class Once:
        def __getattr__(self, name):
            return getattr(client, name)

        def pages(self, *words, **named):
            calls.append(words)
            if len(calls) > 1:
                raise GitHubError("what?")
            return client.pages(*words, **named)

    assert post(Once(), "one").how == "posted"
    assert github.bodies() == [f"{MARKER}\none"]


def test_interrupted_run_leaves_one_comment_to_the_next(github, client, fake):
    for text in ("first", "second"):
        github.add(f"{MARKER}\n{text}", author=BOT)
    github.faults.append(fake.Fault(match="^DELETE", status=403, message="no"))
    assert post(client, "third").removed == 0
    assert post(client, "fourth").removed == 1
    assert github.bodies() == [f"{MARKER}\nfourth"]


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda github: github.locked.append(7), Locked),
        (lambda github: setattr(github, "read_only", True), ReadOnly),
        (lambda github: setattr(github, "repository", "octo-org/other"), NotFound),
    ],
)
def test_refusals_are_told_apart(github, client, prepare, error):
    prepare(github)
    with pytest.raises(error):
        post(client)
    assert github.comments == []


@pytest.mark.parametrize("whose", ["integration", "personal access token"])
def test_tokens_of_every_kind_that_can_only_read_are_told(github, client, fake, whose):
    github.faults.append(fake.Fault(match="^POST", status=403, message=f"Resource not accessible by {whose}"))
    with pytest.raises(ReadOnly):
        post(client)


def test_other_refusals_say_what_github_said(github, client, fake):
    github.faults.append(fake.Fault(match="^POST", status=403, message="Must have admin rights"))
    with pytest.raises(GitHubError, match="Must have admin rights"):
        post(client)


def test_rate_limit_is_not_taken_for_a_refusal(github, client, fake):
    github.faults.append(
        fake.Fault(match="^POST", status=403, message="You have exceeded a secondary rate limit", times=9)
    )
    with pytest.raises(RateLimited):
        post(client)


def test_failing_graphql_overwrites_nothing(github, client, fake):
    github.add(f"{MARKER}\nold", author=BOT)
    github.faults.append(fake.Fault(match="graphql", status=500, times=9))
    with pytest.raises(GitHubError):
        post(client)
    assert github.bodies() == [f"{MARKER}\nold"]
