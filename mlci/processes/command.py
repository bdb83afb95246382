"""Running a command of the project's: its tests, or what prepares its model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mlci import worker
from mlci.interpreter import Interpreter
from mlci.processes.child import Child
from mlci.processes.ends import Death, Ended, Limits, overrun

_HEARTBEAT_S = 15.0
_TIDY_UP_S = 2.0


def run_command(
    argv: Sequence[str],
    *,
    python: Interpreter,
    cwd: Path,
    limits: Limits,
    env: Mapping[str, str],
    progress: Callable[[str], None] = lambda _line: None,
    on_timeout: int = signal.SIGTERM,
) -> Ended:
    """Run `argv` in `cwd` with `env` alone and return how it ended; a command that does not exist is `missing`.

    The limits are set by the worker under `python`, which then becomes the command. `progress` is told now and
    then that it still runs. `on_timeout` is the signal that a command out of time gets before it is killed: SIGABRT
    makes Python say where it hangs. All that the command started is gone when this returns, or raises.
    """
    started = time.monotonic()
    try:
        child = Child(_argv(argv, python, cwd, limits, env), cwd=cwd, env=env, limits=limits)
    except OSError as error:
        reason = f"cannot be started: {error.strerror or error}: {error.filename or argv[0]}"
        return Ended(kind="missing", reason=reason, returncode=None, stdout="", stderr="", duration_s=0.0)
    try:
        death = _await(child, started, limits, progress, on_timeout)
    except BaseException:
        child.stop("signal", "was interrupted")
        raise
    return Ended(
        kind=death.kind,
        reason=death.reason,
        returncode=death.returncode,
        stdout=child.stdout.text(),
        stderr=child.stderr.text(),
        duration_s=time.monotonic() - started,
    )


def _argv(argv: Sequence[str], python: Interpreter, cwd: Path, limits: Limits, env: Mapping[str, str]) -> list[str]:
    executable = _executable(argv[0], cwd, env)
    if sys.platform == "win32":  # where a process cannot become another one
        return [executable, *argv[1:]]
    settings = {"executable": executable, "memory": limits.memory_bytes, "attached": in_main_thread()}
    return [str(python.path), worker.__file__, "exec", json.dumps(settings), *argv]


def in_main_thread() -> bool:
    """Return whether a process started now may be told to end with this thread: only the main one lives long enough."""
    return threading.current_thread() is threading.main_thread()


def _executable(name: str, cwd: Path, env: Mapping[str, str]) -> str:
    """Return the path of the command `name`, found as a shell in `cwd` would; raises `FileNotFoundError`."""
    found = shutil.which(str(cwd / name) if os.path.dirname(name) else name, path=env.get("PATH", os.defpath))  # noqa: PTH120
    if found is None:
        raise FileNotFoundError(2, "No such command", name)
    return found


def _await(child: Child, started: float, limits: Limits, progress: Callable[[str], None], on_timeout: int) -> Death:
    while True:
        spent = time.monotonic() - started
        if spent >= limits.timeout_s:
            return child.stop("timeout", overrun("timeout", limits), last_words=on_timeout, patience_s=_TIDY_UP_S)
        death = child.wait(min(_HEARTBEAT_S, limits.timeout_s - spent))
        if death is not None:
            return death
        if time.monotonic() - started < limits.timeout_s:
            progress(f"still running after {time.monotonic() - started:.0f} s")
