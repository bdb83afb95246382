"""Pointers of Git LFS in a commit, and the objects that they name, where they are on this machine."""

from __future__ import annotations

import re
from pathlib import Path

from mlci.git import Repository

LARGEST = 1024
"""A larger file is no pointer, by the specification of Git LFS."""
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/.*?^oid sha256:([0-9a-f]{64})$", re.DOTALL | re.MULTILINE
)


def read(repository: Repository, blob: str) -> str | None:
    """Return the SHA-256 that a blob points to; None where it is no pointer."""
    return oid_of(repository.run("cat-file", "blob", blob).stdout)


def oid_of(content: bytes) -> str | None:
    """Return the SHA-256 that the content of a pointer names; None where it is no pointer."""
    found = _POINTER.match(content)
    return found.group(1).decode() if found else None


def stored(repository: Repository, oid: str) -> Path | None:
    """Return the object of that SHA-256, where it was fetched."""
    common = repository.ask("rev-parse", "--git-common-dir")
    if common is None:
        return None
    folder = repository.top / common
    own = repository.ask("config", "--get", "lfs.storage")
    place = (folder / own if own else folder / "lfs") / "objects" / oid[:2] / oid[2:4] / oid
    return place if place.is_file() else None
