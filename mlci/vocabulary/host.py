"""Where the functions of a project are called: in a worker, or in this process where that is the user's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from mlci.errors import CannotRun
from mlci.interpreter import Interpreter
from mlci.processes import Limits, Worker, WorkerFailed

_HOMES = {"measure": "plugin_metrics"}
"""The file of a function that is not in `plugin_worker`."""
_LIVING = frozenset({"exception", "system-exit", "not-json", "import"})
"""Failures after which the process still serves."""


class Host(Protocol):
    """Calls functions of the project."""

    root: Path
    """The folder that modules and files are looked for in."""

    def ask(self, by: str, target: str, *arguments: Any) -> Any:
        """Return what the worker's own function called `by` says of `target` and the arguments.

        Raises:
            CannotRun: the project's code failed, hung, died, or answered what makes no sense.
        """

    def close(self) -> None:
        """End what runs."""


class InWorker:
    """A worker under the project's interpreter, started when it is first asked; one that died is started anew.

    A function that did not answer in time is not waited for again: every further question to it gets that failure.
    """

    def __init__(
        self,
        find_python: Callable[[], Interpreter],
        *,
        root: Path,
        limits: Limits,
        environment: Callable[[Interpreter], Mapping[str, str]],
    ) -> None:
        self.root = root
        self._find_python = find_python
        self._limits = limits
        self._environment = environment
        self._worker: Worker | None = None
        self._over: dict[str, WorkerFailed] = {}

    def ask(self, by: str, target: str, *arguments: Any) -> Any:
        """Call a function of the project; see `Host`."""
        if over := self._over.get(target) or self._over.get(""):
            raise over
        try:
            return sensible(self._started().call(target, *arguments, by=f"{_home(by)}:{by}"), target)
        except WorkerFailed as failure:
            if failure.kind not in _LIVING:
                self.close()
            if failure.kind in {"timeout", "missing"}:
                self._over["" if failure.kind == "missing" else target] = failure
            raise

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.__exit__(None, None, None)
            self._worker = None

    def _started(self) -> Worker:
        if self._worker is None:
            python = self._find_python()
            worker = Worker(python, cwd=self.root, limits=self._limits, env=self._environment(python))
            self._worker = worker.__enter__()
        return self._worker


class Here:
    """This process: a notebook or a test, whose functions are called as they are.

    `functions` are those that were decorated in it, by target; any other is imported.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self.functions: dict[str, Callable[..., Any]] = {}

    def ask(self, by: str, target: str, *arguments: Any) -> Any:
        """Call a function; see `Host`. What mlci gathered is given in the same form as in the worker."""
        from mlci import worker

        helper = getattr(import_module(f"mlci.{_home(by)}"), by)
        try:
            function = self.functions.get(target) or worker.load(target, str(self.root))
        except Exception as error:
            raise CannotRun(f"cannot use {target}: {error}") from error
        try:
            answer = helper(function, *worker.encode(list(arguments)))
            return sensible(worker.encode(answer), target)
        except worker.NotJson as error:
            raise CannotRun(f"{target} was given or answered {error.what}, which JSON cannot hold") from error
        except CannotRun:
            raise
        except Exception as error:
            raise CannotRun(f"{target} raised {type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Nothing was started."""


def _home(by: str) -> str:
    return _HOMES.get(by, "plugin_worker")


def sensible(answer: Any, target: str) -> Any:
    """Return `answer`; raise `CannotRun` where it says that what `target` answered makes no sense."""
    if isinstance(answer, dict) and set(answer) == {"problem"}:
        raise CannotRun(f"{target} {answer['problem']}")
    return answer
