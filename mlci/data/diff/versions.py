"""What stood at the base commit in place of a data file: the same, another version, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from mlci.data.diff import dvc, lfs
from mlci.errors import CannotRun
from mlci.git import Repository

_FIELDS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a file was at the base."""

    status: Literal["same", "other", "new", "lost", "outside"]
    """`lost`: it was another, and its content is not here. `outside`: git knows nothing of it."""
    note: str | None = None
    """What there is to say of it."""
    blob: str | None = None
    """The id of its content in git."""
    size: int = 0
    """How many bytes that has."""
    path: Path | None = None
    """The file with its content, where that is not in git."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Moved:
    """What git says of a path that differs from the base."""

    status: str
    old: str
    blob: str


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The files of a repository at the commit that the work tree is compared with."""

    repository: Repository
    commit: str

    @cached_property
    def top(self) -> Path:
        """The folder of the work tree."""
        return self.repository.top.resolve()

    @cached_property
    def _changed(self) -> Mapping[str, _Moved]:
        return self._raw("--no-renames")

    @cached_property
    def _renamed(self) -> Mapping[str, _Moved]:
        return self._raw("--find-renames")

    def _raw(self, renames: str) -> dict[str, _Moved]:
        """Return what differs from the base, by the path that it has now; raise `CannotRun` where git cannot tell."""
        form = ("--raw", "-z", "--no-abbrev", "--no-ext-diff", "--ignore-submodules", renames)
        done = self.repository.run("diff", *form, self.commit, "--")
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
            raise CannotRun(f"git cannot compare the work tree with {self.commit[:10]}: {said[-1]}")
        words = iter(done.stdout.decode("utf-8", "surrogateescape").split("\0"))
        found: dict[str, _Moved] = {}
        for head in words:
            told = head.lstrip(":").split(" ")
            if len(told) != _FIELDS:
                continue
            old = next(words)
            new = next(words) if told[4][:1] in {"R", "C"} else old
            found[new] = _Moved(status=told[4][:1], old=old, blob=told[2])
        return found

    def blob(self, path: str) -> str | None:
        """Return the id of what `path`, relative to the top, was at the base; None where it was no file."""
        line = self.repository.run("ls-tree", "-z", self.commit, "--", path).stdout.decode("utf-8", "replace")
        told = line.partition("\t")[0].split(" ")
        return told[2] if len(told) > 2 and told[1] == "blob" else None  # noqa: PLR2004 - mode, type, id

    def size(self, blob: str) -> int:
        """Return how many bytes a blob has."""
        return int(self.repository.ask("cat-file", "-s", blob) or 0)

    def of(self, path: Path) -> Version:
        """Return what the file at `path` was at the base."""
        try:
            inside = (path.parent.resolve() / path.name).relative_to(self.top).as_posix()
        except ValueError:
            return Version(status="outside")
        moved = self._changed.get(inside)
        if moved and moved.status != "A":
            return self.content(moved.blob)
        if not moved and self.blob(inside):
            return Version(status="same")
        pointed = self._pointed(inside)
        if pointed:
            return pointed
        renamed = self._renamed.get(inside) if moved else None
        if renamed and renamed.status == "R":
            return self.content(renamed.blob, note=f"`{renamed.old}` at the base")
        ignored = not moved and self.repository.run("check-ignore", "-q", "--", inside).returncode == 0
        return Version(status="outside") if ignored else Version(status="new", note="new: the base does not have it")

    def content(self, blob: str, note: str | None = None) -> Version:
        """Return the version whose content has the id `blob`, which may be a pointer of Git LFS."""
        size = self.size(blob)
        pointer = lfs.read(self.repository, blob) if size <= lfs.LARGEST else None
        if pointer is None:
            return Version(status="other", blob=blob, size=size, note=note)
        stored = lfs.stored(self.repository, pointer)
        if stored is None:
            return Version(status="lost", note="the base's data is not among the objects of Git LFS that are here")
        return Version(status="other", path=stored, note=note)

    def _pointed(self, inside: str) -> Version | None:
        """Return what a file that DVC tracks was at the base, by its pointers; None where none names it."""
        root = dvc.root_of(self.top, inside)
        if root is None:
            return None
        before = dvc.tracked(inside, self._text)
        now = dvc.tracked(inside, lambda path: _text_of(self.top / path))
        if before is None:
            return Version(status="new", note="new: the base does not have it") if now else None
        if now == before:
            return Version(status="same")
        stored = dvc.stored(root, before)
        if stored is None:
            return Version(status="lost", note="the base's data is not in the DVC cache; `dvc fetch` it at the base")
        return Version(status="other", path=stored)

    def _text(self, path: PurePosixPath) -> bytes | None:
        blob = self.blob(path.as_posix())
        done = self.repository.run("cat-file", "blob", blob) if blob else None
        return done.stdout if done and done.returncode == 0 else None


def _text_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None
