"""The command that installs packages for a project, in the words of the tool that keeps its environment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

_OF_LOCK = (
    ("uv.lock", ("uv", "add", "--dev")),
    ("poetry.lock", ("poetry", "add", "--group", "dev")),
    ("pdm.lock", ("pdm", "add", "--dev", "--group", "test")),
    ("Pipfile.lock", ("pipenv", "install", "--dev")),
    ("pixi.lock", ("pixi", "add")),
)
"""A file that a tool keeps beside the project, and its command."""


def install_command(names: Sequence[str], *, root: Path, python: Path, shown: str, pip: bool) -> str:
    """Return the command that installs `names` for the project in `root`, for a shell.

    `shown` is what the interpreter at `python` is called there, `pip` whether it has pip.
    """
    start = _of_lock(root) or _of_conda(python) or ([shown, "-m", "pip", "install"] if pip else None)
    return shlex.join([*(start or ["uv", "pip", "install", "--python", shown]), *names])


def _of_lock(root: Path) -> list[str] | None:
    found = next((command for file, command in _OF_LOCK if (root / file).is_file()), None)
    return list(found) if found else None


def _of_conda(python: Path) -> list[str] | None:
    """Return conda's command where `python` lies in an environment of conda's."""
    folder = next((each for each in (python.parent, python.parent.parent) if (each / "conda-meta").is_dir()), None)
    return ["conda", "install", "--prefix", str(folder)] if folder else None
