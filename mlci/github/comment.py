"""The one comment on a pull request: found by its first line and its author, changed or posted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlci.github.answers import GitHubError, NotFound, Unsure
from mlci.github.client import Client

_AUTHORS = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment { id viewerDidAuthor } } }"
_IDS_AT_ONCE = 100
_WAITS = (2.0, 6.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """What became of the comment."""

    url: str
    """Its address; empty where there is none."""
    how: str
    """`posted`, `updated`, or `left as it was`."""
    removed: int
    """How many older comments of the same marker and author were deleted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Comment:
    """One that this user wrote earlier."""

    id: int
    body: str
    url: str


def _always(_before: str | None) -> bool:
    return True


def upsert(
    client: Client, *, repository: str, number: int, body: str, wanted: Callable[[str | None], bool] = _always
) -> Posted:
    """Leave exactly one comment on pull request `number` that begins with the first line of `body`: this one.

    `wanted` is given the body of the earlier comment, None where there is none, and says whether to write at all.
    Where a run at the same time posted one too, the newest stays.
    Only comments that the token's own user wrote are changed or deleted. When no clear answer to a POST comes, the
    comments are read again before another is posted.

    Raises:
        GitHubError: GitHub refused, or gave no usable answer; its class says which.
    """
    for wait in _WAITS:
        try:
            return _upsert(client, f"repos/{repository}/issues", number, body, wanted)
        except Unsure as error:
            client.pause(wait, why=str(error))
    return _upsert(client, f"repos/{repository}/issues", number, body, wanted)


def _upsert(client: Client, issues: str, number: int, body: str, wanted: Callable[[str | None], bool]) -> Posted:
    own = _own(client, f"{issues}/{number}/comments", marker=body.partition("\n")[0])
    newest = own[-1] if own else None
    if wanted(newest.body if newest else None):
        written = _change(client, f"{issues}/comments", newest.id, body) if newest else None
        how = "updated" if written else "posted"
        if written is None:
            written = client.post(f"{issues}/{number}/comments", {"body": body})
            with suppress(GitHubError):  # the next run looks again
                own = _own(client, f"{issues}/{number}/comments", marker=body.partition("\n")[0])
        url = _url(written)
    else:
        how, url = "left as it was", newest.url if newest else ""
    removed = sum(_removed(client, f"{issues}/comments/{comment.id}") for comment in own[:-1])
    return Posted(url=url, how=how, removed=removed)


def _own(client: Client, path: str, *, marker: str) -> Sequence[_Comment]:
    """Return this user's comments whose first line is `marker`, oldest first."""
    marked = {
        comment["node_id"]: _Comment(id=comment["id"], body=comment["body"], url=_url(comment))
        for comment in client.pages(path)
        if _begins_with(comment, marker)
    }
    return sorted((marked[node] for node in _written_by_viewer(client, tuple(marked))), key=lambda one: one.id)


def _begins_with(comment: Any, marker: str) -> bool:
    known = isinstance(comment, dict) and isinstance(comment.get("id"), int) and isinstance(comment.get("node_id"), str)
    body = comment.get("body") if known else None
    return isinstance(body, str) and body.partition("\n")[0].rstrip("\r") == marker


def _written_by_viewer(client: Client, nodes: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(nodes), _IDS_AT_ONCE):
        ids = list(nodes[start : start + _IDS_AT_ONCE])
        for node in client.graphql(_AUTHORS, {"ids": ids}).get("nodes") or ():
            if isinstance(node, dict) and node.get("viewerDidAuthor") is True and node.get("id") in ids:
                yield node["id"]


def _change(client: Client, path: str, comment: int, body: str) -> Any:
    """Change a comment; return None when somebody deleted it since it was listed."""
    try:
        return client.patch(f"{path}/{comment}", {"body": body})
    except NotFound:
        return None


def _removed(client: Client, path: str) -> bool:
    """Delete a comment that an interrupted run left behind; the next run tries again when that fails."""
    try:
        client.delete(path)
    except GitHubError:
        return False
    return True


def _url(written: Any) -> str:
    url = written.get("html_url") if isinstance(written, Mapping) else None
    return url if isinstance(url, str) else ""
