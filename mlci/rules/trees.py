"""The files of a repository on both sides of a change: at the base as git keeps them, at the head as they lie there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol

from mlci.git import Repository
from mlci.locations import matches

LARGEST = 16 * 1024 * 1024
"""Bytes of the largest file that is looked into; of a larger one only its head is compared."""


class Tree(Protocol):
    """Files by their paths from the top of the repository, with `/` between folders."""

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, through links; None where there is none."""

    def matching(self, pattern: str) -> Sequence[str]:
        """Return the paths that a pattern stands for, sorted; `**` takes any number of folders."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disk:
    """The work tree: what the gates read."""

    top: Path

    def read(self, path: str) -> bytes | None:
        """Return the content of a file; None where there is none, or where it cannot be read."""
        try:
            with (self.top / path).open("rb") as file:
                return file.read(LARGEST + 1)
        except (OSError, ValueError):
            return None

    def matching(self, pattern: str) -> Sequence[str]:
        """Return the files that match, as the gates find them."""
        if not pattern or PurePosixPath(pattern).is_absolute():
            return ()
        try:
            found = [path for path in self.top.glob(pattern) if path.is_file()]
        except (ValueError, OSError):
            return ()
        return sorted(path.relative_to(self.top).as_posix() for path in found)


@dataclass(frozen=True, kw_only=True)
class Commit:
    """The files of a commit, out of git's objects: nothing is checked out."""

    repository: Repository
    commit: str
    _known: dict[str, bytes | None] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, through links inside the repository; None where there is none."""
        self.fetch((path,))
        return self._known[path]

    def fetch(self, paths: Iterable[str]) -> None:
        """Read several files in one process, for `read` to return."""
        wanted = [path for path in dict.fromkeys(paths) if path not in self._known]
        self._known.update(dict.fromkeys(wanted))
        named = [path for path in wanted if path and "\n" not in path and not path.startswith("../")]
        if not named:
            return
        sent = "".join(f"{self.commit}:{path}\n" for path in named).encode("utf-8", "surrogateescape")
        done = self.repository.run("cat-file", "--batch", "--follow-symlinks", sent=sent)
        self._known.update(zip(named, _contents(done.stdout), strict=False))

    def matching(self, pattern: str) -> Sequence[str]:
        """Return the files that match."""
        folder = posixpath.join(*_before_magic(pattern)) if _before_magic(pattern) else ""
        return sorted(path for path in self._below(folder) if matches(Path(pattern), Path(path)))

    def _below(self, folder: str) -> list[str]:
        where = ("--", f"{folder}/") if folder else ()
        done = self.repository.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.commit, *where)
        return [name.decode("utf-8", "surrogateescape") for name in done.stdout.split(b"\0") if name]

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The files that git takes for renamed on the way to the work tree: old path to new path."""
        done = self.repository.run(
            *("diff", "--name-status", "-M", "-z", "--diff-filter=R", "--no-ext-diff", "--ignore-submodules"),
            *(self.commit, "--"),
        )
        words = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        return dict(zip(words[1::3], words[2::3], strict=False))


def _contents(answer: bytes) -> Iterator[bytes | None]:
    """Yield what `git cat-file --batch` answered: a line about each object, its content behind it."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        *before, last = answer[at:end].split(b" ")
        at = end + 1
        if not last.isdigit():  # missing
            yield None
            continue
        size = int(last)  # of the content, or of what git says of a link that leads nowhere
        yield answer[at : at + min(size, LARGEST + 1)] if before[-1] == b"blob" else None
        at += size + 1


def _before_magic(pattern: str) -> list[str]:
    """Return the folders of a pattern that have no sign of one."""
    parts = PurePosixPath(pattern).parts[:-1]
    plain = next((at for at, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts))
    return list(parts[:plain])
