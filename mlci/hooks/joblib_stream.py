"""What a pickle names, alone or written by joblib: read to its end by an unpickler that knows no class, calls nothing.

joblib compresses, and writes an array as a wrapper object followed by its bytes, which scanners of opcodes do not get
past. The layout is that of `joblib.numpy_pickle.NumpyArrayWrapper.write_array`, joblib 0.10 to 1.5.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import re
import zlib
from collections.abc import Callable, Mapping
from typing import IO, Any

MOST = 2_000_000_000
"""The largest stream, decompressed, that is looked at, in bytes."""
_CHUNK = 1 << 20
_ITEM = re.compile(r"[<>=|]?([a-zA-Z])(\d*)")
_OPENERS: Mapping[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZ": bz2.BZ2File,
    b"\x5d\x00": lzma.LZMAFile,
    b"\xfd7zXZ": lzma.LZMAFile,
    b"\x78": lambda raw: io.BytesIO(_inflated(raw)),
}


class Unreadable(Exception):  # noqa: N818 - it says why, and nothing went wrong
    """The stream cannot be read as a pickle."""


def names_in(raw: IO[bytes]) -> frozenset[tuple[str, str]]:
    """Return the module and the name of everything that loading the pickle in `raw` would look up.

    Raises:
        Unreadable: it is none, is cut short, or is larger than `MOST`.
    """
    reader = _Reader(_decompressed(raw))
    try:
        reader.load()
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"{type(error).__name__} while reading it") from error
    return frozenset(reader.names)


def is_compressed(start: bytes) -> bool:
    """Whether a file that begins with `start` is compressed in one of joblib's ways."""
    return any(start.startswith(magic) for magic in _OPENERS)


def _decompressed(raw: IO[bytes]) -> io.BytesIO:
    start = raw.read(8)
    raw.seek(0)
    opener = next((opened for magic, opened in _OPENERS.items() if start.startswith(magic)), None)
    try:
        content = (opener(raw) if opener else raw).read(MOST + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise Unreadable("it cannot be decompressed") from error
    if len(content) > MOST:
        raise Unreadable("it is too large")
    return io.BytesIO(content)


def _inflated(raw: IO[bytes]) -> bytes:
    inflater = zlib.decompressobj()
    return inflater.decompress(raw.read(), MOST + 1)


class _Anything:
    """Stands for every object of a pickle, and does nothing that is asked of it."""

    name = ""

    def __init__(self, *arguments: Any, **_named: Any) -> None:
        self.arguments = arguments
        self.state: Any = None

    def __call__(self, *arguments: Any, **_named: Any) -> _Anything:
        return _Anything(*arguments)

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, _key: Any, _value: Any) -> None: ...

    def append(self, _item: Any) -> None: ...

    def extend(self, _items: Any) -> None: ...

    def add(self, _item: Any) -> None: ...


_Unpickler: Any = pickle._Unpickler  # noqa: SLF001 - the one whose steps can be seen


class _Reader(_Unpickler):  # type: ignore[misc]
    """Reads a pickle without making any of its objects, past the bytes of arrays, and notes what it looks up."""

    dispatch = _Unpickler.dispatch.copy()

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.file = file
        self.names: set[tuple[str, str]] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.names.add((module, name))
        return type(name, (_Anything,), {"name": f"{module}.{name}"})

    def persistent_load(self, _pid: Any) -> Any:
        return _Anything()

    def load_build(self) -> None:
        super().load_build()
        made = self.stack[-1]
        if isinstance(made, _Anything) and made.name.endswith("numpy_pickle.NumpyArrayWrapper"):
            self._skip(made.state)

    dispatch[pickle.BUILD[0]] = load_build

    def _skip(self, state: Any) -> None:
        """Go past the bytes of the array that `state` tells of; one of objects is a pickle of its own."""
        if _type(state)[0] == "O":
            nested = _Reader(self.file)
            nested.load()
            self.names |= nested.names
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self.file.read(self.file.read(1)[0])
        count = 1
        for length in state["shape"]:
            count *= int(length)
        self.file.seek(count * _item_size(state), io.SEEK_CUR)


def _type(state: Any) -> tuple[str, str]:
    made = state.get("dtype") if isinstance(state, Mapping) else None
    match = _ITEM.fullmatch(str(made.arguments[0])) if isinstance(made, _Anything) and made.arguments else None
    if match is None:
        raise Unreadable("it holds an array of an unknown type")
    return match[1], match[2]


def _item_size(state: Any) -> int:
    kind, size = _type(state)
    return int(size or 1) * (4 if kind == "U" else 1)
