"""The rules of several projects as one: which of them there are, and what the configuration that lists them says."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlci.config.finding import NAMES
from mlci.results.rules import RuleChange
from mlci.rules.trees import Commit, Disk


def left_out(
    tree: Commit, disk: Disk, *, root: Path, listed: Sequence[str], known: Sequence[Path]
) -> Iterator[RuleChange]:
    """Yield the projects of the base that a run of the folder `root` leaves out.

    `listed` are the patterns that the base lists; without any, every `mlci.yaml` below `root` is a project. `known` are
    the configurations that the run is about; without a list, one that is still there counts as well.
    """
    top = disk.top
    inside = root.resolve().relative_to(top).as_posix()
    runs = {path.resolve().relative_to(top).as_posix() for path in known}
    for place in _places(tree, "" if inside == "." else inside, listed):
        moved = tree.renamed.get(place, place) if disk.read(place) is None else place
        if moved not in runs and (listed or disk.read(moved) is None):
            yield RuleChange(kind="deleted", what=f"project {posixpath.dirname(place) or '.'}")


def _places(tree: Commit, folder: str, listed: Sequence[str]) -> Iterator[str]:
    patterns = [posixpath.normpath(posixpath.join(folder, pattern)) for pattern in listed]
    for pattern in patterns or [posixpath.join(folder, "**")]:
        for name in NAMES:
            yield from tree.matching(f"{pattern}/{name}")
