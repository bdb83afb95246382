"""The file store: aggregates in a JSON file, committed in git and read at the merge-base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mlci.baselines import file
from mlci.baselines.model import Computed
from mlci.baselines.stores import Setup, Tried
from mlci.errors import UsageError
from mlci.git import Repository
from mlci.results.model import Rung


def opened(setup: Setup) -> FileStore:
    """Return the store of the file that `path` names."""
    return FileStore(setup=setup)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStore:
    """A file of the repository; outside of one, the file on disk."""

    setup: Setup
    local: bool = True

    def look(self) -> Iterator[Tried]:
        """Read the file at the merge-base."""
        name, root = self.setup.settings.path, self.setup.root
        if self.setup.repository is None:
            yield _from_disk(root / name, name)
        elif self.setup.base.commit is not None:
            yield self._from_git(self.setup.repository, self.setup.base.commit)

    def _from_git(self, repository: Repository, commit: str) -> Tried:
        name = self.setup.settings.path
        source = f"{name} at {commit[:10]} ({self.setup.base.note})"
        try:
            inside = (self.setup.root / name).resolve().relative_to(repository.top.resolve()).as_posix()
        except ValueError:
            return Rung(source=source, found=False, note="the path leads out of the repository"), None
        raw = repository.read(commit, inside)
        if raw is None:
            return Rung(source=source, found=False, note="no such file at that commit"), None
        return _read(source, raw, name)


def _from_disk(path: Path, name: str) -> Tried:
    source = f"{name} on disk (not a git repository)"
    if not path.is_file():
        return Rung(source=source, found=False, note="no such file"), None
    return _read(source, path.read_bytes(), name)


def _read(source: str, raw: bytes, name: str) -> Tried:
    try:
        return Rung(source=source, found=True), Computed(stored=file.loads(raw, name), code=file.code_of(raw, name))
    except UsageError as error:
        return Rung(source=source, found=False, note=f"refused: {error}", broken=True), None
