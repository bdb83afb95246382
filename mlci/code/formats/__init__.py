"""Reading reports of coverage, in whatever format they are: a reader a file, found by what a report begins with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlci.code.coverage import Measured
from mlci.errors import CannotRun
from mlci.registry import Registry

LARGEST = 512 << 20
"""Bytes of the largest file that is read."""

Reader = Callable[[bytes], Measured | None]
"""Reads a report; gives None for one of another format, and raises `ValueError` for a damaged one."""

READERS: Registry[Reader] = Registry("coverage format", "mlci.code.formats")


def reader(read: Reader) -> Reader:
    """Register a reader under its own name."""
    return READERS.register(read.__name__, read)


def read_coverage(path: Path, name: str = "coverage's report") -> Measured:
    """Return the coverage in the report at `path`, which messages call `name`.

    Raises:
        CannotRun: it is missing, too large, of no format that is known, damaged, or measured no statement.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CannotRun(f"{name} is larger than {LARGEST >> 20} MiB")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise CannotRun(f"{name} is missing") from None
    except OSError as error:
        raise CannotRun(f"{name} cannot be read: {error.strerror}") from None
    measured = _read(raw.removeprefix(b"\xef\xbb\xbf"), name)
    if not measured.total.statements:
        raise CannotRun(f"{name} has no statement that was measured.", fix="Name the project's own code to measure.")
    return measured


def _read(raw: bytes, name: str) -> Measured:
    for known in READERS:
        try:
            found = READERS[known](raw)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CannotRun(f"{name} is damaged: {error or type(error).__name__}") from None
        if found is not None:
            return found
    formats = ", ".join(READERS.summary(known).rstrip(".") for known in READERS)
    raise CannotRun(f"{name} is in no format that is known ({formats})")
