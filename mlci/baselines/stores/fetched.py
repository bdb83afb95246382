"""Copies of baselines that `mlci baseline fetch` brought: for commit hooks, and for runs that hold no token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlci.baselines.stores import Setup, Tried
from mlci.baselines.stores.folder import FolderStore

FOLDER = ".mlci-cache/baselines"


def opened(setup: Setup) -> Fetched:
    """Return the copies in `.mlci-cache`."""
    return Fetched(folder=FolderStore(setup=setup, name="copy made by `mlci baseline fetch`", top=setup.root / FOLDER))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A folder store that is not spoken of where it has nothing."""

    folder: FolderStore
    local: bool = True

    def look(self) -> Iterator[Tried]:
        """Try the nearest commit."""
        if self.folder.folder.is_dir():
            yield from self.folder.look()

    def save(self, data: bytes, commit: str) -> str:
        """Keep a copy, in a folder that git ignores."""
        where = self.folder.save(data, commit)
        (self.folder.setup.root / ".mlci-cache" / ".gitignore").write_text("*\n", encoding="utf-8")
        return where
