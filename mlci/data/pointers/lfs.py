"""What Git LFS says of a file: the pointer that git's index has in its place."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from mlci.data.assets import Asset
from mlci.data.pointers.dvc import Match, Mismatch
from mlci.data.sources.reading import LFS
from mlci.git import Repository

_CHUNK = 1024 * 1024
_LONGEST = 1024


def compared(path: Path, asset: Asset) -> Match | Mismatch | None:
    """Compare a file that is there with the pointer in git's index; None where git has none for it.

    git is only asked where attributes of the project name the filter of Git LFS.
    """
    repository = asset.context.repository
    if repository is None or not path.is_file() or not _is_tracked(path, repository):
        return None
    found = _pointer(path, repository)
    with path.open("rb") as file:
        if found is None or file.read(len(LFS)) == LFS:
            return None
    oid, size = found
    if path.stat().st_size == size and _sum(path) == oid:
        return Match(pointer=path)
    fix = f"Run `git add {path.name}` if the data is right, or `git lfs checkout {path.name}` if the pointer is."
    return Mismatch(path=path, pointer=path, fix=fix)


def _is_tracked(path: Path, repository: Repository) -> bool:
    for folder in path.resolve().parents:
        attributes = folder / ".gitattributes"
        if attributes.is_file() and b"filter=lfs" in attributes.read_bytes():
            return True
        if folder == repository.top.resolve():
            return False
    return False


def _pointer(path: Path, repository: Repository) -> tuple[str, int] | None:
    if not path.resolve().is_relative_to(repository.top.resolve()):
        return None
    name = path.resolve().relative_to(repository.top.resolve()).as_posix()
    done = repository.run("cat-file", "blob", f":{name}")
    text = done.stdout
    if done.returncode or len(text) > _LONGEST or not text.startswith(LFS):
        return None
    oid, size = re.search(rb"oid sha256:([0-9a-f]{64})", text), re.search(rb"size (\d+)", text)
    return (oid.group(1).decode(), int(size.group(1))) if oid and size else None


def _sum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
