"""The results that a run left behind as artifacts: downloaded, looked at with suspicion, read in memory.

The run may be of a fork, and its artifacts may hold anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from mlci.baselines.archive import RefusedError, expected
from mlci.errors import UsageError
from mlci.github.answers import GitHubError, NotFound
from mlci.github.client import Client
from mlci.github.shapes import inside, text, whole
from mlci.github.triggering import NoResults, Pull, Refused, Run
from mlci.results.files import MAX_BYTES, loads
from mlci.results.model import Results

RESULTS = "results.json"
MOST_LEGS = 100
_MOST_LISTED = 1_000


def results_of(client: Client, repository: str, run: Run, *, name: str) -> tuple[Results, ...]:
    """Return the results in the artifact called `name`, and in those that legs of a matrix called `name-LEG`.

    Raises:
        NoResults: there is none, or it has expired.
        Refused: it is no zip, is too large, holds what it should not, or no results of mlci.
    """
    found = _listed(client, repository, run, name)
    if not found:
        raise NoResults(f"the run left no artifact called {name}, or it has expired")
    if len(found) > MOST_LEGS:
        raise Refused(f"the run left more than {MOST_LEGS} artifacts called {name}-…")
    room, read = MAX_BYTES, []
    for called in sorted(found):  # the name alone comes before those with a leg behind it
        raw = _member(_download(client, repository, found[called]), called, most=room)
        room -= len(raw)
        read.append(_checked(raw, called))
        if called == name and read[0].legs:  # a job of the run has merged its legs already
            break
    return tuple(read)


def _listed(client: Client, repository: str, run: Run, name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the artifacts of the run by name; of several with one name the last."""
    found: dict[str, Mapping[str, Any]] = {}
    listed = client.pages(f"repos/{repository}/actions/runs/{run.id}/artifacts", inside="artifacts")
    for count, one in enumerate(listed):
        if count >= _MOST_LISTED:
            raise Refused(f"the run left more than {_MOST_LISTED:,} artifacts")
        called = text(inside(one).get("name"))
        is_ours = called == name or called.startswith(f"{name}-")
        own = inside(one, "workflow_run").get("id") in (run.id, None)
        newer = whole(inside(one).get("id")) > whole(found.get(called, {}).get("id"))
        if is_ours and own and newer and one.get("expired") is False:
            found[called] = one
    return found


def _download(client: Client, repository: str, artifact: Mapping[str, Any]) -> bytes:
    name = text(artifact.get("name"))
    if whole(artifact.get("size_in_bytes")) > MAX_BYTES:
        raise Refused(f"the artifact {name[:100]} is larger than {MAX_BYTES // 2**20} MiB")
    try:
        raw = client.zip_file(f"repos/{repository}/actions/artifacts/{artifact['id']}/zip", most=MAX_BYTES)
    except NotFound as error:
        raise NoResults(f"the artifact {name[:100]} has expired or was removed") from error
    except GitHubError as error:
        raise Refused(f"the artifact {name[:100]} cannot be had: {error.says}") from error
    digest = artifact.get("digest")
    if isinstance(digest, str) and digest != f"sha256:{hashlib.sha256(raw).hexdigest()}":
        raise Refused(f"the artifact {name[:100]} is not what was uploaded: its digest is another")
    return raw


def _member(raw: bytes, name: str, *, most: int) -> bytes:
    try:
        return expected(raw, RESULTS, most=most)
    except RefusedError as error:
        raise Refused(f"the artifact {name[:100]} is refused: {error.says}") from error


def _checked(raw: bytes, name: str) -> Results:
    try:
        return loads(raw, RESULTS)
    except UsageError as error:
        raise Refused(f"the artifact {name[:100]} is refused: {error}") from error


def refuse_others(parts: tuple[Results, ...], *, repository: str, run: Run, pull: Pull) -> None:
    """Refuse results that say themselves that they are about something else.

    Raises:
        Refused: the repository, pull request, commit or run that they name is another.
    """
    for part in parts:
        for what, said, right in _claims(part, repository, run, pull):
            if said and said != right:
                raise Refused(f"the results are of another {what}: {str(said)[:100]}, and not {right}")


def _claims(part: Results, repository: str, run: Run, pull: Pull) -> Iterator[tuple[str, Any, Any]]:
    origin = part.origin
    if origin is not None:
        yield "repository", origin.repository.lower(), repository.lower()
        yield "pull request", origin.number, pull.number
        yield "commit", origin.head, run.head_sha
        yield "run", origin.run, str(run.id)
