"""One started process: watched, its output captured, stopped at its limits, and nothing of it left behind."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from mlci.processes.capture import Capture, drain
from mlci.processes.ends import Death, Kind, Limits, death_of, overrun
from mlci.processes.tree import MARK, guard_this_process, kill_tree, memory_of_tree, signal_tree

_WATCH_S = 0.05 if sys.platform.startswith("linux") else 0.5
_DRAINED_S = 1.0


class Child:
    """A process in a session of its own; what it prints is read as it comes, and `stop` ends it and all below it."""

    def __init__(
        self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], limits: Limits, talks: bool = False
    ) -> None:
        """Start `argv`; with `talks`, `popen.stdin` and `popen.stdout` are the caller's. Raises `OSError`."""
        guard_this_process()
        self.limits = limits
        self.stdout, self.stderr = Capture(), Capture()
        self._mark = secrets.token_hex(8)
        self._stopped: Death | None = None
        self._death: Death | None = None
        self._lock = threading.Lock()
        self._gone = threading.Event()
        self.popen = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env={**env, MARK: self._mark},
            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._drains = [self._drain(self.popen.stderr, self.stderr)]
        if not talks:
            self._drains.append(self._drain(self.popen.stdout, self.stdout))
        threading.Thread(target=self._await, name="mlci-await", daemon=True).start()
        if limits.memory_bytes is not None:
            threading.Thread(target=self._watch, args=(limits.memory_bytes,), name="mlci-watch", daemon=True).start()

    def wait(self, timeout_s: float | None) -> Death | None:
        """Wait until the process is gone, at most `timeout_s` seconds; return how it ended, None while it runs."""
        self._gone.wait(timeout_s)
        return self._death

    def stop(self, kind: Kind, reason: str, *, last_words: int | None = None, patience_s: float = 2.0) -> Death:
        """Kill the process and all below it because of `kind`, and return how it ended.

        `last_words` is a signal sent first, after which it has `patience_s` seconds to say something or to tidy up.
        """
        with self._lock:
            if self._stopped is None and self._death is None:
                self._stopped = Death(kind=kind, reason=reason)
        if last_words is not None and not self._gone.is_set():
            signal_tree(self.popen.pid, last_words)
            self._gone.wait(patience_s)
        while not self._gone.is_set():
            kill_tree(self.popen.pid, self._mark)
            self._gone.wait(_DRAINED_S)
        return self._death or Death(kind=kind, reason=reason)

    def take(self, capture: Capture, data: bytes) -> None:
        """Take printed `data` into `capture`; the process is stopped where it prints more than it may."""
        capture.add(data)
        if self._stopped is None and self.stdout.total + self.stderr.total > self.limits.output_bytes:
            self._kill("output-limit")

    def _kill(self, kind: Kind) -> None:
        with self._lock:
            if self._stopped is None:
                self._stopped = Death(kind=kind, reason=overrun(kind, self.limits))
        kill_tree(self.popen.pid, self._mark)

    def _drain(self, pipe: IO[bytes] | None, capture: Capture) -> threading.Thread:
        assert pipe is not None  # noqa: S101 - it was asked for as a pipe
        return drain(pipe, lambda data: self.take(capture, data))

    def _await(self) -> None:
        """Wait for the end; kill what the process left, while its id is still its own; then read the last output."""
        if hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, self.popen.pid, os.WEXITED | os.WNOWAIT)
            kill_tree(self.popen.pid, self._mark)
            returncode = self.popen.wait()
        else:
            returncode = self.popen.wait()
            signal_tree(self.popen.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        for thread in self._drains:
            thread.join(_DRAINED_S)
        with self._lock:
            death = self._stopped or death_of(returncode, memory_bytes=self.limits.memory_bytes)
            self._death = Death(kind=death.kind, reason=death.reason, returncode=returncode)
        self._gone.set()

    def _watch(self, allowed: int) -> None:
        while not self._gone.wait(_WATCH_S):
            if memory_of_tree(self.popen.pid, self._mark, at_least=allowed) > allowed:
                self._kill("memory")
                return
