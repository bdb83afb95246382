"""What a user is told about a call of the project's code that failed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from mlci.processes.ends import Death, Kind, Limits, WorkerFailed, size
from mlci.worker import NotJson

_DETAILS = 4000
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def place_in_dump(text: str, root: Path) -> tuple[str, int] | None:
    """Return file (relative to `root`) and line where a Python that dumped its stacks into `text` stood, if below it.

    A dump lists the most recent call first; code installed below `root` does not count.
    """
    home = root.resolve()
    for name, line in _FRAME.findall(text):
        path = Path(name)
        if path.is_relative_to(home) and not {"site-packages", ".venv"} & set(path.parts):
            return path.relative_to(home).as_posix(), int(line)
    return None


def cannot_be_given(target: str, error: NotJson) -> WorkerFailed:
    """Return the failure of a call whose arguments JSON cannot hold."""
    return WorkerFailed(f"{target} cannot be given {error.what}: JSON cannot hold it", kind="not-json")


def call_failed(target: str, message: Mapping[str, Any], *, python: Path, cwd: Path, limits: Limits) -> WorkerFailed:
    """Return the failure that a living worker tells in `message`."""
    kind = cast("Kind", message.get("kind", "not-json"))
    words = {"import": _import_words, "system-exit": _exit_words, "memory": _memory_words, "not-json": _answer_words}
    text = words.get(kind, _error_words)(target, message, _Surroundings(python=python, cwd=cwd, limits=limits))
    details = "" if message.get("type") == "Unusable" else str(message.get("traceback") or "")[-_DETAILS:]
    return WorkerFailed(text, kind=kind, details=details)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Surroundings:
    python: Path
    cwd: Path
    limits: Limits


def _import_words(target: str, message: Mapping[str, Any], around: _Surroundings) -> str:
    module = target.rpartition(":")[0] or target
    missing = message.get("missing")
    if message.get("type") == "NotFound":
        return f"cannot use {target}: {message.get('message')}"
    if missing and (module == missing or module.startswith(f"{missing}.")):
        return f"cannot import {module}: there is no module {missing!r} in {around.cwd} or {_shown(around)}"
    if missing:
        return f"cannot import {module}: {message.get('message')} (in {_shown(around)}); install it there"
    if message.get("type") == "SystemExit":
        return f"cannot import {module}: it {_called_exit(message)}{_place(message)}"
    return f"cannot import {module}: {_error(message)}{_place(message)}"


def _exit_words(target: str, message: Mapping[str, Any], _around: _Surroundings) -> str:
    return f"{target} {_called_exit(message)}{_place(message)}"


def _memory_words(target: str, message: Mapping[str, Any], around: _Surroundings) -> str:
    limit = around.limits.memory_bytes
    return f"{target} ran out of memory{f' (it may use {size(limit)})' if limit else ''}{_place(message)}"


def _answer_words(target: str, message: Mapping[str, Any], _around: _Surroundings) -> str:
    if "type" in message:
        return f"the answer of {target} cannot be written as JSON: {_error(message)}{_place(message)}"
    at = f" at {message['where']} of its answer" if message.get("where") else ""
    return f"{target} answered with {message.get('message')}{at}, which JSON cannot hold"


def _error_words(target: str, message: Mapping[str, Any], _around: _Surroundings) -> str:
    if message.get("type") == "Unusable":  # raised by what mlci itself serves saved models with: its text says all
        return f"{target}: {message.get('message')}"
    return f"{target} raised {_error(message)}{_place(message)}"


def _error(message: Mapping[str, Any]) -> str:
    text = message.get("message")
    return f"{message.get('type')}: {text}" if text else str(message.get("type"))


def _called_exit(message: Mapping[str, Any]) -> str:
    code = message.get("code")
    return f"called sys.exit({'' if code is None else repr(code)})"


def _place(message: Mapping[str, Any]) -> str:
    return f" ({message['where']})" if message.get("where") else ""


def _shown(around: _Surroundings) -> str:
    return shown(around.python, around.cwd)


def shown(path: Path, root: Path) -> str:
    """Return `path` as people write it: relative to `root` where it is below it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def worker_died(target: str, death: Death, output: str, *, python: Path, cwd: Path, ready: bool) -> WorkerFailed:
    """Return the failure of a call whose worker is no more; `output` is what it printed."""
    if not ready and death.kind == "exit":
        last = next((line for line in reversed(output.splitlines()) if line.strip()), "it printed nothing")
        text = f"{shown(python, cwd)} could not start the worker (exit code {death.returncode}): {last.strip()}"
        return WorkerFailed(text, kind="exit", details=output[-_DETAILS:])
    place = place_in_dump(output, cwd) if death.kind in ("signal", "timeout") else None
    at = f" ({place[0]}:{place[1]})" if place else ""
    return WorkerFailed(f"{target} {death.reason}{at}", kind=death.kind, details=output[-_DETAILS:])
