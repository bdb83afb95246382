"""What GitHub answered, what went wrong, and how long to wait before asking again: pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlci.errors import CannotRun

ZIP = b"PK"
_LIMIT_WORDS = ("rate limit", "abuse detection", "too many requests", "submitted too quickly")
_READ_ONLY = "resource not accessible by"
_FIRST_WAIT = 1.0
_WAIT_WITHOUT_WORD = 60.0
_TRIES = 4
_SERVER_ERROR = 500
_TOO_MANY = 429
_FORBIDDEN = 403
_ERROR = 400


class GitHubError(CannotRun):
    """GitHub did not do what it was asked."""


class NotFound(GitHubError):  # noqa: N818 - says what GitHub said
    """What was asked for is not there, or not for this token (404, 410)."""


class Locked(GitHubError):  # noqa: N818 - says what GitHub said
    """The conversation is locked."""


class ReadOnly(GitHubError):  # noqa: N818 - says what GitHub said
    """The token may not write: that of a pull request from a fork or by Dependabot, or one without the permission."""


class RateLimited(GitHubError):  # noqa: N818 - says what GitHub said
    """GitHub asks to wait longer than mlci does."""


class Unsure(GitHubError):  # noqa: N818 - says what GitHub said
    """No clear answer came, so it is not known whether something was written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer; status 0 when none came."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    data: Any = None
    """The body as JSON; None where it is none."""
    body: bytes = b""
    """The body of a zip file."""
    problem: str = ""
    """Why no answer came, or why it could not be read."""

    @property
    def message(self) -> str:
        """What GitHub says is wrong."""
        said = self.data.get("message") if isinstance(self.data, dict) else None
        return said if isinstance(said, str) else self.problem

    @property
    def rate_limited(self) -> bool:
        """Whether GitHub refused because of too many requests; a secondary limit says so in words alone."""
        if self.status == _TOO_MANY or "RATE_LIMITED" in graphql_errors(self):
            return True
        said = self.message.lower()
        if self.status != _FORBIDDEN or _READ_ONLY in said:
            return False
        return self.headers.get("x-ratelimit-remaining") == "0" or any(words in said for words in _LIMIT_WORDS)

    @property
    def broken(self) -> bool:
        """Whether no answer came, or one that says nothing about the request."""
        return bool(self.problem) or self.status >= _SERVER_ERROR


def answer_of(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer with this status, these headers and this body."""
    named = {name.lower(): value for name, value in headers.items()}
    if body.startswith(ZIP):
        return Answer(status=status, headers=named, body=body)
    try:
        return Answer(status=status, headers=named, data=json.loads(body) if body else None)
    except (ValueError, RecursionError):
        broken = "json" in named.get("content-type", "")
        return Answer(status=status, headers=named, problem="its JSON is broken" if broken else "")


def graphql_errors(answer: Answer) -> tuple[str, ...]:
    """Return the type, or else the message, of each error in an answer of the GraphQL API."""
    found = answer.data.get("errors") if isinstance(answer.data, dict) else None
    errors = [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []
    return tuple(str(error.get("type") or error.get("message") or "unknown") for error in errors)


def wait_before_retry(answer: Answer, *, attempt: int, now: float, safe: bool) -> float | None:
    """Return the seconds to wait before request number `attempt` (from 0) is sent again; None to give up.

    `now` is in seconds since 1970. A request that is not `safe` to repeat is sent again only when GitHub said that
    it was not carried out.
    """
    if answer.rate_limited:
        return _rate_limit_wait(answer.headers, now=now)
    if answer.broken and safe and attempt + 1 < _TRIES:
        return _FIRST_WAIT * 2.0**attempt
    return None


def error_of(answer: Answer, *, safe: bool) -> GitHubError | None:
    """Return what is wrong with an answer; None when nothing is."""
    said = answer.message or f"status {answer.status}"
    if answer.rate_limited:
        return RateLimited(f"GitHub's rate limit was reached: {said}")
    if answer.broken:
        return (GitHubError if safe else Unsure)(f"GitHub gave no usable answer ({answer.status or 'none'}): {said}")
    if answer.status < _ERROR:
        return None
    return _refusal(answer.status, said)


def _refusal(status: int, said: str) -> GitHubError:
    if status in (404, 410):
        return NotFound(f"GitHub does not find it ({status}): {said}")
    if status == _FORBIDDEN and "locked" in said.lower():
        return Locked(f"the conversation is locked: {said}")
    if status == _FORBIDDEN and _READ_ONLY in said.lower():
        fix = "Give the job `permissions: pull-requests: write`; a pull request from a fork or by Dependabot has none."
        return ReadOnly(f"the token may not write here: {said}", fix=fix)
    return GitHubError(f"GitHub refused ({status}): {said}")


def _rate_limit_wait(headers: Mapping[str, str], *, now: float) -> float:
    """Return what `retry-after` says, else when the limit ends, else a minute; never nothing."""
    after = _seconds(headers.get("retry-after"))
    if after is not None:
        return max(after, _FIRST_WAIT)
    reset = _seconds(headers.get("x-ratelimit-reset"))
    if reset is not None and headers.get("x-ratelimit-remaining") == "0":
        return max(reset - now, 0.0) + _FIRST_WAIT
    return _WAIT_WITHOUT_WORD


def _seconds(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[0-9]{1,12}", text) else None
