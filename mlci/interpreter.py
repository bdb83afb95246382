"""Find the interpreter of the project, which is never the one that mlci itself runs under unless it must be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A Python that runs the project's code."""

    path: Path
    """The executable."""
    why: str
    """How it was found, as `.venv in the project`."""
