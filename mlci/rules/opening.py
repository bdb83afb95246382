"""Find and read the configuration of the base: the one that stood where the head's stands, or that git moved there."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mlci.config import cache
from mlci.config.finding import NAMES
from mlci.config.load import Loaded
from mlci.config.model import Config
from mlci.errors import CannotRun, UsageError
from mlci.git import Repository
from mlci.places import Key
from mlci.rules.sides import Side, Sides
from mlci.rules.trees import Commit, Disk


class BrokenBaseError(CannotRun):
    """The base has a configuration that cannot be read."""


def sides_of(loaded: Loaded, repository: Repository, commit: str) -> Sides | None:
    """Return both sides of a change; None where the base has no configuration for it.

    Raises:
        BrokenBaseError: the base has one that cannot be read.
    """
    top = repository.top.resolve()
    try:
        inside = loaded.path.parent.resolve().relative_to(top).as_posix()
    except ValueError:  # the configuration lies outside of the repository
        return None
    folder = "" if inside == "." else inside
    tree, disk = Commit(repository=repository, commit=commit), Disk(top=top)
    path = _path_at_base(tree, disk, posixpath.join(folder, loaded.path.name))
    if path is None:
        return None
    base = Side(loaded=_read(tree, path, loaded), tree=tree, folder=posixpath.dirname(path))
    return Sides(base=base, head=Side(loaded=loaded, tree=disk, folder=folder), commit=tree, disk=disk)


def _path_at_base(tree: Commit, disk: Disk, path: str) -> str | None:
    """Return where the base has its configuration: there, under the other name, where git moved it from, or above."""
    folder = posixpath.dirname(path)
    beside = [posixpath.join(folder, name) for name in NAMES if name != posixpath.basename(path)]
    for place in (path, *beside):
        if tree.read(place) is not None:
            return place
    from_there = next((old for old, new in tree.renamed.items() if new == path), None)
    return from_there or _gone_above(tree, disk, folder)


def _gone_above(tree: Commit, disk: Disk, folder: str) -> str | None:
    """Return a configuration of the base in this folder or above it, or anywhere, that the head has no more."""
    for name in NAMES:
        for place in tree.matching(f"**/{name}"):
            above = posixpath.dirname(place)
            related = (
                above in ("", folder)
                or folder.startswith(f"{above}/")
                or above.startswith(f"{folder}/" if folder else "")
            )
            if related and disk.read(place) is None:
                return place
    return None


def _read(tree: Commit, path: str, loaded: Loaded) -> Loaded:
    name, raw = posixpath.basename(path), tree.read(path) or b""
    try:
        config, lines = cache.get(raw) or _checked(raw, name)
    except UsageError as error:
        says = str(error).splitlines()[0]
        raise BrokenBaseError(f"the rules of the base cannot be read: {says}") from error
    return replace(loaded, path=Path(path), name=name, config=config, lines=lines)


def _checked(raw: bytes, name: str) -> tuple[Config, Mapping[Key, int]]:
    from mlci.config.check import check

    found = check(raw, name)
    cache.put(raw, *found)
    return found
