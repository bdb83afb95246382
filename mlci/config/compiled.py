"""Compiled configurations: an entry for each content, found without importing what it is made of.

An entry is `marshal` data in the user's own cache folder. It holds the text that it was made of, mlci's version and
the age of the sources of its model, and counts only where all of them are the same.
"""

from __future__ import annotations

import contextlib
import marshal
import sys
import zlib
from pathlib import Path
from typing import Any

from mlci import __version__, caching

KIND = "config"
Key = tuple[bytes, str, tuple[int, int], tuple[int, ...]]
Index = dict[str, tuple[str, ...]]
"""What feeds each gate: see `mlci.feeding.index`."""


def index(raw: bytes) -> Index | None:
    """Return the index that `put` stored for this content, or None."""
    entry = _entry(raw)
    return None if entry is None else entry[0]


def body(raw: bytes) -> Any:
    """Return the body that `put` stored for this content, or None."""
    entry = _entry(raw)
    return None if entry is None else marshal.loads(entry[1])  # noqa: S302 - our own, see `caching.folder`


def put(raw: bytes, index: Index, body: Any) -> None:
    """Store an index and a body, where they are of what `marshal` can write."""
    with contextlib.suppress(ValueError):
        # The body is data in data, so that whoever wants the index alone does not build the rest.
        key = _key(raw)
        caching.write(KIND, _name(key), marshal.dumps((key, index, marshal.dumps(body))))


def _entry(raw: bytes) -> tuple[Index, bytes] | None:
    expected = _key(raw)
    content = caching.read(KIND, _name(expected))
    try:
        key, index, body = marshal.loads(content or b"")  # noqa: S302 - our own, see `caching.folder`
    except (ValueError, EOFError, TypeError):
        return None
    return (index, body) if key == expected else None


def _name(key: Key) -> str:
    return f"{zlib.crc32(marshal.dumps(key)):08x}"  # of two versions of mlci on one machine, each keeps its own


def _key(raw: bytes) -> Key:
    here = Path(__file__).parent
    sources = [*sorted(here.glob("*.py")), here.with_name("feeding.py")]
    return raw, __version__, sys.version_info[:2], tuple(source.stat().st_mtime_ns for source in sources)
