"""Calling functions of the project: in one worker process that serves many calls."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from mlci import worker
from mlci.interpreter import Interpreter
from mlci.processes.child import Child
from mlci.processes.command import in_main_thread
from mlci.processes.ends import LOST, MIB, Death, Limits, WorkerFailed
from mlci.processes.failures import call_failed, cannot_be_given, worker_died

_ANSWER_BYTES = 512 * MIB
_GOODBYE_S = 2.0
_SETTLE_S = 0.5
_SLICE_S = 1.0


class Worker:
    """A process under the project's interpreter that calls its functions, for one caller at a time.

    Used as a context manager. A function that raises, exits or answers nonsense leaves the worker ready for the next
    call. A worker that died or was stopped stays so: every further call raises the same failure.
    """

    def __init__(self, python: Interpreter, *, cwd: Path, limits: Limits, env: Mapping[str, str]) -> None:
        self.python = python
        self.cwd = cwd
        self.limits = limits
        self._env = dict(env)
        self._nonce = secrets.token_hex(16)
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._child: Child | None = None
        self._calls = 0
        self._ready = False
        self._death: Death | None = None

    def __enter__(self) -> Self:
        argv = [str(self.python.path), "-X", "faulthandler", "-u", worker.__file__, "serve"]
        try:
            child = Child(argv, cwd=self.cwd, env=self._env, limits=self.limits, talks=True)
        except OSError as error:
            reason = f"cannot start {self.python.path} in {self.cwd}: {error.strerror or error}"
            raise WorkerFailed(reason, kind="missing") from None
        self._child = child
        threading.Thread(target=self._listen, args=(child,), name="mlci-answers", daemon=True).start()
        settings = {"nonce": self._nonce, "root": str(self.cwd), "memory": self.limits.memory_bytes}
        _push(child.popen.stdin, _line({**settings, "attached": in_main_thread()}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is None:
            return
        if kind is None or issubclass(kind, Exception):
            _close(self._child.popen.stdin)
            self._child.wait(_GOODBYE_S)
        self._child.stop("signal", "was closed")

    def call(
        self,
        target: str,
        *arguments: Any,
        timeout_s: float | None = None,
        by: str | None = None,
        named: str | None = None,
    ) -> Any:
        """Call `target` (`module:function` or `path/to/file.py:function`) and return what it returns, as plain JSON.

        `timeout_s` is the time for the call, that of the limits when left out; importing the module has the limits'
        time of its own. With `by` (`file:function`, of a file beside the worker's) that function is called, with what
        `target` names (a function, or a module without a function) before the arguments. `named` is what
        messages call the target. Raises `WorkerFailed`.
        """
        name = named or target
        child = self._started()
        if self._death is not None:
            raise self._died(child, name, self._death)
        try:
            encoded = worker.encode(list(arguments))
        except worker.NotJson as error:
            raise cannot_be_given(name, error) from None
        self._calls += 1
        _send(child, _line({"id": self._calls, "target": target, "arguments": encoded, "by": by}))
        message = self._receive(child, name, "could not be imported", self.limits.timeout_s)
        if message.get("loaded"):
            allowed = self.limits.timeout_s if timeout_s is None else timeout_s
            message = self._receive(child, name, "did not answer", allowed)
        if message.get("ok"):
            return message.get("value")
        raise call_failed(name, message, python=self.python.path, cwd=self.cwd, limits=self.limits)

    def output(self) -> str:
        """Return what the project's code has printed so far: head and tail when it was long."""
        return "" if self._child is None else self._child.stderr.text()

    def _started(self) -> Child:
        if self._child is None:
            raise RuntimeError("a Worker is used as a context manager")
        return self._child

    def _receive(self, child: Child, target: str, missed: str, timeout_s: float) -> dict[str, Any]:
        """Return the next message about the call in progress; raise `WorkerFailed` where none comes any more."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = self._messages.get(timeout=min(left, _SLICE_S))
            except queue.Empty:
                if child.wait(0) is None:
                    continue
                message = None
            if message is None:
                raise self._lost(child, target)
            if message.get("id") == self._calls:
                return message
        abort = getattr(signal, "SIGABRT", None)
        self._death = child.stop("timeout", f"{missed} within {timeout_s:g} s", last_words=abort)
        raise self._died(child, target, self._death)

    def _lost(self, child: Child, target: str) -> WorkerFailed:
        """Find out why nothing more can come from the worker, remember it, and say it for `target`."""
        self._death = child.wait(_SETTLE_S) or child.stop("channel-lost", LOST)
        return self._died(child, target, self._death)

    def _died(self, child: Child, target: str, death: Death) -> WorkerFailed:
        output = child.stderr.text()
        return worker_died(target, death, output, python=self.python.path, cwd=self.cwd, ready=self._ready)

    def _listen(self, child: Child) -> None:
        """Sort what comes on the channel: lines behind the nonce are messages, all else was printed."""
        channel, nonce = child.popen.stdout, self._nonce.encode()
        with contextlib.suppress(OSError, ValueError):
            while channel is not None and (line := channel.readline(_ANSWER_BYTES)):
                if len(line) >= _ANSWER_BYTES:
                    child.stop("output-limit", "gave an answer larger than 512 MiB")
                elif line.startswith(nonce):
                    self._take(line[len(nonce) :])
                elif line.strip():
                    child.take(child.stderr, line)
        self._messages.put(None)

    def _take(self, text: bytes) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            message = {"id": self._calls, "kind": "not-json", "message": "something that is not JSON"}
        self._ready = True
        self._messages.put(message)


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _send(child: Child, data: bytes) -> None:
    """Write without waiting for the worker to read; one that is gone shows in what comes back."""
    threading.Thread(target=_push, args=(child.popen.stdin, data), name="mlci-request", daemon=True).start()


def _push(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError, ValueError):
            pipe.write(data)
            pipe.flush()


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError, ValueError):
            pipe.close()
