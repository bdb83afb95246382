"""Find the interpreter of the project, which is never the one that mlci itself runs under unless it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A Python that runs the project's code."""

    path: Path
    """The executable."""
    why: str
    """How it was found, as `.venv in the project`."""


def find(root: Path, *, configured: str | None, environ: Mapping[str, str]) -> Interpreter:
    """Return the project's interpreter: the `configured` one, or the first that runs of the places where it may be.

    The places, in order: the active virtual environment; `UV_PROJECT_ENVIRONMENT`, `.venv` (a folder, or a file that
    holds its path), `venv`, `env`, pixi's and PDM's in `root` and above it in its repository; Poetry's, Pipenv's and
    Hatch's where the project uses them; the active conda environment; the one that mlci is installed in, where it
    holds more than mlci; pyenv's; the first on PATH. An environment made for mlci alone, as that of a hook, is passed
    over and taken only where there is nothing else.

    Raises `UsageError` where the configured one is missing or does not run, `CannotRun` where none is found.
    """
    from mlci.environments import Own, choose, configured_interpreter

    root = root.absolute()
    if configured is not None:
        path, why = configured_interpreter(root, configured, environ)
    else:
        path, why = choose(root, environ, Own.of_this_process())
    return Interpreter(path=path, why=why)
