"""Configurations that were checked before, compiled: reading one costs a hundredth of checking it again.

An entry is `marshal` data of plain tuples in a folder that only the user can write. It holds the text that it was made
of, mlci's version and the age of the sources of its model, and counts only where all of them are the same.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mlci import __version__
from mlci.config.model import Config
from mlci.places import Key

_KEEP = 64


def get(raw: bytes) -> tuple[Config, Mapping[Key, int]] | None:
    """Return what `put` stored for this content, or None."""
    try:
        key, config, lines = marshal.loads((_folder() / _name(raw)).read_bytes())  # noqa: S302 - our own, see _folder
        return (_restore(config), lines) if key == _key(raw) else None
    except (OSError, ValueError, EOFError, TypeError, KeyError, AttributeError):
        return None


def put(raw: bytes, config: Config, lines: Mapping[Key, int]) -> None:
    """Store a checked configuration; a folder that cannot be written is no error."""
    with contextlib.suppress(OSError, ValueError):
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = folder / f"{_name(raw)}.{os.getpid()}"
        temporary.write_bytes(marshal.dumps((_key(raw), _plain(config), dict(lines))))
        temporary.replace(folder / _name(raw))
        _forget_oldest(folder)


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "mlci" / "config"
    if folder.exists() and hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise OSError("the cache folder belongs to someone else")
    return folder


def _name(raw: bytes) -> str:
    return f"{zlib.crc32(raw):08x}"


def _key(raw: bytes) -> tuple[bytes, str, tuple[int, int], tuple[int, ...]]:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return raw, __version__, sys.version_info[:2], tuple(source.stat().st_mtime_ns for source in sources)


def _forget_oldest(folder: Path) -> None:
    entries = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime)
    for entry in entries[:-_KEEP]:
        entry.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        return (
            "object",
            kind.__module__,
            kind.__name__,
            {f.name: _plain(getattr(value, f.name)) for f in fields(value)},
        )
    if isinstance(value, tuple):
        return ("tuple", tuple(_plain(item) for item in value))
    if isinstance(value, list):
        return ("list", tuple(_plain(item) for item in value))
    if isinstance(value, Mapping):
        return ("mapping", {key: _plain(item) for key, item in value.items()})
    return ("value", value)


def _restore(plain: Any) -> Any:
    kind, *rest = plain
    if kind == "object":
        module, name, attributes = rest
        return getattr(import_module(module), name)(**{key: _restore(item) for key, item in attributes.items()})
    if kind == "mapping":
        return {key: _restore(item) for key, item in rest[0].items()}
    if kind in ("tuple", "list"):
        items = (_restore(item) for item in rest[0])
        return tuple(items) if kind == "tuple" else list(items)
    return rest[0]
