"""Opening data: files of every format, alone or several as one table, here or behind a URL; a module per kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.data.sources.engine import Engine, connect
from mlci.data.sources.formats import FORMATS, TEXT, TYPED
from mlci.data.sources.options import refuse_options
from mlci.data.sources.reading import DvcPointer, LfsPointer, NoData, Reading
from mlci.errors import UsageError
from mlci.locations import is_pattern, is_url, redacted

if TYPE_CHECKING:
    from mlci.data.batch import Batch
    from mlci.data.sources.parts import Part

__all__ = ["FORMATS", "DvcPointer", "LfsPointer", "NoData", "Reading", "open_data", "open_path", "reading_at"]


def reading_at(root: Path, written: str | Sequence[str], *, name: str = "", **keys: Any) -> Reading:
    """Return how to read what `written` stands for: a path, a pattern, a URL, or several, relative to `root`.

    `keys` are other attributes of `Reading`.
    """
    sources = (written,) if isinstance(written, str) else tuple(written)
    shown = name or ", ".join(redacted(each) for each in sources)
    if len(sources) == 1 and not is_url(sources[0]) and not is_pattern(sources[0]):
        return Reading(path=root / sources[0], name=shown, **keys)
    return Reading(path=root, name=shown, sources=sources, **keys)


def open_path(path: str | os.PathLike[str], *, name: str, wanted: Callable[[str], bool] = lambda _name: True) -> Batch:
    """Return the batch of the data at `path` (a path, a pattern or a URL), which messages call `name`."""
    return open_data(reading_at(Path(), str(path), name=redacted(name), wanted=wanted))


def open_data(reading: Reading, connect: Callable[[], Engine] = connect) -> Batch:
    """Return the batch of data that lies in files, read in an engine that `connect` gives.

    Raises:
        CannotRun: there is no such file, or it cannot be read.
        NoData: a pointer of Git LFS or DVC stands in its place.
        UsageError: its format is not known.
    """
    if reading.format == "images":
        from mlci.data.sources.images import open_images

        return open_images(reading)
    from mlci.data.sources.parts import parts_of

    parts = parts_of(reading)
    engine = connect()
    try:
        return _opened(engine, parts, reading)
    except BaseException:
        engine.close()
        raise


def _opened(engine: Any, parts: Sequence[Part], reading: Reading) -> Batch:
    from mlci.data.sources.fetching import fetched

    readings = [fetched(engine, part, reading, number) for number, part in enumerate(parts)]
    kind = _one_format(readings, reading)
    refuse_options(reading, kind)
    alone = len(parts) == 1 and not parts[0].values and not reading.file_column
    if kind in TEXT:
        from mlci.data.sources import text

        return text.alone(engine, readings[0]) if alone else text.together(engine, parts, readings)
    from mlci.data.sources import typed

    return typed.alone(engine, readings[0]) if alone else typed.together(engine, parts, readings)


def _one_format(readings: Sequence[Reading], reading: Reading) -> str:
    kinds = [each.format for each in readings]
    unknown = next((each for each in readings if each.format not in {*TEXT, *TYPED}), None)
    if unknown is not None:
        known = ", ".join(sorted({*TEXT, *TYPED, "images"}))
        raise UsageError(
            "the format is not known by the file's name", where=unknown.where(), fix=f"Say it: one of {known}."
        )
    groups = {"csv" if kind == "tsv" else "json" if kind == "jsonl" else kind for kind in kinds}
    if len(groups) > 1:
        raise UsageError(
            f"its files are of several formats: {', '.join(sorted(map(str, groups)))}",
            where=reading.where(),
            fix="Make an asset of each.",
        )
    return str(kinds[0])
