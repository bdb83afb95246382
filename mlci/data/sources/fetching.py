"""Bringing one file of an asset to where it can be read: fetched, checked and unpacked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mlci.data.sources.engine import Engine
from mlci.data.sources.formats import compression_of, format_by_name
from mlci.data.sources.parts import Part
from mlci.data.sources.reading import Reading, check_file
from mlci.errors import UsageError
from mlci.locations import is_url


def fetched(engine: Engine, part: Part, reading: Reading, number: int) -> Reading:
    """Return the reading of one file, of the format that it has; the `number` tells it from others of its asset.

    Raises:
        CannotRun: it is not there, or cannot be fetched or unpacked.
        NoData: a pointer of Git LFS or DVC stands in its place.
    """
    one = replace(reading, path=Path(part.location), name=part.name, sources=())
    one = replace(one, format=reading.format or format_by_name(part.location.partition("?")[0]))
    if is_url(part.location):
        from mlci.data.sources.remote import brought

        one = brought(engine, part, one, engine.folder / f"fetched{number}")
    else:
        if one.format is None and compression_of(part.location) is None and one.path.exists() and not one.path.is_dir():
            return one
        check_file(one)
    compression = compression_of(part.location.partition("?")[0])
    if compression is None or is_url(str(one.path)):
        return one
    from mlci.data.sources.compression import unpacked

    if one.format in {"parquet", "arrow", "excel"}:
        raise UsageError(
            f"a compressed {one.format} file is not supported",
            where=one.where(),
            fix="Unpack it; the format compresses.",
        )
    return unpacked(one, compression, engine.folder / f"unpacked{number}")
