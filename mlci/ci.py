"""What the CI says of the commit that is checked out: GitHub Actions, GitLab, and what others name a target branch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mlci.github.event import Event, event_of, payload_of
from mlci.results.origin import Origin

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PULL_REQUEST = ("pull_request", "pull_request_target", "pull_request_review")
_TARGETS = (
    "CHANGE_TARGET",  # Jenkins
    "SYSTEM_PULLREQUEST_TARGETBRANCH",  # Azure Pipelines
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
)
_HEADS = "refs/heads/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is told of a commit; a text that is not known is empty."""

    kind: Literal["change", "queue", "push", "branch"]
    """A change that wants to be merged, a group of a merge queue, commits pushed to a branch, or a branch as it is."""
    branch: str = ""
    """The branch that a change goes to, or that was pushed."""
    head: str = ""
    """The last commit of the change or of the push; a merge commit of the CI is not of them."""
    base: str = ""
    """The commit that is named as base."""
    exact: bool = False
    """Whether that is the merge-base, and not what the target was at some time."""
    before: str = ""
    """What the branch pointed to before the push."""
    default: str = ""
    """The repository's default branch."""
    deepen: str = "`fetch-depth: 0` of actions/checkout"
    """What fetches the whole history there."""


def told_of(environ: Mapping[str, str]) -> Told | None:
    """Return what the CI tells; None where there is none that is known."""
    if environ.get("GITHUB_EVENT_NAME"):
        return _github(event_of(environ, payload_of(environ.get("GITHUB_EVENT_PATH", ""))))
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    target = next((environ[name] for name in _TARGETS if environ.get(name)), "")
    return (
        Told(kind="change", branch=target.removeprefix(_HEADS), deepen="a clone without `--depth`") if target else None
    )


def origin_of(environ: Mapping[str, str], *, folder: str) -> Origin | None:
    """Return which run of which CI this is, for the project in `folder`; None outside of GitHub Actions and GitLab."""
    if environ.get("GITHUB_ACTIONS") == "true":
        event = event_of(environ, payload_of(environ.get("GITHUB_EVENT_PATH", "")))
        return Origin(
            ci="github",
            event=event.name,
            repository=event.repository,
            number=event.number,
            head=event.head_sha,
            run=event.run_id,
            attempt=event.attempt,
            folder=folder,
        )
    return _gitlab_origin(environ, folder) if environ.get("GITLAB_CI") else None


def _github(event: Event) -> Told:
    head, base, default = event.head_sha, event.base_sha, event.default_branch
    if event.name in _PULL_REQUEST:
        return Told(kind="change", branch=event.base_ref, head=head, base=base, default=default)
    if event.name == "merge_group":
        return Told(kind="queue", branch=event.base_ref, head=head, base=base, default=default)
    if event.name == "push" and event.ref.startswith(_HEADS):
        branch = event.ref.removeprefix(_HEADS)
        return Told(kind="push", branch=branch, head=head, before=base, default=default)
    return Told(kind="branch", default=default)


def _gitlab(environ: Mapping[str, str]) -> Told:
    """Read GitLab's predefined variables; it fetches neither the whole history nor other branches."""
    deepen = "`GIT_DEPTH: 0` in the variables of the job"
    default = environ.get("CI_DEFAULT_BRANCH", "")
    if environ.get("CI_MERGE_REQUEST_IID"):
        return Told(
            kind="change",
            branch=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
            head=_gitlab_head(environ),
            base=_sha(environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")),
            exact=True,
            default=default,
            deepen=deepen,
        )
    branch, head = environ.get("CI_COMMIT_BRANCH", ""), _sha(environ.get("CI_COMMIT_SHA"))
    if branch and environ.get("CI_PIPELINE_SOURCE") == "push":
        before = _sha(environ.get("CI_COMMIT_BEFORE_SHA"))
        return Told(kind="push", branch=branch, head=head, before=before, default=default, deepen=deepen)
    return Told(kind="branch", default=default, deepen=deepen)


def _gitlab_origin(environ: Mapping[str, str], folder: str) -> Origin:
    number, run = environ.get("CI_MERGE_REQUEST_IID", ""), environ.get("CI_PIPELINE_ID", "")
    return Origin(
        ci="gitlab",
        event=environ.get("CI_PIPELINE_SOURCE", ""),
        repository=environ.get("CI_PROJECT_PATH", ""),
        number=int(number) if re.fullmatch(r"[1-9]\d{0,9}", number) else None,
        head=_gitlab_head(environ),
        run=run if re.fullmatch(r"\d{1,20}", run) else "",
        folder=folder,
    )


def _gitlab_head(environ: Mapping[str, str]) -> str:
    """Return the head of a change; in a pipeline for merged results the commit is GitLab's own merge."""
    return _sha(environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")) or _sha(environ.get("CI_COMMIT_SHA"))


def _sha(text: str | None) -> str:
    known = text is not None and _SHA.fullmatch(text) and set(text) != {"0"}
    return text if text is not None and known else ""
