"""The check run: a conclusion on the commit, with the report and an annotation at every finding's line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlci.github.annotations import Annotation, Level
from mlci.github.answers import GitHubError, NotFound, ReadOnly, Unsure
from mlci.github.client import Client

SUMMARY = 65_000
"""UTF-16 units of a summary: GitHub takes 65,535 characters."""
MOST = 500
"""Annotations of one check run; more are left to the report."""

_AT_ONCE = 50
_TITLE = 250
_WAITS = (2.0, 6.0)
_LEVELS: Mapping[Level, str] = {"error": "failure", "warning": "warning", "notice": "notice"}
_FIX = "Give the job `permissions: checks: write`; a pull request from a fork or by Dependabot has none."


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRun:
    """What a check run says."""

    name: str
    """What branch protection calls it."""
    sha: str
    """The commit that it is about."""
    external_id: str
    """What the same attempt of the same run is known by, so that it is written once."""
    url: str
    """Where a reader can go on; empty for nowhere."""
    conclusion: Literal["success", "failure", "neutral"]
    title: str
    """One line, plain."""
    summary: str
    """The report, in at most `SUMMARY` UTF-16 units of Markdown."""
    annotations: tuple[Annotation, ...]
    """Those that are about a file."""


def write(client: Client, *, repository: str, check: CheckRun) -> str:
    """Create the check run, or bring to its end the one that an interrupted attempt has begun; return its address.

    Raises:
        GitHubError: GitHub refused, or gave no usable answer; `ReadOnly` says what the token lacks.
    """
    try:
        return _written_once(client, f"repos/{repository}", check)
    except (ReadOnly, NotFound) as error:
        raise ReadOnly(f"the token may not write check runs ({error.what})", fix=_FIX) from error


def _written_once(client: Client, place: str, check: CheckRun) -> str:
    for wait in _WAITS:
        try:
            return _write(client, place, check)
        except Unsure as error:  # it may have been written: the next round looks before it writes
            client.pause(wait, why=str(error))
    return _write(client, place, check)


def _write(client: Client, place: str, check: CheckRun) -> str:
    found = _begun(client, place, check)
    known = _noted(found)
    first, *rest = _batches(check.annotations[:MOST][known:])
    if found is None:
        written = client.post(f"{place}/check-runs", {**_body(check, first), "head_sha": check.sha})
    else:
        written = client.patch(f"{place}/check-runs/{found['id']}", _body(check, first))
    if not isinstance(written, dict) or not isinstance(written.get("id"), int):
        raise GitHubError("GitHub answered with something else than a check run.")
    for batch in rest:
        client.patch(f"{place}/check-runs/{written['id']}", _body(check, batch))
    address = written.get("html_url")
    return address if isinstance(address, str) else ""


def _begun(client: Client, place: str, check: CheckRun) -> Mapping[str, Any] | None:
    """Return the newest check run of this very attempt."""
    listed = client.pages(
        f"{place}/commits/{check.sha}/check-runs", inside="check_runs", check_name=check.name, filter="all"
    )
    own = [one for one in listed if isinstance(one, dict) and one.get("external_id") == check.external_id]
    return max((one for one in own if isinstance(one.get("id"), int)), key=lambda one: one["id"], default=None)


def _noted(found: Mapping[str, Any] | None) -> int:
    """Return how many annotations a check run has already: GitHub adds those of each request to them."""
    output = found.get("output") if found else None
    number = output.get("annotations_count") if isinstance(output, dict) else None
    return number if isinstance(number, int) and number > 0 else 0


def _batches(annotations: Sequence[Annotation]) -> list[tuple[Annotation, ...]]:
    """Return at least one batch, which may be empty."""
    starts = range(0, max(len(annotations), 1), _AT_ONCE)
    return [tuple(annotations[start : start + _AT_ONCE]) for start in starts]


def _body(check: CheckRun, annotations: Sequence[Annotation]) -> dict[str, Any]:
    """Return a request that states the whole conclusion, so that none that is cut off leaves a wrong one."""
    return {
        "name": check.name,
        "external_id": check.external_id,
        "status": "completed",
        "conclusion": check.conclusion,
        "output": {
            "title": check.title[:_TITLE],
            "summary": check.summary,
            "annotations": list(_annotations(annotations)),
        },
        **({"details_url": check.url} if check.url else {}),
    }


def _annotations(annotations: Sequence[Annotation]) -> Iterator[dict[str, Any]]:
    for one in annotations:
        line = one.line or 1
        yield {
            "path": one.path,
            "start_line": line,
            "end_line": one.last_line or line,
            "annotation_level": _LEVELS[one.level],
            "title": one.title,
            "message": one.message,
        }
