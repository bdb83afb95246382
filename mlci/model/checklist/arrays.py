"""Values of a suite as plain JSON: NumPy's arrays and numbers are read from their bytes, without NumPy."""

from __future__ import annotations

import struct
from typing import Any

from mlci.model.checklist.values import Made, RefusedError

MOST = 10_000_000
"""At most so many values are read out of one pickle: few bytes can name the same list again and again."""
_DEEPEST = 50
_LARGEST = 1 << 64
_FORMATS = {
    "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e",
    "f4": "f", "f8": "d",
}  # fmt: skip


class Unreadable(RefusedError):  # noqa: N818 - what it says is not an error of the program
    """A value that cannot stand in a suite."""


def plain(value: Any, *, room: list[int] | None = None, depth: int = 0) -> Any:
    """Return `value` as plain JSON, tuples as lists.

    Raises `Unreadable` for what is no data, such as a record of a call, and for more values than fit.
    """
    room = [MOST] if room is None else room
    room[0] -= 1
    if depth > _DEEPEST or room[0] < 0:
        raise Unreadable("the suite holds values that are nested too deeply or too many")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise Unreadable("a whole number is too large")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [plain(one, room=room, depth=depth + 1) for one in value]
    if isinstance(value, dict):
        return {_key(name): plain(one, room=room, depth=depth + 1) for name, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(one, room=room, depth=depth + 1) for one in value), key=str)
    if isinstance(value, Made) and value.maker.module.startswith("numpy"):
        return plain(_numpy(value), room=room, depth=depth + 1)
    raise Unreadable(f"a value is no data: {value.maker if isinstance(value, Made) else type(value).__name__}")


def _key(name: Any) -> Any:
    if isinstance(name, str | bool | int | float):
        return name
    raise Unreadable("a key of a mapping is no text and no number")


def _numpy(value: Made) -> Any:
    try:
        if value.maker.name == "scalar":
            kind, raw = value.arguments
            return raw if not isinstance(raw, bytes) else _items(_kind(kind), raw, 1)[0]
        if value.maker.name == "_reconstruct" and isinstance(value.state, tuple):
            _version, shape, kind, fortran, raw = value.state
            return _shaped(shape, kind, raw, columns_first=fortran)
    except (ValueError, TypeError, IndexError, struct.error, UnicodeError) as error:
        raise Unreadable(f"an array cannot be read: {error}") from None
    raise Unreadable("an array is written in a way that is not known")


def _shaped(shape: tuple[int, ...], kind: Any, raw: Any, *, columns_first: bool) -> Any:
    if columns_first and len(shape) > 1:
        raise Unreadable("an array lies in columns")
    size = 1
    for side in shape:
        size *= side
    if size > MOST:
        raise Unreadable("an array is too large")
    items = list(raw) if isinstance(raw, list) else _items(_kind(kind), raw, size)
    for side in reversed(shape[1:]):
        items = [items[at : at + side] for at in range(0, len(items), side or 1)]
    return items if shape else items[0]


def _kind(dtype: Any) -> tuple[str, str]:
    """Return a data type as its order of bytes and its name, as `<` and `i8`."""
    if not isinstance(dtype, Made) or dtype.maker.name != "dtype" or not isinstance(dtype.arguments[0], str):
        raise ValueError("its type is not known")
    state = dtype.state if isinstance(dtype.state, tuple) else (3, "<")
    return (">" if state[1] == ">" else "<"), dtype.arguments[0].lstrip("<>|=")


def _items(kind: tuple[str, str], raw: bytes, size: int) -> list[Any]:
    order, name = kind
    if name[0] == "U":
        encoding = "utf-32-be" if order == ">" else "utf-32-le"
        return [text.decode(encoding).rstrip("\0") for text in _cut(raw, 4 * int(name[1:]), size)]
    if name[0] == "S":
        return [text.rstrip(b"\0").decode("utf-8") for text in _cut(raw, int(name[1:]), size)]
    if name not in _FORMATS:
        raise ValueError(f"its type is {name}")
    return list(struct.unpack(f"{order}{size}{_FORMATS[name]}", raw))


def _cut(raw: bytes, width: int, size: int) -> list[bytes]:
    if len(raw) != width * size:
        raise ValueError("it has another length than it says")
    return [raw[at : at + width] for at in range(0, len(raw), width)] if width else [b""] * size
