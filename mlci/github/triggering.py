"""The run that a `workflow_run` event tells of, as the API knows it, and the open pull request that it is about.

The second stage of a pull request from a fork: its own run holds no token that may write, so a run of the base
repository posts. Nothing here comes from what the first run left behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlci.errors import PASSED, CannotRun, MlciError
from mlci.github.answers import GitHubError, NotFound
from mlci.github.client import Client
from mlci.github.event import Event
from mlci.github.shapes import SHA, inside, matching, text, whole

ENDED = ("success", "failure", "timed_out")
"""The conclusions of runs that may have left results."""
WORKFLOWS = ".github/workflows/"
_LOGIN = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SHORT = 10


class NothingToPost(MlciError):  # noqa: N818 - says what is the case
    """There is nothing that belongs on a pull request, and nothing is wrong with that."""

    exit_code = PASSED


class NoResults(NothingToPost):
    """The run has ended and left none."""


class Refused(CannotRun):
    """What the first run left behind is not what may be posted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run of a workflow for a pull request, which has ended."""

    id: int
    attempt: int
    number: int
    """How many runs its workflow had with it."""
    workflow: int
    """The id of its workflow."""
    path: str
    """The file of its workflow."""
    conclusion: str
    head_sha: str
    head_branch: str
    head_owner: str
    """Whose repository the branch is in."""
    head_repository: int
    """The id of the repository that the branch is in."""
    fork: bool
    """Whether that is another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pull:
    """An open pull request."""

    number: int
    labels: tuple[str, ...]
    dependabot: bool


def run_of(client: Client, event: Event, payload: Mapping[str, Any], *, workflow: str | None = None) -> Run:
    """Return the run that `payload` tells of; `workflow` is the file of the workflow that it must be of.

    Raises:
        NothingToPost: it is of no pull request, has left nothing, or was run again since.
        Refused: it is of another repository, of another workflow, or not what the payload says.
        GitHubError: the API gave no usable answer.
    """
    told = inside(payload, "workflow_run")
    if event.name != "workflow_run" or not whole(told.get("id")):
        raise Refused("`--from-run` is for a workflow that `workflow_run` starts, and this event tells of no run")
    if not event.repository:
        raise Refused("GITHUB_REPOSITORY is not set")
    known = client.get(f"repos/{event.repository}/actions/runs/{told['id']}")
    known = known if isinstance(known, dict) else {}
    _refuse_foreign(known, told, event, workflow)
    _refuse_without_results(known, told)
    return _run(known)


def _refuse_foreign(known: Mapping[str, Any], told: Mapping[str, Any], event: Event, workflow: str | None) -> None:
    if text(inside(known, "repository").get("full_name")).lower() != event.repository.lower():
        raise Refused(f"the run {told['id']} is not of {event.repository}")
    if known.get("id") != told["id"] or matching(SHA, known.get("head_sha")) != told.get("head_sha"):
        raise Refused(f"the run {told['id']} is not the one that the event tells of")
    path = text(known.get("path")).partition("@")[0]
    if workflow and path != f"{WORKFLOWS}{workflow.removeprefix(WORKFLOWS)}":
        raise Refused(f"the run {told['id']} is of the workflow {path[:100]}, not of {workflow}")


def _refuse_without_results(known: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    name, conclusion = text(known.get("event")), text(known.get("conclusion"))
    if name != "pull_request":
        raise NothingToPost(f"the run was started by {name or 'nothing known'}, so there is no pull request")
    if known.get("status") != "completed":
        raise NothingToPost("the run has not ended, or goes on again: its end posts")
    if whole(known.get("run_attempt")) > (whole(told.get("run_attempt")) or 1):
        raise NothingToPost("it was run again since; that attempt posts")
    if conclusion not in ENDED:
        raise NothingToPost(f"the run ended as {conclusion or 'unknown'}, so it has no results")


def _run(known: Mapping[str, Any]) -> Run:
    head = inside(known, "head_repository")
    owner, repository = matching(_LOGIN, inside(head, "owner").get("login")), whole(head.get("id"))
    if not owner or not repository:
        raise NothingToPost("the repository that the change came from is gone")
    return Run(
        id=known["id"],
        attempt=whole(known.get("run_attempt")) or 1,
        number=whole(known.get("run_number")),
        workflow=whole(known.get("workflow_id")),
        path=text(known.get("path")).partition("@")[0],
        conclusion=known["conclusion"],
        head_sha=known["head_sha"],
        head_branch=text(known.get("head_branch")),
        head_owner=owner,
        head_repository=repository,
        fork=repository != whole(inside(known, "repository").get("id")),
    )


def refuse_overtaken(client: Client, repository: str, run: Run) -> None:
    """Refuse a run when a later one of the same workflow, for the same commit, has ended.

    Raises:
        NothingToPost: there is one.
    """
    asked = {"event": "pull_request", "head_sha": run.head_sha, "status": "completed"}
    path = f"repos/{repository}/actions/workflows/{run.workflow}/runs"
    for other in client.pages(path, inside="workflow_runs", **asked):
        later = whole(inside(other).get("run_number")) > run.number and other.get("conclusion") in ENDED
        same = inside(other, "head_repository").get("id") == run.head_repository
        if later and same and other.get("head_branch") == run.head_branch:
            raise NothingToPost(f"a later run of the same commit has ended: {whole(other.get('id'))}")


def pull_of(client: Client, repository: str, run: Run) -> Pull:
    """Return the one open pull request whose last commit is the one that `run` is about.

    Raises:
        NothingToPost: there is none any more: it was closed, or has a newer commit.
        Refused: there are several, so that nobody can tell which one the run was for.
    """
    found = list(_pulls(client, repository, run))
    if not found:
        commit = run.head_sha[:_SHORT]
        raise NothingToPost(f"no open pull request has {commit} as its last commit: it was closed, or has moved on")
    if len(found) > 1:
        numbers = ", ".join(f"#{one.number}" for one in found)
        raise Refused(f"{numbers} are open for the same commit, and a run does not say which of them it was for")
    return found[0]


def _pulls(client: Client, repository: str, run: Run) -> Iterator[Pull]:
    branch = f"{run.head_owner}:{run.head_branch}"
    for one in client.pages(f"repos/{repository}/pulls", state="open", head=branch):
        if _is_of(one, repository, run):
            yield _pull(one)


def _is_of(pull: Any, repository: str, run: Run) -> bool:
    head, base = inside(pull, "head"), inside(pull, "base", "repo")
    return (
        head.get("sha") == run.head_sha
        and inside(head, "repo").get("id") == run.head_repository
        and text(base.get("full_name")).lower() == repository.lower()
        and inside(pull).get("state") == "open"
        and whole(inside(pull).get("number")) > 0
    )


def _pull(pull: Mapping[str, Any]) -> Pull:
    labels = pull.get("labels")
    names = (inside(label).get("name") for label in labels) if isinstance(labels, list) else ()
    return Pull(
        number=pull["number"],
        labels=tuple(name for name in names if isinstance(name, str)),
        dependabot=inside(pull, "user").get("login") == "dependabot[bot]",
    )


def as_it_is_now(client: Client, repository: str, run: Run, pull: Pull) -> Pull:
    """Return the pull request as it is now, just before something is posted.

    Raises:
        NothingToPost: it was closed meanwhile, was deleted, or has a newer commit.
    """
    try:
        now = client.get(f"repos/{repository}/pulls/{pull.number}")
    except NotFound as error:
        raise NothingToPost(f"#{pull.number} is gone") from error
    if not _is_of(now, repository, run):
        raise NothingToPost(f"#{pull.number} was closed or has moved on while the results were fetched")
    return _pull(now)


def refuse_stale(client: Client, event: Event) -> None:
    """Refuse to comment for a commit that is not the last of its pull request any more: the last has its own run.

    Where GitHub does not say which is the last, the comment is written.

    Raises:
        NothingToPost: the pull request has moved on since the event.
    """
    if event.name != "pull_request" or not event.head_sha:
        return
    try:
        now = client.get(f"repos/{event.repository}/pulls/{event.number}")
    except GitHubError:
        return
    last = matching(SHA, inside(now, "head").get("sha"))
    if last and last != event.head_sha:
        raise NothingToPost(f"#{event.number} has moved on to {last[:_SHORT]}, whose own run writes the comment")


def changed_files(client: Client, repository: str, pull: Pull) -> Iterator[str]:
    """Yield the files that a pull request adds, changes, renames or removes, as GitHub lists them (at most 3,000)."""
    for one in client.pages(f"repos/{repository}/pulls/{pull.number}/files"):
        file = inside(one)
        yield from (name for name in (file.get("filename"), file.get("previous_filename")) if isinstance(name, str))
