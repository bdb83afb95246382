from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlci.interpreter import Interpreter
from mlci.processes import Limits, Worker, worker_environment


@pytest.fixture
def python() -> Interpreter:
    return Interpreter(path=Path(sys.executable), why="the tests' own")


@pytest.fixture
def env(python: Interpreter) -> dict[str, str]:
    return worker_environment(os.environ, passed=(), python=python.path)


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes files, given as `name="text"` with `__` for a slash, and returns the project's root."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), "utf-8")
        return tmp_path

    return write


@pytest.fixture
def start(project, python: Interpreter, env: dict[str, str]) -> Iterator[Callable[..., Worker]]:
    """Starts a worker in a project whose module `user` holds the given code."""
    with contextlib.ExitStack() as stack:

        def started(code: str, *, timeout_s: float = 30, **limits: int) -> Worker:
            root = project(user=code)
            chosen = Limits(timeout_s=timeout_s, **limits)
            return stack.enter_context(Worker(python, cwd=root, limits=chosen, env=env))

        yield started


@pytest.fixture
def alive() -> Callable[[int], bool]:
    """Tells whether a process lives; one that has just been killed has a moment to go."""

    def look(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    def looked(pid: int) -> bool:
        deadline = time.monotonic() + 2
        while (living := look(pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return living

    return looked
