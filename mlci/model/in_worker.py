"""A model in a worker process: the project's own function, or a saved model that mlci's adapters load there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlci.config.models import Model
from mlci.model.serving import entry
from mlci.processes import Worker, WorkerFailed

_ENTRY = str(Path(entry.__file__).resolve())
_FATAL = frozenset({"import", "missing", "timeout"})
_ALIVE = frozenset({"exception", "system-exit", "not-json"})
"""How a call can fail that leaves the worker ready for the next one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What a worker is asked for."""

    shown: str
    """What messages call it."""
    target: str | None = None
    """`module:function`, where it is the project's own."""
    settings: Mapping[str, Any] | None = None
    """What the adapter of a saved model is told; its path is absolute."""

    @property
    def plain(self) -> dict[str, Any]:
        """The same as plain JSON, as `mlci.model.serving` takes it."""
        return {"target": self.target} if self.settings is None else {"artifact": dict(self.settings)}


def source_of(model: Model, root: Path) -> Source:
    """Return what the worker is asked for by the configuration of a model with `predict` or `artifact`."""
    saved = model.saved
    if saved is None:
        return Source(shown=model.predict or "", target=model.predict)
    settings = {**asdict(saved), "path": str((root / saved.path).absolute()), "shown": saved.path}
    return Source(shown=f"the model {saved.path}", settings=settings)


class InWorker:
    """Asks a model in a process, which is started with the first question.

    A process that dies is started anew for the next question, at most `restarts` times. After a time-out, or when
    the model cannot be loaded, every further question gets the same answer at once.
    """

    def __init__(self, source: Source, *, start: Callable[[], Worker], restarts: int = 3) -> None:
        self.source = source
        self.shown = source.shown
        self.restarts = restarts
        self.over: WorkerFailed | None = None
        self._start = start
        self._worker: Worker | None = None
        self._loaded = False

    def answers(self, batches: Iterable[list[Any]]) -> Iterator[Any]:
        """Give what the model says of each batch; raise `WorkerFailed` at the first one that fails."""
        for batch in batches:
            if self.source.target is not None:
                yield self._call(self.source.target, batch)
            else:
                self.load()
                yield self._call(f"{_ENTRY}:predict", self.source.plain, batch)

    def load(self) -> Mapping[str, Any]:
        """Load the model, unless that is done; return `{seconds, kind}`. A failure is final."""
        if self._loaded and self._worker is not None:
            return {}
        try:
            said: Mapping[str, Any] = self._call(f"{_ENTRY}:load", self.source.plain)
        except WorkerFailed as failure:
            if failure.kind in _ALIVE:
                self.over = failure
            raise
        self._loaded = True
        return said

    def time(self, batches: list[list[Any]], plan: Mapping[str, Any]) -> list[float]:
        """Return the seconds of each call over `batches`, measured in the process; see `serving.measuring`."""
        seconds: list[float] = self._call(f"{_ENTRY}:time_calls", self.source.plain, batches, dict(plan))["seconds"]
        return seconds

    def peak_memory(self) -> int | None:
        """Return the most bytes that the process has had in memory; None where the system does not tell."""
        found: int | None = self._call(f"{_ENTRY}:peak_memory")
        return found

    def surroundings(self) -> Mapping[str, Any]:
        """Return what predictions depend on beside files and inputs; see `serving.surroundings`."""
        found: Mapping[str, Any] = self._call(f"{_ENTRY}:surroundings")
        return found

    def close(self, *how: Any) -> None:
        """End the process; `how` is what `__exit__` of a context manager is given."""
        if self._worker is not None:
            self._worker.__exit__(*(how or (None, None, None)))
            self._worker = None
            self._loaded = False

    def _call(self, function: str, *arguments: Any) -> Any:
        if self.over is not None:
            raise self.over
        try:
            return self._started().call(function, *arguments, named=self.shown)
        except WorkerFailed as failure:
            self._note(failure)
            raise

    def _note(self, failure: WorkerFailed) -> None:
        if failure.kind in _FATAL or (failure.kind not in _ALIVE and not self.restarts):
            self.over = failure
        elif failure.kind not in _ALIVE:
            self.restarts -= 1
            self.close()

    def _started(self) -> Worker:
        if self._worker is None:
            self._worker = self._start().__enter__()
        return self._worker
