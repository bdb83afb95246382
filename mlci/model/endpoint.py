"""A model behind an HTTP endpoint: batches posted as JSON, several at once, with time limits and repeats.

Requests are made by mlci's own process: secrets of their headers reach neither the worker nor any message.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from mlci.config.serving import Endpoint
from mlci.config.source_rules import NAMED
from mlci.errors import CannotRun
from mlci.model.bodies import BODIES, found_in

if TYPE_CHECKING:
    import requests

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0
_LONGEST_ASKED_S = 60.0
_ANSWER_BYTES = 64 << 20
_CHUNK = 1 << 16
_SUCCESS = range(200, 300)


class _Lost(Exception):  # noqa: N818 - it is caught where it is decided whether to repeat
    """A request that may be repeated, with why, and how long the server asks to wait."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        self.why = why
        self.wait_s = wait_s
        super().__init__(why)


class HttpModel:
    """Asks an endpoint; once it stays away, every further question gets the same answer at once."""

    def __init__(
        self, endpoint: Endpoint, *, environ: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.endpoint = endpoint
        self.shown = endpoint.url
        self.over: CannotRun | None = None
        self._environ = environ
        self._sleep = sleep
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def answers(self, batches: Iterable[list[Any]]) -> Iterator[Any]:
        """Give the answer to each batch, in order; raise `CannotRun` at the first one that fails."""
        if self.over is not None:
            raise self.over
        with ThreadPoolExecutor(self.endpoint.concurrency, thread_name_prefix="mlci-http") as pool:
            asked = [pool.submit(self._ask, batch) for batch in batches]
            try:
                for one in asked:
                    yield one.result()
            finally:
                for one in asked:
                    one.cancel()

    def load(self) -> Mapping[str, Any]:
        """An endpoint has loaded its model already."""
        return {}

    def time(self, batches: list[list[Any]], plan: Mapping[str, Any]) -> list[float]:
        """Return the seconds of each call over `batches`, the network's part included; see `serving.measuring`."""
        from mlci.model.serving.measuring import time_calls

        seconds: list[float] = time_calls(self._ask, batches, dict(plan))["seconds"]
        return seconds

    def close(self, *_how: Any) -> None:
        """Close the connections."""
        for session in self._sessions:
            session.close()

    def _ask(self, batch: Sequence[Any]) -> Any:
        if self.over is not None:
            raise self.over
        try:
            body = json.dumps(BODIES[self.endpoint.body](batch), allow_nan=False).encode()
        except ValueError:
            raise CannotRun(f"{self.shown} cannot be given NaN or infinity: JSON has neither") from None
        return found_in(self._repeated(body), self.endpoint.answer, said_by=self.shown)

    def _repeated(self, body: bytes) -> Any:
        """Post until there is an answer or no try is left."""
        for attempt in range(self.endpoint.retries + 1):
            try:
                return self._post(body)
            except _Lost as lost:
                if attempt == self.endpoint.retries or self.over is not None:
                    tries = f" ({attempt + 1} tries)" if attempt else ""
                    self.over = CannotRun(f"{self.shown} {lost.why}{tries}")
                    raise self.over from None
                self._sleep(lost.wait_s or min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt))
        raise AssertionError("there is at least one try")

    def _post(self, body: bytes) -> Any:
        import requests
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        deadline = time.monotonic() + self.endpoint.timeout
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self._headers()}
        try:
            response = self._session().post(
                self._expanded(self.endpoint.url), data=body, headers=headers,
                timeout=self.endpoint.timeout, allow_redirects=False, stream=True,
            )  # fmt: skip
            with response:
                text = self._read(response, deadline)
        except (requests.Timeout, ReadTimeoutError):
            raise _Lost(f"did not answer within {self.endpoint.timeout:g} s") from None
        except (requests.ConnectionError, HTTPError):
            raise _Lost("cannot be reached, or closed the connection") from None
        except requests.RequestException as error:  # its own text may hold the URL with its secrets
            raise CannotRun(f"{self.shown} cannot be asked: {type(error).__name__}") from None
        return _parsed(text, self.shown)

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        if response.status_code in _AGAIN:
            raise _Lost(f"answered {response.status_code}", _asked_to_wait(response.headers.get("Retry-After")))
        if response.status_code not in _SUCCESS:
            raise CannotRun(f"{self.shown} answered {response.status_code}{_hint(response.status_code)}")
        read = getattr(response.raw, "read1", response.raw.read)
        found = bytearray()
        while chunk := read(_CHUNK, decode_content=True):
            found += chunk
            if time.monotonic() > deadline:
                raise _Lost(f"did not end its answer within {self.endpoint.timeout:g} s")
            if len(found) > _ANSWER_BYTES:
                raise CannotRun(f"{self.shown} gave an answer larger than {_ANSWER_BYTES >> 20} MiB")
        return bytes(found)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            import requests

            self._local.session = requests.Session()
            self._local.session.auth = lambda request: request  # ~/.netrc must not add a password of its own
            self._sessions.append(self._local.session)
        found: requests.Session = self._local.session
        return found

    def _headers(self) -> dict[str, str]:
        return {name: self._expanded(value) for name, value in self.endpoint.headers.items()}

    def _expanded(self, text: str) -> str:
        missing = next((name for name in NAMED.findall(text) if name not in self._environ), None)
        if missing is not None:
            raise CannotRun(f"{self.shown} needs the environment variable {missing}, which is not set")
        return NAMED.sub(lambda match: self._environ[match[1]].strip(), text)


def _parsed(text: bytes, shown: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CannotRun(f"{shown} answered with something that is not JSON") from None


def _asked_to_wait(header: str | None) -> float | None:
    return min(_LONGEST_ASKED_S, float(header)) if header and header.isdigit() else None


def _hint(status: int) -> str:
    if status in (401, 403):
        return ": the credentials in its `headers` are not taken"
    return ": redirects are not followed" if status in range(300, 400) else ""
