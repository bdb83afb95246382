"""The pipelines of one run of the gates: each is run once for all that ask, and its copy stays until the end."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.pipeline.copying import copied, files_of
from mlci.pipeline.running import Ran, run_in
from mlci.processes import worker_environment

if TYPE_CHECKING:
    from mlci.gates import Context


class Pipelines:
    """The pipelines of a run, each run once for all that ask, in folders that go with `close`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ran: dict[str, Ran] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def run(self, name: str) -> Ran:
        """Return how the pipeline called `name` ended.

        Raises:
            MlciError: it cannot be run.
        """
        if name not in self._ran:
            self._ran[name] = self.again(name)
        return self._ran[name]

    def again(self, name: str) -> Ran:
        """Run the pipeline called `name` in a fresh copy."""
        context, pipeline = self._context, self._context.config.pipeline[name]
        where = context.where("pipeline", name, "include")
        files = files_of(context.root, context.repository, pipeline.include, where)
        folder = Path(tempfile.mkdtemp(dir=self._home(), prefix="run-")) / context.root.resolve().name
        copied(context.root, files, folder)
        env = worker_environment(os.environ, passed=context.config.worker_env, python=context.python.path)
        return run_in(folder, pipeline, files=files, python=context.python, env=env, progress=context.progress)

    def _home(self) -> str:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mlci-pipeline-")
        return self._folder.name

    def close(self) -> None:
        """Remove the folders."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
