"""Opening data files: a module per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.data.sources.reading import LfsPointer, Reading, check_file
from mlci.errors import UsageError

if TYPE_CHECKING:
    from mlci.data.batch import Batch

__all__ = ["LfsPointer", "Reading", "open_data", "open_path"]

FORMATS: Mapping[str, str] = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet", ".pq": "parquet"}
_OPENERS: Mapping[str, str] = {
    "csv": "csv:open_csv",
    "tsv": "csv:open_csv",
    "parquet": "parquet:open_parquet",
    "images": "images:open_images",
}


def open_path(path: Path, *, name: str, wanted: Callable[[str], bool] = lambda _name: True) -> Batch:
    """Return the batch of the data file at `path`, which messages call `name`."""
    return open_data(Reading(path=path, name=name, wanted=wanted))


def open_data(reading: Reading) -> Batch:
    """Return the batch of a data file.

    Raises:
        CannotRun: there is no such file, or it cannot be read.
        LfsPointer: it is a Git LFS pointer.
        UsageError: its format is not known.
    """
    kind = reading.format or FORMATS.get(reading.path.suffix.lower())
    if kind is None or kind not in _OPENERS:
        known = ", ".join(sorted(_OPENERS))
        raise UsageError(
            "the format is not known by the file's name", where=reading.where(), fix=f"Say it: one of {known}."
        )
    if kind != "images":
        check_file(reading)
    module, _, function = _OPENERS[kind].partition(":")
    opened: Batch = getattr(import_module(f"{__name__}.{module}"), function)(reading)
    return opened
