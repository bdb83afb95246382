"""One image file: what its header says, whether it can be decoded, and what it looks like."""

from __future__ import annotations

import hashlib
import stat
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

MOST_PIXELS = 178_956_970
"""Larger images are not decoded: a small file can be made to unpack into any amount of memory."""
_LARGE = 16_000_000
_ONE_AT_A_TIME = threading.Lock()
_SIDE = 8
_CONTRAST = 8
_DRAFT = 128
_CHUNK = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A row of a folder of images."""

    path: str
    label: str | None = None
    width: int | None = None
    height: int | None = None
    mode: str | None = None
    format: str | None = None
    bytes: int | None = None
    digest: str | None = None
    perceptual_hash: str | None = None
    error: str | None = None
    """Why it cannot be read."""


def look_at(folder: Path, file: Path, *, decode: bool) -> Picture:
    """Return what there is to say of the image `file` below `folder`; without `decode` its pixels are not looked at."""
    found = Picture(path=file.as_posix(), label=file.parts[0] if len(file.parts) > 1 else None)
    path = folder / file
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return replace(found, error="is no regular file")
        found = replace(found, bytes=status.st_size)
        if not status.st_size:
            return replace(found, error="is empty: 0 bytes")
        with path.open("rb") as opened:
            found = replace(found, digest=_digest(opened))
    except OSError as error:
        return replace(found, error="is a broken link" if path.is_symlink() else f"cannot be opened: {error.strerror}")
    return _decoded(found, path, decode=decode)


def _digest(opened: Any) -> str:
    digest = hashlib.sha256()
    while chunk := opened.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _decoded(found: Picture, path: Path, *, decode: bool) -> Picture:
    try:
        with Image.open(path) as image:
            width, height = image.size
            found = replace(found, width=width, height=height, mode=image.mode, format=image.format)
            if width * height > MOST_PIXELS:
                return replace(found, error=f"has {width} × {height} pixels, too many to decode")
            if not decode:
                return found
            if width * height <= _LARGE:
                return replace(found, perceptual_hash=perceptual_hash(image))
            with _ONE_AT_A_TIME:
                return replace(found, perceptual_hash=perceptual_hash(image))
    except Image.DecompressionBombError:
        return replace(found, error="has too many pixels to decode")
    except UnidentifiedImageError:
        return replace(found, error="is no image that can be read")
    except Exception as error:  # noqa: BLE001 - decoders of broken files raise anything
        said = (str(error).splitlines() or [""])[0]
        return replace(found, error="is truncated" if "truncated" in said.lower() else f"cannot be decoded: {said}")


def perceptual_hash(image: Image.Image) -> str | None:
    """Return 80 hexadecimal digits that say what an image looks like; None where it has no contrast to speak of.

    The first 16 are 64 bits, each whether a field of 9 × 8 is lighter than its right neighbour (the difference hash);
    the others are the grey levels of 8 × 8 fields, 0 to 15. The whole image is decoded.
    """
    image.draft("L", (_DRAFT, _DRAFT))  # a JPEG is decoded in an eighth of its size, and still to its end
    image.load()
    grey = image.convert("L") if image.mode != "LA" else image.getchannel("L")
    fields = grey.resize((_SIDE + 1, _SIDE), Image.Resampling.BOX).tobytes()
    if max(fields) - min(fields) < _CONTRAST:
        return None
    bits = 0
    for row in range(_SIDE):
        for column in range(_SIDE):
            at = row * (_SIDE + 1) + column
            bits = bits << 1 | (fields[at] > fields[at + 1])
    levels = grey.resize((_SIDE, _SIDE), Image.Resampling.BOX).tobytes()
    return f"{bits:016x}" + "".join(f"{level >> 4:x}" for level in levels)
