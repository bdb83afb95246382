"""The lines of a file that a change adds or changes: those that git would show with a `+`, staged or not.

One difference is taken, of the base commit and the work tree. Adding up the differences of index and work tree, as
other tools do, gives numbers of lines that belong to no state of the file.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.changed.diffing import PATCH, PINNED
from mlci.changed.files import pairs
from mlci.errors import CannotRun

if TYPE_CHECKING:
    from mlci.git import Repository

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_MOST_PATHS = 2_000
"""More names than this are not given to git, which then looks at every file."""
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedFile:
    """What a change did to a file that is there now."""

    lines: frozenset[int]
    """Its lines that are new or changed, from 1."""
    was: str | None = None
    """Its name at the base, where it had another one."""


def changed_lines(repository: Repository, base: str, wanted: Callable[[str], bool]) -> dict[str, ChangedFile]:
    """Return what changed since the commit `base` in the files that are `wanted`, by name relative to the top.

    Files that are not tracked count as if they were added; those that git ignores are no part of a change.

    Raises:
        CannotRun: git cannot tell.
    """
    with _with_untracked(repository, wanted) as whole:
        listed = [names for names in pairs(_asked(whole, *PINNED, "--name-status", "-z", base)) if names]
        chosen = {os.fsdecode(names[-1]): names for names in listed if wanted(os.fsdecode(names[-1]))}
        paths = [os.fsdecode(name) for names in chosen.values() for name in names]
        if not paths:
            return {}
        limited = ("--", *paths) if len(paths) <= _MOST_PATHS else ()
        added = added_lines(_asked(whole, *PINNED, *PATCH, base, *limited))
    return {
        name: ChangedFile(lines=added.get(name, frozenset()), was=os.fsdecode(names[0]) if len(names) > 1 else None)
        for name, names in chosen.items()
        if (repository.top / name).is_file()
    }


def added_lines(patch: bytes) -> dict[str, frozenset[int]]:
    """Return the numbers of the lines with a `+` in what `git diff -U0` printed, by the name of the file now."""
    found: dict[str, set[int]] = {}
    lines = iter(patch.split(b"\n"))
    name: str | None = None
    for line in lines:
        if line.startswith(b"diff --git "):
            name = None
        elif line.startswith(b"+++ "):
            name = _name(line[4:])
        elif hunk := _HUNK.match(line):
            start, gone, now = int(hunk[3]), _amount(hunk[2]), _amount(hunk[4])
            numbers = _hunk(lines, start, gone, now)
            if name is not None:
                found.setdefault(name, set()).update(numbers)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _hunk(lines: Iterator[bytes], start: int, gone: int, now: int) -> list[int]:
    """Take the lines of a hunk by their number, whatever they hold, and return those that are new."""
    numbers, at = [], start
    while gone > 0 or now > 0:
        sign = next(lines)[:1]
        if sign == b"+":
            numbers.append(at)
        at += sign in (b"+", b" ")
        now -= sign in (b"+", b" ")
        gone -= sign in (b"-", b" ")
    return numbers


def _amount(text: bytes | None) -> int:
    return 1 if text is None else int(text)


def _name(field: bytes) -> str | None:
    """Return the name in a line that begins with `+++ `; None where the file is gone.

    A name with a space ends in a tab, one with a quote or a control character is quoted as in C.
    """
    if field.startswith(b'"'):
        field = _ESCAPE.sub(_unescaped, field.rstrip(b"\t")[1:-1])
    elif field.endswith(b"\t"):
        field = field[:-1]
    return os.fsdecode(field[2:]) if field.startswith(b"b/") else None


def _unescaped(match: re.Match[bytes]) -> bytes:
    sign = match[1]
    return bytes([int(sign, 8)]) if len(sign) > 1 else _ESCAPES.get(sign, sign)


@contextmanager
def _with_untracked(repository: Repository, wanted: Callable[[str], bool]) -> Iterator[Repository]:
    """Give the repository as if the untracked files that are `wanted` were about to be added.

    That is noted in a copy of the index, so that git tells their lines, and their moves, as those of other files.
    """
    others = _asked(repository, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0")
    untracked = [name for name in others if name and wanted(os.fsdecode(name))]
    if not untracked:
        yield repository
        return
    with tempfile.TemporaryDirectory(prefix="mlci-index-") as folder:
        copied = replace(repository, environ={**repository.environ, **_copied(repository, Path(folder))})
        done = copied.run(
            *("--literal-pathspecs", "add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul"),
            sent=b"".join(name + b"\0" for name in untracked),
        )
        if done.returncode:
            raise _refused(done.stderr)
        yield copied


def _copied(repository: Repository, folder: Path) -> Mapping[str, str]:
    """Copy the index to `folder` and return the variables by which git uses it and writes nothing elsewhere."""
    index, objects = folder / "index", folder / "objects"
    objects.mkdir()
    paths = {name: _path(repository, name) for name in ("index", "objects")}
    if paths["index"].is_file():
        shutil.copyfile(paths["index"], index)
    return {
        "GIT_INDEX_FILE": str(index),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(paths["objects"]),
    }


def _path(repository: Repository, name: str) -> Path:
    told = _asked(repository, "rev-parse", "--git-path", name)
    return repository.top / os.fsdecode(told.removesuffix(b"\n"))


def _asked(repository: Repository, *arguments: str) -> bytes:
    done = repository.run(*arguments)
    if done.returncode:
        raise _refused(done.stderr)
    return done.stdout


def _refused(said: bytes) -> CannotRun:
    last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it does not say why"]
    return CannotRun(f"git cannot tell which lines changed: {last[0]}")
