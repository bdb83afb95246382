"""What GitHub Actions says about the run: repository, event, pull request, addresses and files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlci.errors import UsageError
from mlci.github.shapes import SHA, inside, matching, text

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_PULL_REF = re.compile(r"refs/pull/([1-9]\d{0,9})/(?:merge|head)")
_RUN = re.compile(r"\d{1,20}")
_ATTEMPT = re.compile(r"\d{1,6}")
_DEPENDABOT = "dependabot[bot]"
_COMMENTED = ("pull_request", "pull_request_target")
_MAX_PAYLOAD = 25 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One run of a workflow; a text that is not known is empty."""

    name: str
    """The event, as `pull_request`, `push` or `merge_group`."""
    repository: str
    """`owner/name` of the repository that the workflow runs in: the base's, for a fork's pull request."""
    number: int | None
    """The pull request that a comment belongs to; None for every other event."""
    fork: bool
    """Whether the pull request comes from another repository."""
    dependabot: bool
    """Whether Dependabot opened the pull request: its runs hold a token that can only read, too."""
    labels: tuple[str, ...]
    """The labels of the pull request when the event happened."""
    ref: str
    """What the run is of, as `refs/heads/main` or `refs/pull/7/merge`."""
    head_sha: str
    """The commit that was pushed: of a pull request its head, not the merge commit that is checked out."""
    base_ref: str
    """The branch that a pull request or a merge group goes to."""
    base_sha: str
    """The commit that the payload names as base: what the base branch was when a pull request was opened or last
    changed, which may be older than its merge-base, and what a branch was before a push."""
    default_branch: str
    api_url: str
    graphql_url: str
    server_url: str
    run_id: str
    attempt: int
    summary_file: str
    """The file that becomes the step summary."""
    output_file: str
    """The file that the step's outputs are written to."""

    @property
    def run_url(self) -> str:
        """The page of the workflow run."""
        known = self.server_url and self.repository and self.run_id
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}" if known else ""


def read(environ: Mapping[str, str]) -> Event | None:
    """Return the event that the environment and its payload file tell of; None outside GitHub Actions."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return None
    return event_of(environ, payload_of(environ.get("GITHUB_EVENT_PATH", "")))


def payload_of(path: str) -> Mapping[str, Any]:
    """Return the payload in the file at `path`; an empty one where there is none that can be read."""
    try:
        if not path or Path(path).stat().st_size > _MAX_PAYLOAD:
            return {}
        payload = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def event_of(environ: Mapping[str, str], payload: Mapping[str, Any]) -> Event:
    """Return the event of an environment and a payload; what is not of the expected form is taken for unknown."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    api = _address(environ.get("GITHUB_API_URL", "")) or "https://api.github.com"
    pull = inside(payload, "pull_request")
    return Event(
        name=name,
        repository=matching(
            _REPOSITORY, environ.get("GITHUB_REPOSITORY") or inside(payload, "repository").get("full_name")
        ),
        number=_number(name, environ, payload),
        fork=_is_fork(pull),
        dependabot=inside(pull, "user").get("login") == _DEPENDABOT,
        labels=_labels(pull),
        ref=environ.get("GITHUB_REF") or text(payload.get("ref")),
        head_sha=_head(pull, payload) or matching(SHA, environ.get("GITHUB_SHA")),
        base_ref=_base_ref(pull, payload) or environ.get("GITHUB_BASE_REF", ""),
        base_sha=_base(pull, payload),
        default_branch=text(inside(payload, "repository").get("default_branch")),
        api_url=api,
        graphql_url=_graphql(api, _address(environ.get("GITHUB_GRAPHQL_URL", ""))),
        server_url=_address(environ.get("GITHUB_SERVER_URL", "")) or "https://github.com",
        run_id=matching(_RUN, environ.get("GITHUB_RUN_ID")),
        attempt=int(matching(_ATTEMPT, environ.get("GITHUB_RUN_ATTEMPT")) or 1),
        summary_file=environ.get("GITHUB_STEP_SUMMARY", ""),
        output_file=environ.get("GITHUB_OUTPUT", ""),
    )


def refuse_pull_request_target(environ: Mapping[str, str]) -> None:
    """Refuse to run a pull request's code where it could read secrets.

    Raises:
        UsageError: the event is `pull_request_target`.
    """
    if environ.get("GITHUB_EVENT_NAME") == "pull_request_target":
        raise UsageError(
            "mlci does not run the code of a pull request under pull_request_target, where it could read secrets",
            fix="Use pull_request, and workflow_run to comment on pull requests from forks.",
        )


def refuse_code_of_a_fork(environ: Mapping[str, str], checked_out: Callable[[], Sequence[str]]) -> None:
    """Refuse to run the code of a fork's pull request in a workflow that `workflow_run` starts, which holds secrets.

    `checked_out` gives the commits that the work tree may be of: HEAD and its parents.

    Raises:
        UsageError: it is checked out there.
    """
    if environ.get("GITHUB_EVENT_NAME") != "workflow_run":
        return
    payload = payload_of(environ.get("GITHUB_EVENT_PATH", ""))
    run = inside(payload, "workflow_run")
    own = inside(run, "head_repository").get("id") == inside(payload, "repository").get("id")
    if run.get("event") in _COMMENTED and not own and run.get("head_sha") in checked_out():
        raise UsageError(
            "mlci does not run the code of a fork under workflow_run, where it could read secrets",
            fix="Run it under pull_request, and post what it left with `mlci publish --from-run`.",
        )


def _number(name: str, environ: Mapping[str, str], payload: Mapping[str, Any]) -> int | None:
    if name not in _COMMENTED:
        return None
    number = inside(payload, "pull_request").get("number", payload.get("number"))
    if isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return number
    found = _PULL_REF.fullmatch(environ.get("GITHUB_REF", ""))
    return int(found[1]) if found else None


def _head(pull: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    for place in (
        inside(pull, "head").get("sha"),
        inside(payload, "merge_group").get("head_sha"),
        payload.get("after"),
    ):
        if sha := matching(SHA, place):
            return sha
    return ""


def _base_ref(pull: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    queued = text(inside(payload, "merge_group").get("base_ref"))
    return text(inside(pull, "base").get("ref")) or queued.removeprefix("refs/heads/")


def _base(pull: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    for place in (
        inside(pull, "base").get("sha"),
        inside(payload, "merge_group").get("base_sha"),
        payload.get("before"),
    ):
        if sha := matching(SHA, place):
            return "" if set(sha) == {"0"} else sha
    return ""


def _is_fork(pull: Mapping[str, Any]) -> bool:
    """Whether head and base lie in different repositories; the head's is null when the fork was deleted."""
    head, base = (inside(inside(pull, side), "repo").get("full_name") for side in ("head", "base"))
    return bool(pull) and head != base


def _labels(pull: Mapping[str, Any]) -> tuple[str, ...]:
    given = pull.get("labels")
    names = [label.get("name") for label in given if isinstance(label, dict)] if isinstance(given, list) else []
    return tuple(name for name in names if isinstance(name, str))


def _address(text: str) -> str:
    """Return an http or https address without its last slash, and nothing for any other text."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    known = (
        parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment or parts.username)
    )
    return text.rstrip("/") if known else ""


def _graphql(api: str, given: str) -> str:
    """Return the GraphQL address; one on another host than the REST API would be handed the token, and is not used."""
    if given and urlsplit(given)[:2] == urlsplit(api)[:2]:
        return given
    return f"{api.removesuffix('/v3')}/graphql"
