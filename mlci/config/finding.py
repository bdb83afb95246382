"""Where `mlci.yaml` is."""

from __future__ import annotations

from pathlib import Path

NAMES = ("mlci.yaml", "mlci.yml")


def found(start: Path) -> Path | None:
    """Return the `mlci.yaml` of `start` or of the nearest folder above it, up to the root of the git repository."""
    for folder in (start, *start.parents):
        for name in NAMES:
            if (folder / name).is_file():
                return folder / name
        if (folder / ".git").exists():
            break
    return None
