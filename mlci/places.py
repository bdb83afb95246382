"""Places in a document: the path of a value, and the line that it stands on."""

from __future__ import annotations

from collections.abc import Mapping

from mlci.errors import Where

Key = tuple[str | int, ...]


def place(name: str, lines: Mapping[Key, int], key: Key) -> Where:
    """Return the place in file `name` of `key`, or of its nearest parent with a line."""
    return next(
        (Where(path=name, line=lines[key[:end]]) for end in range(len(key), -1, -1) if key[:end] in lines),
        Where(path=name),
    )


def dotted(key: Key) -> str:
    """Write a key as people do: `data.tags.expect[2]`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
