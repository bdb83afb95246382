"""Which files a change touches: against the base commit, or those that a hook names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.changed.diffing import PINNED

if TYPE_CHECKING:
    from mlci.baselines.base import Base
    from mlci.git import Repository


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """The files that changed; None where that cannot be known, and then every condition is met."""

    paths: frozenset[str] | None
    """Relative to the folder of `mlci.yaml`, with forward slashes; those outside of it begin with `../`."""
    told: str
    """What they changed since, in words, or why that is not known."""


def among(root: Path, files: Iterable[Path]) -> Changed:
    """Return the files that a run is limited to as those that changed."""
    return Changed(paths=_relative(root, files), told="among the files named")


def since(root: Path, repository: Repository | None, base: Base) -> Changed:
    """Return the files that differ between `base` and the work tree, untracked ones that are not ignored among them.

    Of a file that moved both names count, and so do files that were deleted.
    """
    if repository is None or base.commit is None:
        return Changed(paths=None, told=base.note)
    listed = repository.run(*PINNED, "--name-status", "-z", base.commit)
    others = repository.run("ls-files", "-z", "--others", "--exclude-standard")
    if listed.returncode or others.returncode:
        return Changed(paths=None, told=f"git cannot tell what changed since {base.commit[:10]}")
    names = [*touched(listed.stdout), *others.stdout.split(b"\0")]
    top = repository.top.resolve()
    files = (top / os.fsdecode(name) for name in names if name)
    return Changed(paths=_relative(root, files), told=f"since {base.commit[:10]} ({base.note})")


def _relative(root: Path, files: Iterable[Path]) -> frozenset[str]:
    home = root.resolve()
    return frozenset(Path(os.path.relpath(file, home)).as_posix() for file in files)


def touched(listed: bytes) -> Sequence[bytes]:
    """Return every name in what `git diff --name-status -z` printed."""
    return [name for names in pairs(listed) for name in names]


def pairs(listed: bytes) -> Sequence[tuple[bytes, ...]]:
    """Return the names of each entry that `git diff --name-status -z` printed: two where a file moved."""
    fields = iter(listed.split(b"\0"))
    return [(next(fields), next(fields)) if status[:1] in b"RC" else (next(fields),) for status in fields if status]
