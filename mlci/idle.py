"""Commit hooks with nothing to do: told from the compiled configuration, before it is built or a gate is imported.

Most commits touch nothing of a gate, and every one of them waits for its hooks. What is not certain here is left to
the command itself: options, a configuration that was not compiled, projects of Great Expectations, locks of DVC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from mlci.config import compiled
from mlci.config.finding import found, of_projects
from mlci.locations import stands_for

_LOCK = "dvc.lock"
"""It feeds what it names, which is not known without reading it."""


def is_idle(words: Sequence[str], folder: Path) -> bool:
    """Whether `mlci WORDS…` in `folder` is certain to be a gate of which none of the files named feeds anything."""
    gate, *names = words or ("",)
    if not names or any(name.startswith("-") or not (folder / name).exists() for name in names):
        return False
    config, files = found(folder), {(folder / name).resolve() for name in names}
    if config is None or any(file.name == _LOCK for file in files):
        return False
    return _feeds_nothing(config, gate, files)


def _feeds_nothing(config: Path, gate: str, files: Collection[Path]) -> bool:
    """Whether it is certain that none of `files` feeds the gate of a configuration, or that of one of its projects."""
    try:
        index = compiled.index(config.read_bytes())
    except OSError:
        return False
    if not index or gate not in index or config.resolve() in files:
        return False
    wanted = [(config.parent / path).resolve() for path in index[gate]]
    if any(stands_for(path, file) for path in wanted for file in files):
        return False
    parts = of_projects(config.parent, index.get("projects", ()))
    return all(part is not None and _feeds_nothing(part, gate, files) for _, part in parts)


def says(gate: str) -> str:
    """Return what a gate with nothing to do prints."""
    return f"mlci {gate}: none of these files feeds it\n"
