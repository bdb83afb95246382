"""Asking the project's model, in batches, wherever it runs; and preparing it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from mlci.config.models import Model
from mlci.errors import CannotRun, UsageError
from mlci.gates import Context
from mlci.model.endpoint import HttpModel
from mlci.model.in_worker import InWorker, source_of
from mlci.model.kept import Kept
from mlci.model.predictions import InvalidAnswer, Named, Prediction, check_one_kind, normalise
from mlci.processes import Limits, Worker, run_command, worker_environment
from mlci.sizes import bytes_of

_TAIL = 2000


class Predictor:
    """A model that can be asked; a context manager, since its process or its connections live as long as it does."""

    def __init__(self, model: Model, context: Context, *, restarts: int = 3) -> None:
        self.context = context
        self.backend = _backend(model, context, restarts)
        self.target = self.backend.shown
        self.batch_size = model.batch_size if model.endpoint is None else model.endpoint.batch_size
        self._kept = Kept(model, context) if model.cache and not context.at_base else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.backend.close(kind, error, trace)

    def ask(self, inputs: Sequence[Any], named: Named) -> tuple[Prediction, ...]:
        """Return the prediction for each input, cached where that is asked for.

        Raises `CannotRun` at the first batch that fails.
        """
        store = None if self._kept is None or not isinstance(self.backend, InWorker) else self._kept.store(self.backend)
        if store is None:
            return self.fresh(inputs, named)
        keys = store.keys(inputs)
        unknown = [at for at, key in enumerate(keys) if key not in store]
        said = self.fresh([inputs[at] for at in unknown], lambda at: named(unknown[at]))
        store.add({keys[at]: one for at, one in zip(unknown, said, strict=True)})
        predictions = tuple(store[key] for key in keys)
        check_one_kind(predictions, named)
        return predictions

    def ask_all(self, inputs: Sequence[Any]) -> tuple[Prediction, ...]:
        """Return the prediction for each of `inputs`, which messages call by their numbers."""
        return self.ask(inputs, named=lambda at: f"prediction {at + 1}")

    def fresh(self, inputs: Sequence[Any], named: Named, *, batch_size: int | None = None) -> tuple[Prediction, ...]:
        """Return the prediction that the model itself gives for each input; raise `CannotRun` where one fails."""
        size = batch_size or self.batch_size
        batches = [list(inputs[start : start + size]) for start in range(0, len(inputs), size)]
        predictions: list[Prediction] = []
        for batch, said in zip(batches, self.backend.answers(batches), strict=True):
            start = len(predictions)
            try:
                predictions += normalise(said, expected=len(batch), named=_after(start, named), said_by=self._who)
            except CannotRun as error:
                raise InvalidAnswer(error.what, fix=error.fix) from None
            if len(batches) > 1:
                self.context.progress(f"{self.target}: {len(predictions):,} of {len(inputs):,} predictions")
        try:
            check_one_kind(predictions, named)
        except CannotRun as error:
            raise InvalidAnswer(error.what, fix=error.fix) from None
        return tuple(predictions)

    @property
    def _who(self) -> str:
        """What messages about a wrong answer call the model."""
        own = isinstance(self.backend, InWorker) and self.backend.source.target is not None
        return "predict" if own else self.target


def _backend(model: Model, context: Context, restarts: int) -> InWorker | HttpModel:
    if model.endpoint is not None:
        return HttpModel(model.endpoint, environ=os.environ)
    limits = limits_of(model)

    def start() -> Worker:
        return Worker(context.python, cwd=context.root, limits=limits, env=environment(context))

    return InWorker(source_of(model, context.root), start=start, restarts=restarts)


def _after(start: int, named: Named) -> Named:
    return lambda at: named(start + at)


def environment(context: Context) -> Mapping[str, str]:
    """Return the variables that the project's code is given: no secrets."""
    kept = worker_environment(os.environ, passed=context.config.worker_env, python=context.python.path)
    return {**kept, **context.env}


def limits_of(model: Model) -> Limits:
    """Return the limits on the model's process."""
    return Limits(timeout_s=model.timeout, memory_bytes=None if model.memory is None else size(model.memory))


def size(text: str) -> int:
    """Return the bytes in `4GB`, `512 MiB` or `1000000`; raise `UsageError` for anything else."""
    found = bytes_of(text)
    if found is None:
        raise UsageError(f"a size is written as 4GB or 512MiB, not {text!r}")
    return found


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
