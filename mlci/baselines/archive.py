"""A zip file of a few small parts, each with its digest in a manifest; reading one that may come from anyone."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from mlci.errors import CannotRun

MANIFEST = "manifest.json"
MOST_BYTES = 512 * 1024 * 1024
"""At most so many bytes are read, packed or unpacked."""
_MOST_PARTS = 200
_MOST_ENTRIES = 2_000
_ENTRY = b"PK\x01\x02"
_MOST_OF_MANIFEST = 4 * 1024 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}(\.[a-z0-9]{1,10})?")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, LookupError)


class RefusedError(CannotRun):
    """What was read is no baseline that may be used."""


def pack(manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of `parts` and of the manifest, which gets their sizes and digests; the same for the same input."""
    files = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in parts.items()}
    head = json.dumps({**manifest, "files": files}, indent=1, allow_nan=False).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in {MANIFEST: head, **parts}.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return written.getvalue()


def unpack(raw: bytes) -> tuple[Mapping[str, Any], Mapping[str, bytes]]:
    """Return the manifest and the parts of a zip that `pack` wrote.

    Raises:
        RefusedError: it is no such zip, is too large, or a part is missing, damaged or not in the manifest.
    """
    if len(raw) > MOST_BYTES:
        raise RefusedError(f"it is larger than {MOST_BYTES // 2**20} MiB")
    if raw.count(_ENTRY) > _MOST_ENTRIES:
        raise RefusedError("it has too many parts")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _read(archive)
    except _BROKEN as error:
        raise RefusedError(f"it is no zip file, or a damaged one ({type(error).__name__})") from error


def member(raw: bytes, name: str) -> bytes | None:
    """Return the part called `name` of a zip that someone else packed; None where it has none.

    Raises:
        RefusedError: it is no zip, is too large, or has parts with names that no part has.
    """
    if len(raw) > MOST_BYTES or raw.count(_ENTRY) > _MOST_ENTRIES:
        raise RefusedError("it is too large")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            _refuse_odd(entries)
            found = next((entry for entry in entries if entry.filename == name), None)
            return None if found is None else _part(archive, found, most=MOST_BYTES)
    except _BROKEN as error:
        raise RefusedError(f"it is no zip file, or a damaged one ({type(error).__name__})") from error


def expected(raw: bytes, name: str, *, most: int) -> bytes:
    """Return the one file called `name` of a zip that anyone may have packed, of at most `most` bytes.

    Other files may be beside it and are not read; nothing is written.

    Raises:
        RefusedError: it is no zip, has no such file, or holds a link or a path that leads elsewhere.
    """
    if raw.count(_ENTRY) > _MOST_ENTRIES:
        raise RefusedError("it has too many files")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            _refuse_misleading(entries)
            found = [entry for entry in entries if entry.filename == name]
            if len(found) != 1:
                raise RefusedError(f"it has {'two files' if found else 'no file'} called {name}")
            return _bounded(archive, found[0], most)
    except _BROKEN as error:
        raise RefusedError(f"it is no zip file, or a damaged one ({type(error).__name__})") from error


def _refuse_misleading(entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        parts = entry.orig_filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in entry.orig_filename:
            raise RefusedError("a file in it has a path that leads elsewhere")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise RefusedError("a file in it is a link")


def _bounded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.compress_type not in _METHODS or entry.flag_bits & _ENCRYPTED:
        raise RefusedError(f"{entry.filename} is packed in another way, or encrypted")
    with archive.open(entry) as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise RefusedError(f"{entry.filename} is larger than {most // 2**20} MiB")
    return data


def _read(archive: zipfile.ZipFile) -> tuple[Mapping[str, Any], Mapping[str, bytes]]:
    entries = {entry.filename: entry for entry in archive.infolist()}
    _refuse_odd(archive.infolist())
    if MANIFEST not in entries:
        raise RefusedError(f"it has no {MANIFEST}: it is no baseline of mlci")
    manifest = _parsed(_part(archive, entries[MANIFEST], most=_MOST_OF_MANIFEST))
    listed = manifest["files"]
    if set(listed) != set(entries) - {MANIFEST}:
        raise RefusedError("its parts are not those that its manifest lists")
    return manifest, {name: _checked(archive, entries[name], listed[name]) for name in listed}


def _refuse_odd(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_PARTS:
        raise RefusedError(f"it has more than {_MOST_PARTS} parts")
    if len({entry.filename for entry in entries}) != len(entries):
        raise RefusedError("two of its parts have one name")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise RefusedError(f"unpacked it is larger than {MOST_BYTES // 2**20} MiB")
    for entry in entries:
        if not _NAME.fullmatch(entry.filename):
            raise RefusedError("a part of it has a name that no part has")
        if entry.compress_type not in _METHODS or entry.flag_bits & _ENCRYPTED:
            raise RefusedError("a part of it is packed in another way, or encrypted")


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, most: int) -> bytes:
    """Return a part, of which no more than `most` bytes are unpacked, whatever its head says."""
    with archive.open(entry) as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise RefusedError("a part of it is larger than it says")
    return data


def _parsed(raw: bytes) -> Mapping[str, Any]:
    manifest = parsed(raw, MANIFEST)
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(_is_entry(entry) for entry in files.values()):
        raise RefusedError("its manifest lists no parts")
    return manifest


def parsed(raw: bytes, name: str) -> Mapping[str, Any]:
    """Return the JSON object in the part called `name`; raise `RefusedError` where it is none."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"its {name} is not JSON") from error
    if not isinstance(value, dict):
        raise RefusedError(f"its {name} is no JSON object")
    return value


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and type(entry.get("size")) is int and isinstance(entry.get("sha256"), str)


def _checked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, listed: Mapping[str, Any]) -> bytes:
    data = _part(archive, entry, most=max(0, min(listed["size"], MOST_BYTES)))
    if len(data) != listed["size"] or hashlib.sha256(data).hexdigest() != listed["sha256"]:
        raise RefusedError(f"its part {entry.filename} is not what its manifest says: it was damaged or changed")
    return data
