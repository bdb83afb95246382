"""Asking the project's model: in a worker, in batches, with limits."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from mlci.config.models import Model
from mlci.errors import UsageError
from mlci.gates import Context
from mlci.model.predictions import Named, Prediction, check_one_kind, normalise
from mlci.processes import Limits, Worker, WorkerFailed, run_command, worker_environment

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.IGNORECASE)
_FATAL = frozenset({"import", "missing", "timeout"})
_TAIL = 2000


class Predictor:
    """A model behind `predict: module:function`; a context manager, since the process lives as long as it does.

    A process that dies is started anew for the next question, at most `restarts` times. After a time-out, or when
    the function cannot be imported, every further question gets the same answer at once.
    """

    def __init__(self, model: Model, context: Context, *, restarts: int = 3) -> None:
        self.target = model.predict or ""
        self.batch_size = model.batch_size
        self.context = context
        self.limits = limits_of(model)
        self.restarts = restarts
        self.over: WorkerFailed | None = None
        self._worker: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(kind, error, trace)

    def ask(self, inputs: Sequence[Any], named: Named) -> tuple[Prediction, ...]:
        """Return the prediction for each input; raise `CannotRun` at the first batch that fails."""
        predictions: list[Prediction] = []
        for start in range(0, len(inputs), self.batch_size):
            batch = list(inputs[start : start + self.batch_size])
            predictions += normalise(self._call(batch), expected=len(batch), named=_after(start, named))
            if len(inputs) > self.batch_size:
                self.context.progress(f"{self.target}: {len(predictions):,} of {len(inputs):,} predictions")
        check_one_kind(predictions, named)
        return tuple(predictions)

    def _call(self, batch: list[Any]) -> Any:
        if self.over is not None:
            raise self.over
        try:
            return self._started().call(self.target, batch)
        except WorkerFailed as failure:
            if failure.kind in _FATAL or (
                failure.kind not in ("exception", "system-exit", "not-json") and not self.restarts
            ):
                self.over = failure
            elif failure.kind not in ("exception", "system-exit", "not-json"):
                self.restarts -= 1
                self._close(None, None, None)
            raise

    def _started(self) -> Worker:
        if self._worker is None:
            python = self.context.python
            worker = Worker(python, cwd=self.context.root, limits=self.limits, env=environment(self.context))
            self._worker = worker.__enter__()
        return self._worker

    def _close(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._worker is not None:
            self._worker.__exit__(kind, error, trace)
            self._worker = None


def _after(start: int, named: Named) -> Named:
    return lambda at: named(start + at)


def environment(context: Context) -> Mapping[str, str]:
    """Return the variables that the project's code is given: no secrets."""
    return worker_environment(os.environ, passed=context.config.worker_env, python=context.python.path)


def limits_of(model: Model) -> Limits:
    """Return the limits on the model's process."""
    return Limits(timeout_s=model.timeout, memory_bytes=None if model.memory is None else size(model.memory))


def size(text: str) -> int:
    """Return the bytes in `4GB`, `512 MiB` or `1000000`; raise `UsageError` for anything else."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"`memory` is a size as 4GB or 512MiB, not {text!r}")
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** " KMGT".index(match[2].upper() or " "))


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """Why a command failed, and the end of what it printed."""

    reason: str
    output: str = ""


def prepare(model: Model, context: Context) -> Failed | None:
    """Run the command that fetches or trains the model, in the project's root; return why it failed, if it did.

    A command in one text is split as a shell would split it, and no shell runs it.
    """
    try:
        argv = shlex.split(model.prepare) if isinstance(model.prepare, str) else list(model.prepare or ())
    except ValueError as error:
        raise UsageError(f"`prepare` cannot be split into words: {error}") from None
    if not argv:
        raise UsageError("`prepare` is empty: name the command that fetches or trains the model")
    shown = shlex.join(argv)
    context.progress(f"running {shown}")
    ended = run_command(
        argv, python=context.python, cwd=context.root, limits=limits_of(model), env=environment(context),
        progress=context.progress,
    )  # fmt: skip
    output = (ended.stdout + ended.stderr).strip()[-_TAIL:]
    if ended.kind != "exit":
        return Failed(reason=f"`{shown}` {ended.reason}", output=output)
    if ended.returncode:
        last = output.splitlines()[-1] if output else "it printed nothing"
        return Failed(reason=f"`{shown}` ended with exit code {ended.returncode}: {last}", output=output)
    return None
