"""Talking to GitHub: REST and GraphQL, with retries, a bounded wait, and the token in the header alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from mlci import __version__
from mlci.errors import UsageError
from mlci.github.answers import (
    Answer,
    GitHubError,
    NotFound,
    RateLimited,
    answer_of,
    error_of,
    graphql_errors,
    wait_before_retry,
)

_TOKEN = re.compile(r"[!-~]{1,1000}")
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": f"mlci/{__version__}",
}
_MAX_BODY = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_PER_PAGE = 100
_MAX_PAGES = 100
_MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 307, 308)
_SAFE = ("GET", "PATCH", "DELETE")


@dataclass(kw_only=True)
class Client:
    """One user of GitHub's API; `clock` gives seconds since 1970."""

    api_url: str
    graphql_url: str
    token: str = field(repr=False)
    session: requests.Session
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    timeout: tuple[float, float] = (10.0, 30.0)
    """Seconds to connect, and to wait for the next bytes."""
    longest: float = 300.0
    """Seconds that one answer may take to arrive whole."""
    patience: float = 120.0
    """Seconds that all waits together may take."""

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise UsageError("the GitHub token holds characters that no token has", fix="Check the secret it is from.")

    def get(self, path: str) -> Any:
        """Return something."""
        return self._send("GET", self._rest(path)).data

    def zip_file(self, path: str, *, most: int) -> bytes:
        """Return a zip file of at most `most` bytes; the token does not go to the host that the API sends on to."""
        answer = self._send("GET", self._rest(path), most=most)
        if not answer.body:
            raise GitHubError(f"{path} is no zip file.")
        return answer.body

    def pages(self, path: str, *, inside: str | None = None, **params: str) -> Iterator[Any]:
        """Yield the items of every page of a list, or of the list that is `inside` an object."""
        for page in range(1, _MAX_PAGES + 1):
            asked = {**params, "per_page": str(_PER_PAGE), "page": str(page)}
            answer = self._send("GET", self._rest(path), params=asked)
            items = answer.data
            if inside is not None:
                items = items.get(inside) if isinstance(items, dict) else None
            if not isinstance(items, list):
                raise GitHubError(f"GitHub answered {path} with something else than a list.")
            yield from items
            if len(items) < _PER_PAGE and 'rel="next"' not in answer.headers.get("link", ""):
                return
        raise GitHubError(f"{path} has more than {_MAX_PAGES} pages.")

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create something; raises `Unsure` when it cannot be known whether GitHub did."""
        return self._send("POST", self._rest(path), body=body).data

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something."""
        return self._send("PATCH", self._rest(path), body=body).data

    def delete(self, path: str) -> None:
        """Delete something; that it is gone already is no error."""
        try:
            self._send("DELETE", self._rest(path))
        except NotFound:
            return

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the data of a GraphQL query; it must only read, since it is sent again when no answer comes.

        Nodes that do not exist any more are None in it.
        """
        answer = self._send("POST", self.graphql_url, body={"query": query, "variables": variables}, safe=True)
        data = answer.data.get("data") if isinstance(answer.data, dict) else None
        errors = [error for error in graphql_errors(answer) if error != "NOT_FOUND"]
        if errors or not isinstance(data, dict):
            raise GitHubError(self._redact(f"GitHub's GraphQL API gave no data: {', '.join(errors)[:300]}"))
        return data

    def pause(self, seconds: float, *, why: str) -> None:
        """Wait, and raise `RateLimited` instead when all waits together would take too long."""
        if seconds > self.patience:
            asked = f"GitHub asks to wait {seconds:.0f} s, longer than mlci still waits"
            raise RateLimited(self._redact(f"{asked}: {why}"))
        self.patience -= seconds
        self.sleep(seconds)

    def _rest(self, path: str) -> str:
        return f"{self.api_url}/{path}"

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        safe: bool | None = None,
        most: int = _MAX_BODY,
    ) -> Answer:
        repeatable = method in _SAFE if safe is None else safe
        attempt = 0
        while True:
            answer = self._ask(method, url, params=params, body=body, most=most)
            wait = wait_before_retry(answer, attempt=attempt, now=self.clock(), safe=repeatable)
            if wait is None:
                break
            self.pause(wait, why=answer.message or f"status {answer.status}")
            attempt += 1
        problem = error_of(answer, safe=repeatable)
        if problem:
            raise type(problem)(self._redact(problem.what), fix=problem.fix)
        return answer

    def _ask(
        self, method: str, url: str, *, params: Mapping[str, str] | None, body: Mapping[str, Any] | None, most: int
    ) -> Answer:
        """Ask once, following redirects; the token goes to the API's own host and to no other."""
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._once(method, url, params=params, body=body, most=most)
            target = urljoin(url, answer.headers.get("location", ""))
            if answer.status not in _REDIRECTS or not answer.headers.get("location"):
                return answer
            if method != "GET" and not self._trusted(target):
                return Answer(status=0, headers={}, problem="it redirects a change to another host")
            url, params = target, None
        return Answer(status=0, headers={}, problem="it redirects again and again")

    def _once(
        self, method: str, url: str, *, params: Mapping[str, str] | None, body: Mapping[str, Any] | None, most: int
    ) -> Answer:
        try:
            with self.session.request(
                method,
                url,
                params=params,
                json=body,
                headers=_HEADERS,
                auth=_Bearer(self.token if self._trusted(url) else ""),
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return answer_of(response.status_code, response.headers, self._read(response, most))
        except (requests.RequestException, HTTPError, OSError) as error:
            return Answer(status=0, headers={}, problem=self._redact(f"{type(error).__name__}: {error}")[:300])

    def _read(self, response: requests.Response, most: int) -> bytes:
        """Return the body; one that is too large, or comes too slowly, is not asked for again."""
        body, started = bytearray(), self.clock()
        for chunk in _chunks(response):
            body += chunk
            if len(body) > most:
                raise GitHubError(f"GitHub's answer is larger than {most // 2**20} MiB")
            if self.clock() - started > self.longest:
                raise GitHubError(f"GitHub's answer was not whole after {self.longest:.0f} s")
        return bytes(body)

    def _trusted(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self.api_url)[:2]

    def _redact(self, text: str) -> str:
        return text.replace(self.token, "***")


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield what has arrived, without waiting until there is much of it."""
    read = getattr(response.raw, "read1", None)
    if read is None:  # urllib3 before version 2
        yield from response.iter_content(_CHUNK)
        return
    while chunk := read(_CHUNK, decode_content=True):
        yield chunk


class _Bearer(requests.auth.AuthBase):
    """Sets the token, or nothing; being given, it also keeps requests from looking into `.netrc`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
