"""Opening the vocabulary that a configuration names: in a worker, with the limits that it sets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from mlci.config.model import Config
from mlci.interpreter import Interpreter
from mlci.processes import Limits, worker_environment
from mlci.vocabulary import Vocabulary, of_modules
from mlci.vocabulary.host import InWorker


def opened(config: Config, *, root: Path, find_python: Callable[[], Interpreter]) -> Vocabulary:
    """Return the vocabulary of a project; its process is started when something is first asked of it."""
    from mlci.model.predictor import size

    own = config.own
    limits = Limits(timeout_s=own.timeout, memory_bytes=None if own.memory is None else size(own.memory))

    def environment(python: Interpreter) -> Mapping[str, str]:
        return worker_environment(os.environ, passed=config.worker_env, python=python.path)

    return of_modules(own.modules, InWorker(find_python, root=root, limits=limits, environment=environment))
