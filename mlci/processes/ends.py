"""How a process ends, and how that is said to the user."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Literal

from mlci.errors import CannotRun
from mlci.worker import CANNOT_START, CHANNEL_LOST

Kind = Literal[
    "exit",
    "signal",
    "timeout",
    "memory",
    "output-limit",
    "missing",
    "import",
    "exception",
    "system-exit",
    "channel-lost",
    "not-json",
]
"""Every way in which running the project's code can end; from `import` on, only calls of a `Worker` end so."""

MIB = 1 << 20
LOST = "closed the files that mlci talks to it through"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a process and everything that it starts may use."""

    timeout_s: float
    """Seconds that a command, or one call of a worker, may take."""
    memory_bytes: int | None = None
    """Memory of the whole tree of processes; unlimited when left out."""
    output_bytes: int = 64 * MIB
    """Bytes on stdout and stderr together after which it is killed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a command ended. A `kind` other than `exit` means that it did not end by itself."""

    kind: Kind
    reason: str
    """What happened, to follow the name of what ran: `did not end within 5 s`."""
    returncode: int | None
    """The exit code, negative for a signal; nothing where it never started."""
    stdout: str
    """What it printed: head and tail when it was long."""
    stderr: str
    """What it printed as errors: head and tail when it was long."""
    duration_s: float
    """Seconds from start to end."""


class WorkerFailed(CannotRun):
    """A call of the project's code failed: `kind` says how, `details` holds the end of the traceback or output."""

    def __init__(self, what: str, *, kind: Kind, details: str = "", fix: str = "") -> None:
        super().__init__(what, fix=fix)
        self.kind = kind
        self.details = details


@dataclass(frozen=True, kw_only=True, slots=True)
class Death:
    """Why a process is no more: its kind, and the words that follow the name of what ran."""

    kind: Kind
    reason: str
    returncode: int | None = None


def size(amount: int) -> str:
    """Return `amount` bytes as people write it: `512 MiB`, `1.5 GiB`."""
    value, unit = (amount / MIB, "MiB") if amount < 1024 * MIB else (amount / (1024 * MIB), "GiB")
    return f"{value:.4g} {unit}"


def overrun(kind: Kind, limits: Limits, timeout_s: float | None = None) -> str:
    """Return the words for a process that was stopped at one of its `limits`."""
    if kind == "timeout":
        return f"did not end within {limits.timeout_s if timeout_s is None else timeout_s:g} s"
    if kind == "memory":
        return f"used more than the {size(limits.memory_bytes or 0)} of memory that it may use"
    return f"printed more than {size(limits.output_bytes)}"


def death_of(returncode: int, *, memory_bytes: int | None) -> Death:
    """Return how a process ended that nobody stopped, from its exit code (negative for a signal)."""
    if returncode >= 0:
        return _exit(returncode)
    name = _signal_name(-returncode)
    if name == "SIGKILL":
        reason = "was killed by SIGKILL, which mlci did not send: the machine is probably out of memory"
        return Death(kind="memory", reason=reason, returncode=returncode)
    hint = f"; it may use {size(memory_bytes)} of memory" if memory_bytes and name == "SIGABRT" else ""
    return Death(kind="signal", reason=f"crashed with {name}{hint}", returncode=returncode)


def _exit(returncode: int) -> Death:
    if returncode == CHANNEL_LOST:
        return Death(kind="channel-lost", reason=LOST, returncode=returncode)
    if returncode == CANNOT_START:
        return Death(kind="exit", reason="could not be started", returncode=returncode)
    return Death(kind="exit", reason=f"ended the process with exit code {returncode}", returncode=returncode)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
