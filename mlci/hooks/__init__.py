"""Hooks about what a repository of machine learning must not hold: each looks at files and needs no `mlci.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlci.errors import Where
from mlci.registry import Registry


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One thing that must not be committed."""

    where: Where
    what: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}{f'. {self.fix}' if self.fix else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What the command line can say of a hook."""

    folder: Path
    """The working folder; messages name files relative to it."""
    max_mb: float = 5
    """The largest file that may lie in git itself, in megabytes."""
    keep_output: bool = False
    """Whether notebooks may hold outputs; errors never."""


Look = Callable[[Sequence[str], Options], Iterator[Found]]
"""Takes the names of files, relative to the folder of the options, and gives what it finds in them."""

HOOKS: Registry[Look] = Registry("hook", "mlci.hooks")


def hook(name: str) -> Callable[[Look], Look]:
    """Register a function as the hook called `name`."""
    return lambda look: HOOKS.register(name, look)
