"""The user's cache folder: what was compiled before, in entries that can be lost at any time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_KEEP = 64


def folder(kind: str) -> Path:
    """Return the folder of the entries of a kind; raise `OSError` where it is another user's."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = Path(base) / "mlci" / kind
    if place.exists() and hasattr(os, "getuid") and place.stat().st_uid != os.getuid():
        raise OSError("the cache folder belongs to someone else")
    return place


def read(kind: str, name: str) -> bytes | None:
    """Return what `write` stored, or None."""
    try:
        return (folder(kind) / name).read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        return None


def write(kind: str, name: str, content: bytes) -> None:
    """Store an entry and forget the oldest; a folder that cannot be written is no error."""
    with contextlib.suppress(OSError, RuntimeError):
        place = folder(kind)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = place / f"{name}.{os.getpid()}"
        temporary.write_bytes(content)
        temporary.replace(place / name)
        for entry in sorted(place.iterdir(), key=lambda entry: entry.stat().st_mtime)[:-_KEEP]:
            entry.unlink(missing_ok=True)
