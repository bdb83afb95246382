"""Both sides of a change: the configuration and the files that it names, at the base and at the head."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from mlci.config.load import Loaded
from mlci.config.model import Config
from mlci.rules.trees import Commit, Disk, Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One side: a configuration, its folder, and the files around it."""

    loaded: Loaded
    tree: Tree
    folder: str
    """The folder of `mlci.yaml`, from the top of the repository; empty for the top itself."""

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.loaded.config

    def path(self, name: str) -> str:
        """Return the path from the top of the repository of a file that the configuration names."""
        return posixpath.normpath(posixpath.join(self.folder, name))

    def named(self, path: str) -> str:
        """Return what the configuration would call a file at `path` from the top of the repository."""
        return posixpath.relpath(path, self.folder or ".")

    def read(self, name: str) -> bytes | None:
        """Return the content of a file that the configuration names; None where there is none."""
        return self.tree.read(self.path(name))

    def matching(self, pattern: str) -> Sequence[str]:
        """Return the files, as the configuration would name them, that a name or a pattern stands for."""
        path = self.path(pattern)
        if self.tree.read(path) is not None:
            return (self.named(path),)
        return [self.named(found) for found in self.tree.matching(path)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """The base and the head."""

    base: Side
    head: Side
    commit: Commit
    """The tree of the base."""
    disk: Disk
    """The tree of the head."""

    def follow(self, name: str) -> str | None:
        """Return what the head calls a file that the base calls `name`; None where the head has it no more."""
        path = self.base.path(name)
        if self.disk.read(path) is not None:
            return self.head.named(path)
        renamed = self.commit.renamed.get(path)
        return None if renamed is None else self.head.named(renamed)

    def same_place(self, before: str, after: str) -> bool:
        """Whether two names are of one file, which git may have moved."""
        one, other = self.base.path(before), self.head.path(after)
        return one == other or self.moved(one) == other

    def moved(self, path: str) -> str | None:
        """Return where git moved a file, or every file below a folder."""
        if self.commit.read(path) is not None:
            return None if self.disk.read(path) is not None else self.commit.renamed.get(path)
        if (self.disk.top / path).exists():
            return None
        below = [(old, new) for old, new in self.commit.renamed.items() if old.startswith(f"{path}/")]
        places = {new.removesuffix(old[len(path) :]) for old, new in below if new.endswith(old[len(path) :])}
        return places.pop() if len(places) == 1 else None
