"""What a source is told, and what every file is checked for before it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlci.errors import CannotRun, Where

LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How to read a file, or several as one table."""

    path: Path
    """The file or the folder; what `sources` are relative to where there are any."""
    name: str
    """What messages call it."""
    sources: tuple[str, ...] = ()
    """Paths, patterns and URLs as they are written, in place of one plain path."""
    url: str | None = None
    """Where the file is, when it is read there and not from `path`."""
    format: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    escape: str | None = None
    header: bool = True
    names: tuple[str, ...] = ()
    """Names of the columns, in place of the header's."""
    skip_rows: int = 0
    comment: str | None = None
    encoding: str = "utf-8"
    null_values: tuple[str, ...] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    """Declared types of columns, where the format is text."""
    decode: bool = True
    """Whether the pixels of images are looked at, and not only their headers."""
    sheet: str | int | None = None
    file_column: str | None = None
    """The column to add that holds the file of each row."""
    union_by_name: bool = False
    """Whether files may have different columns."""
    wanted: Callable[[str], bool] = field(default=lambda _name: True)
    """Whether anything is asked of the column of that name; others are not typed."""

    @property
    def location(self) -> str:
        """Where the file is read from."""
        return self.url or str(self.path)

    def where(self, line: int | None = None) -> Where:
        """Return a place in the file."""
        return Where(path=self.name, line=line)


class NoData(CannotRun):
    """Only a pointer to the data is there; what keeps the data can be asked for it."""


class LfsPointer(NoData):
    """A Git LFS pointer stands in place of the data."""


class DvcPointer(NoData):
    """DVC keeps the data, and it is not checked out."""


def check_file(reading: Reading) -> None:
    """Raise where there is no file to read.

    Raises:
        CannotRun: it does not exist, cannot be read, is a folder or is empty.
        LfsPointer: it is a Git LFS pointer.
    """
    if reading.path.is_dir():
        raise CannotRun("is a folder, not a data file", where=reading.where())
    if reading.path.exists() and not reading.path.is_file():
        raise CannotRun("is no regular file", where=reading.where())
    try:
        with reading.path.open("rb") as file:
            start = file.read(len(LFS))
    except FileNotFoundError:
        refuse_pointed(reading, reading.path)
        raise CannotRun(
            "there is no such data file", where=reading.where(), fix="Fetch it, or correct the path."
        ) from None
    except OSError as error:
        raise CannotRun(f"cannot be read: {error.strerror}", where=reading.where()) from error
    if start == LFS:
        raise LfsPointer("is a Git LFS pointer, not the data", where=reading.where(), fix="Run `git lfs pull`.")
    if not start:
        raise CannotRun("is empty: it has not even a header", where=reading.where())


def refuse_pointed(reading: Reading, path: Path) -> None:
    """Raise `DvcPointer` where DVC keeps `path` and it is not there."""
    from mlci.data.pointers.dvc import pointer_of

    pointer = None if path.exists() else pointer_of(path)
    if pointer is not None:
        raise DvcPointer(
            f"{pointer.file.name} points to data that is not checked out",
            where=reading.where(),
            fix=f"Run `dvc pull {pointer.path.name}`.",
        )
