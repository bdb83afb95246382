"""One run of a pipeline: its commands in turn, in a copy of the project."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlci.config.pipeline import Pipeline
from mlci.interpreter import Interpreter
from mlci.processes import Ended, Limits, run_command
from mlci.sizes import bytes_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How a run of a pipeline ended."""

    folder: Path
    """The copy that it ran in."""
    files: tuple[str, ...]
    """What was copied, relative to the project."""
    command: str
    """The command that it ended with."""
    ended: Ended
    duration_s: float

    @property
    def is_done(self) -> bool:
        """Whether every command ended with 0."""
        return self.ended.returncode == 0


def run_in(
    folder: Path,
    pipeline: Pipeline,
    *,
    files: tuple[str, ...],
    python: Interpreter,
    env: Mapping[str, str],
    progress: Callable[[str], None],
) -> Ran:
    """Run the commands of `pipeline` in `folder` until one fails; the time limit is one for all of them."""
    left, spent = pipeline.timeout, 0.0
    memory = bytes_of(pipeline.memory) if pipeline.memory else None
    given = {**env, "MLCI_SEED": str(pipeline.seed), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": _path(folder)}
    for command in pipeline.commands:
        progress(f"pipeline: {command}")
        ended = run_command(
            _words(command, pipeline.seed, python),
            python=python,
            cwd=folder,
            limits=Limits(timeout_s=max(left - spent, 0.1), memory_bytes=memory),
            env=given,
            progress=lambda line: progress(f"pipeline: {line}"),
        )
        spent += ended.duration_s
        if ended.returncode != 0:
            break
    return Ran(folder=folder, files=files, command=command, ended=ended, duration_s=spent)


def _words(command: str, seed: int, python: Interpreter) -> Sequence[str]:
    """Return the words of a command; its `python` is the project's."""
    first, *rest = (word.replace("{seed}", str(seed)) for word in shlex.split(command))
    return [str(python.path) if first in ("python", "python3") else first, *rest]


def _path(folder: Path) -> str:
    """Return where the copy is imported from, before an installation of the project that names the original."""
    return os.pathsep.join(str(place) for place in (folder / "src", folder) if place.is_dir())
