"""The folder store: a bundle for each commit in a folder outside of git, as on a disk that runners share."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mlci.baselines.archive import MOST_BYTES
from mlci.baselines.stores import Setup, Tried
from mlci.baselines.stores.shelf import SUFFIX, WITHOUT_LEG, commits_in, folder_of, look, oldest
from mlci.errors import CannotRun


def opened(setup: Setup) -> FolderStore:
    """Return the store in the folder that `folder` names."""
    name = setup.settings.folder or "."
    return FolderStore(setup=setup, name=f"folder {name}", top=setup.root / name)


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderStore:
    """A folder with a folder for each project and a file for each commit in it."""

    setup: Setup
    name: str
    top: Path
    local: bool = True

    @property
    def folder(self) -> Path:
        """The project's own folder."""
        return self.top / folder_of(self.setup)

    def look(self) -> Iterator[Tried]:
        """Try the nearest commit; for a leg of a matrix its own, and then what was saved without a leg."""
        yield from look(self, self.setup, self.name)
        if self.setup.leg is not None:
            yield from replace(self, setup=replace(self.setup, leg=None), name=f"{self.name}{WITHOUT_LEG}").look()

    def commits(self) -> Collection[str]:
        """Return the commits that have a file."""
        self._refuse_committed()
        try:
            return commits_in([path.name for path in self.folder.iterdir()]) if self.folder.is_dir() else ()
        except OSError as error:
            raise CannotRun(f"cannot be read: {error.strerror}") from error

    def read(self, commit: str) -> bytes:
        """Return the file of a commit."""
        try:
            with (self.folder / f"{commit}{SUFFIX}").open("rb") as file:
                return file.read(MOST_BYTES + 1)
        except OSError as error:
            raise CannotRun(f"cannot be read: {error.strerror}") from error

    def save(self, data: bytes, commit: str) -> str:
        """Write the file whole or not at all, and remove the oldest."""
        self._refuse_committed()
        path = self.folder / f"{commit}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(path, data)
            self._forget(commit)
        except OSError as error:
            raise CannotRun(f"the baseline cannot be written to {self.folder}: {error.strerror}") from error
        return str(path)

    def _forget(self, just: str) -> None:
        written = {}
        for commit, name in commits_in([path.name for path in self.folder.iterdir()]).items():
            with contextlib.suppress(FileNotFoundError):  # another writer was faster
                written[commit] = (self.folder / name).stat().st_mtime
        for commit in oldest(written, keep=self.setup.settings.keep, just=just, pinned=self.setup.pinned):
            (self.folder / f"{commit}{SUFFIX}").unlink(missing_ok=True)

    def _refuse_committed(self) -> None:
        """A baseline that comes with the change could say whatever its author wants."""
        repository = self.setup.repository
        try:
            inside = repository and self.top.resolve().relative_to(repository.top.resolve()).as_posix()
        except ValueError:
            return
        if repository and repository.ask("ls-files", "--", f":(top,literal){inside}"):
            fix = "Keep it out of git, or use the file store, which reads it at the merge-base."
            raise CannotRun(f"{inside} is committed in git, so a change could edit its own baseline", fix=fix)


def _write(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
