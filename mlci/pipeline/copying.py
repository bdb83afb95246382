"""A copy of a project: what git knows of it or does not ignore, and what the pipeline reads beside that."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from mlci.errors import CannotRun, Where
from mlci.git import Repository
from mlci.locations import is_pattern, stands_for

_NEVER = frozenset({".git", ".venv", "venv", "env", "node_modules", "__pycache__", "mlci-report", ".mlci-cache"})
"""Folders that are no part of a project that lies in no repository."""


def files_of(root: Path, repository: Repository | None, include: Sequence[str], where: Where) -> tuple[str, ...]:
    """Return the files of the project in `root`, relative to it, with slashes.

    Raises:
        CannotRun: something of `include` is not there.
    """
    known = _of_git(root, repository) if repository else _of_folder(root)
    also = [file for pattern in include for file in _included(root, pattern, where)]
    return tuple(dict.fromkeys([*known, *also]))


def _of_git(root: Path, repository: Repository) -> list[str]:
    listed = Repository(top=root, environ=repository.environ).run(
        "ls-files", "-z", "--cached", "--others", "--exclude-standard"
    )
    names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    return [file for name in dict.fromkeys(names) for file in _expanded(root, name)]


def _expanded(root: Path, name: str) -> Iterator[str]:
    """Give a file, or those below a folder, which is a submodule; nothing for one that was deleted."""
    path = root / name
    if path.is_dir() and not path.is_symlink():
        yield from (f"{name.rstrip('/')}/{below}" for below in _of_folder(path))
    elif os.path.lexists(path):
        yield name


def _of_folder(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - _NEVER)
        yield from (Path(folder, file).relative_to(root).as_posix() for file in sorted(files))


def _included(root: Path, pattern: str, where: Where) -> Iterator[str]:
    paths = sorted(root.glob(pattern)) if is_pattern(pattern) else [root / pattern]
    found = [file for path in paths for file in _expanded(root, path.relative_to(root).as_posix())]
    if not found:
        raise CannotRun(f"`include` names {pattern}, which is not there", where=where, fix="Fetch it, or correct it.")
    yield from found


def copied(root: Path, files: Sequence[str], folder: Path) -> None:
    """Copy `files` of `root` into `folder`; links stay links."""
    for name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target, follow_symlinks=False)


def differs(root: Path, files: Sequence[str], folder: Path) -> Iterator[str]:
    """Give the files that are no longer in `folder` as they are in `root`."""
    for name in files:
        before, now = root / name, folder / name
        if not os.path.lexists(now):
            yield name
        elif before.is_symlink() or now.is_symlink():
            if not (before.is_symlink() and now.is_symlink() and before.readlink() == now.readlink()):
                yield name
        elif not filecmp.cmp(before, now, shallow=False):
            yield name


def written(folder: Path, files: Sequence[str]) -> list[str]:
    """Return the files that are in `folder` beside `files`."""
    known = frozenset(files)
    found = (Path(place, name).relative_to(folder).as_posix() for place, _, names in os.walk(folder) for name in names)
    return sorted(set(found) - known)


def chosen(names: Sequence[str], pattern: str) -> list[str]:
    """Return those of `names` that a path, a folder or a pattern stands for."""
    wanted = Path(PurePosixPath(pattern))
    return [name for name in names if stands_for(wanted, Path(name))]


def ignored(root: Path, repository: Repository | None, names: Sequence[str]) -> frozenset[str]:
    """Return those of `names` that git would ignore in `root`; outside of a repository, what caches leave."""
    if repository is None:
        return frozenset(name for name in names if _NEVER & set(PurePosixPath(name).parts))
    sent = b"\0".join(os.fsencode(name) for name in names)
    told = Repository(top=root, environ=repository.environ).run(
        "check-ignore", "-z", "--stdin", "--no-index", sent=sent
    )
    return frozenset(os.fsdecode(name) for name in told.stdout.split(b"\0") if name)
