"""The bytes of a suite's pickle, from a file or out of an archive; nothing is ever written to disk."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path, PurePosixPath

from mlci.errors import CannotRun, Where

MOST_BYTES = 1 << 30
"""A pickle larger than this is not read, so that a small archive cannot fill the memory."""
MOST_MEMBERS = 10_000
_ENDINGS = (".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")


def pickle_in(path: Path, *, shown: str, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of the pickle at `path`, or of the one pickle in the archive there.

    Raises `CannotRun` for a file that cannot be read, that is larger than `most` bytes, or for an archive whose
    members lead out of it, are links, or hold no pickle or several.
    """
    where = Where(path=shown)
    try:
        if path.name.lower().endswith(_ENDINGS):
            return _from_archive(path, where, most)
        if path.stat().st_size > most:
            raise CannotRun(f"the pickle is larger than {most:,} bytes", where=where)
        return path.read_bytes()
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it ends too early"
        raise CannotRun(f"the suite cannot be read: {reason}", where=where) from None


def _from_archive(path: Path, where: Where, most: int) -> bytes:
    found: list[bytes] = []
    with tarfile.open(path, "r|*") as archive:  # as a stream: nothing before the member is kept
        for count, member in enumerate(archive):
            if count == MOST_MEMBERS:
                raise CannotRun(f"the archive has more than {MOST_MEMBERS:,} members", where=where)
            _check(member, where, most)
            if member.isfile() and member.name.lower().endswith((".pkl", ".pickle", ".dill")):
                file = archive.extractfile(member)
                found.append(b"" if file is None else file.read(most))
                if len(found) > 1:
                    raise CannotRun("the archive holds several pickles", where=where, fix="Name one of them.")
    if not found:
        raise CannotRun("the archive holds no pickle (.pkl)", where=where)
    return found[0]


def _check(member: tarfile.TarInfo, where: Where, most: int) -> None:
    name = PurePosixPath(member.name.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts:
        raise CannotRun(f"the archive is refused: {member.name[:100]!r} leads out of it", where=where)
    if not (member.isfile() or member.isdir()):
        raise CannotRun(f"the archive is refused: {member.name[:100]!r} is a link or a device", where=where)
    if member.size > most:
        raise CannotRun(f"the archive is refused: {member.name[:100]!r} is larger than {most:,} bytes", where=where)
