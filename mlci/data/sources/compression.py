"""Compressed files, unpacked to the temporary folder of the engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from mlci.data.sources.formats import format_by_name
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun, UsageError

_CHUNK = 1024 * 1024


def unpacked(reading: Reading, compression: str, target: Path) -> Reading:
    """Return the reading of the unpacked copy of a file at `target`.

    Raises:
        CannotRun: it is damaged, or a ZIP file has not one member.
    """
    try:
        with _OPENERS[compression](reading) as (source, member), target.open("wb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK)
    except (CannotRun, UsageError):
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise CannotRun(f"cannot be unpacked as {compression}: {said}", where=reading.where()) from error
    if not target.stat().st_size:
        raise CannotRun("is empty: it has not even a header", where=reading.where())
    return replace(reading, path=target, format=reading.format or format_by_name(member))


@contextmanager
def _gzip(reading: Reading) -> Iterator[tuple[Any, str]]:
    import gzip

    with gzip.open(reading.path) as file:
        yield file, reading.path.stem


@contextmanager
def _bz2(reading: Reading) -> Iterator[tuple[IO[bytes], str]]:
    import bz2

    with bz2.open(reading.path) as file:
        yield file, reading.path.stem


@contextmanager
def _xz(reading: Reading) -> Iterator[tuple[IO[bytes], str]]:
    import lzma

    with lzma.open(reading.path) as file:
        yield file, reading.path.stem


@contextmanager
def _zstd(reading: Reading) -> Iterator[tuple[Any, str]]:
    try:
        import zstandard
    except ImportError as error:
        raise CannotRun(
            "is compressed with Zstandard, which needs a library that is not installed",
            where=reading.where(),
            fix="Install it: pip install 'mlci[zstd]'",
        ) from error
    with reading.path.open("rb") as file:
        yield _Frames(file, zstandard.ZstdDecompressor()), reading.path.stem


class _Frames:
    """The unpacked bytes of a Zstandard file, whose own reader takes a file that was cut off for a whole one."""

    def __init__(self, file: IO[bytes], decompressor: Any) -> None:
        self._file = file
        self._new = decompressor.decompressobj
        self._frame: Any = None
        self._packed = b""

    def read(self, size: int) -> bytes:
        """Return some of the bytes; none at the end."""
        unpacked = b""
        while not unpacked:
            self._packed = self._packed or self._file.read(size)
            if not self._packed:
                if self._frame is not None:
                    raise EOFError("the file ends before its end mark")
                return b""
            self._frame = self._frame or self._new()
            unpacked = self._frame.decompress(self._packed)
            self._packed = self._frame.unused_data if self._frame.eof else b""
            self._frame = None if self._frame.eof else self._frame
        return unpacked


@contextmanager
def _zip(reading: Reading) -> Iterator[tuple[IO[bytes], str]]:
    import zipfile

    with zipfile.ZipFile(reading.path) as archive:
        members = [each for each in archive.namelist() if not _is_beside(each)]
        if len(members) != 1:
            shown = ", ".join(members[:5]) or "none"
            raise CannotRun(
                f"holds {len(members)} files ({shown})", where=reading.where(), fix="A ZIP file must hold one."
            )
        with archive.open(members[0]) as file:
            yield file, members[0]


def _is_beside(member: str) -> bool:
    """Whether a member of an archive is a folder, or what macOS puts beside the files."""
    return member.endswith("/") or member.startswith("__MACOSX/") or member.rpartition("/")[2] == ".DS_Store"


_OPENERS: Mapping[str, Callable[[Reading], Any]] = {
    "gzip": _gzip,
    "bz2": _bz2,
    "xz": _xz,
    "zstd": _zstd,
    "zip": _zip,
}
