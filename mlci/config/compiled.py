"""The folder of compiled configurations: an entry for each content, found without importing what it is made of.

An entry is `marshal` data in a folder that only the user can write. It holds the text that it was made of, mlci's
version and the age of the sources of its model, and counts only where all of them are the same.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import zlib
from pathlib import Path
from typing import Any

from mlci import __version__

_KEEP = 64
Index = dict[str, tuple[str, ...]]
"""What feeds each gate: see `mlci.feeding.index`."""


def index(raw: bytes) -> Index | None:
    """Return the index that `put` stored for this content, or None."""
    entry = _entry(raw)
    return None if entry is None else entry[0]


def body(raw: bytes) -> Any:
    """Return the body that `put` stored for this content, or None."""
    entry = _entry(raw)
    return None if entry is None else marshal.loads(entry[1])  # noqa: S302 - our own, see `folder`


def put(raw: bytes, index: Index, body: Any) -> None:
    """Store an index and a body, of what `marshal` can write; a folder that cannot be written is no error."""
    with contextlib.suppress(OSError, ValueError):
        place = folder()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = place / f"{_name(raw)}.{os.getpid()}"
        # The body is data in data, so that whoever wants the index alone does not build the rest.
        temporary.write_bytes(marshal.dumps((_key(raw), index, marshal.dumps(body))))
        temporary.replace(place / _name(raw))
        _forget_oldest(place)


def folder() -> Path:
    """Return the folder of the entries; raise `OSError` where it is another user's."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = Path(base) / "mlci" / "config"
    if place.exists() and hasattr(os, "getuid") and place.stat().st_uid != os.getuid():
        raise OSError("the cache folder belongs to someone else")
    return place


def _entry(raw: bytes) -> tuple[Index, bytes] | None:
    try:
        key, index, body = marshal.loads((folder() / _name(raw)).read_bytes())  # noqa: S302 - our own, see `folder`
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return (index, body) if key == _key(raw) else None


def _name(raw: bytes) -> str:
    return f"{zlib.crc32(raw):08x}"


def _key(raw: bytes) -> tuple[bytes, str, tuple[int, int], tuple[int, ...]]:
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), here.with_name("feeding.py")]
    return raw, __version__, sys.version_info[:2], tuple(source.stat().st_mtime_ns for source in sources)


def _forget_oldest(place: Path) -> None:
    entries = sorted(place.iterdir(), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[:-_KEEP]:
        entry.unlink(missing_ok=True)
