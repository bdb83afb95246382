"""Where `mlci.yaml` is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = ("mlci.yaml", "mlci.yml")


def found(start: Path) -> Path | None:
    """Return the `mlci.yaml` of `start` or of the nearest folder above it, up to the root of the git repository."""
    for folder in (start, *start.parents):
        if (file := in_folder(folder)) is not None:
            return file
        if (folder / ".git").exists():
            break
    return None


def in_folder(folder: Path) -> Path | None:
    """Return the `mlci.yaml` of `folder` itself, or None."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def of_projects(root: Path, patterns: Sequence[str]) -> Iterator[tuple[int, Path | None]]:
    """Give the position of each of the `projects` of a configuration in `root`, with each `mlci.yaml` that it names.

    None comes for one that names no folder with a configuration.
    """
    for at, pattern in enumerate(patterns):
        folders = sorted(root.glob(pattern)) if set(pattern) & set("*?[") else [root / pattern]
        files = [in_folder(folder) for folder in folders if folder != root]
        yield from ((at, file) for file in files if file)
        if not any(files):
            yield at, None
