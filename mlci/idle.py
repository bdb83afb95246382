"""Commit hooks with nothing to do: told from the compiled configuration, before it is built or a gate is imported.

Most commits touch nothing of a gate, and every one of them waits for its hooks. What is not certain here is left to
the command itself: options, a configuration that was not compiled, projects of Great Expectations, locks of DVC.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mlci.config import compiled
from mlci.config.finding import found
from mlci.locations import stands_for

_LOCK = "dvc.lock"
"""It feeds what it names, which is not known without reading it."""


def is_idle(words: Sequence[str], folder: Path) -> bool:
    """Whether `mlci WORDS…` in `folder` is certain to be a gate of which none of the files named feeds anything."""
    gate, *names = words or ("",)
    if not names or any(name.startswith("-") or not (folder / name).exists() for name in names):
        return False
    config = found(folder)
    try:
        index = compiled.index(config.read_bytes()) if config else None
    except OSError:
        return False
    files = {(folder / name).resolve() for name in names}
    if not config or not index or gate not in index or config.resolve() in files:
        return False
    if any(file.name == _LOCK for file in files):
        return False
    wanted = [(config.parent / path).resolve() for path in index[gate]]
    return not any(stands_for(path, file) for path in wanted for file in files)


def says(gate: str) -> str:
    """Return what a gate with nothing to do prints."""
    return f"mlci {gate}: none of these files feeds it\n"
