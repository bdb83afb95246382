"""Folders of images: a row for each file, in the order of their paths. Needs Pillow."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import narwhals as nw

from mlci.data.batch import Batch, fetch
from mlci.data.frames import batch_of
from mlci.data.sources.engine import THREADS, Engine, connect, literal
from mlci.data.sources.picture import Picture, look_at
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun
from mlci.expectations.columns import ROW

_NAMES = (
    "apng avif bmp dib gif heic heif j2k jfif jp2 jpe jpeg jpg pbm pgm png pnm ppm tga tif tiff webp"  # as Pillow knows
)
SUFFIXES = frozenset(f".{name}" for name in _NAMES.split())
"""Names of files that are taken for images end so; others are left out."""
COLUMNS = {
    "path": "varchar",
    "label": "varchar",
    "width": "bigint",
    "height": "bigint",
    "mode": "varchar",
    "format": "varchar",
    "bytes": "bigint",
    "digest": "varchar",
    "perceptual_hash": "varchar",
    "error": "varchar",
}
"""The columns: `path` below the folder, `label` the folder right below it, sizes in pixels and bytes, SHA-256."""


def open_images(reading: Reading) -> Batch:
    """Return the batch of a folder of images.

    Raises:
        CannotRun: there is no such folder, or Pillow is missing.
    """
    if not reading.path.is_dir():
        what = "is a file, not a folder of images" if reading.path.exists() else "there is no such folder"
        raise CannotRun(what, where=reading.where(), fix="Correct the path, or the format.")
    _need_pillow()
    files = sorted(files_below(reading.path), key=lambda file: file.as_posix())
    with (
        warnings.catch_warnings(action="ignore"),
        ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, THREADS)) as pool,
    ):
        pictures = pool.map(partial(look_at, reading.path, decode=reading.decode), files, chunksize=16)
        engine = connect()
        try:
            return _batch(engine, pictures, reading.name)
        except Exception:
            engine.close()
            raise


def files_below(folder: Path) -> Iterator[Path]:
    """Give the image files below `folder`, relative to it."""
    yield from (path.relative_to(folder) for path in _walk(folder) if _is_image(path))


def others_below(folder: Path) -> int:
    """Return how many files below `folder` are no images by their names."""
    return sum(not _is_image(path) for path in _walk(folder))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _walk(folder: Path) -> Iterator[Path]:
    """Give every file that is not hidden; a folder is entered once, so that links end in no loop."""
    seen: set[tuple[int, int]] = set()
    folders, links = deque([folder]), deque[Path]()
    while folders or links:
        current = (folders or links).popleft()
        here = current.stat()
        if (here.st_dev, here.st_ino) in seen:
            continue
        seen.add((here.st_dev, here.st_ino))
        for entry in _entries(current):
            if entry.is_dir():
                (links if entry.is_symlink() else folders).append(Path(entry.path))
            else:
                yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            shown = [entry for entry in found if not entry.name.startswith((".", "__MACOSX"))]
    except OSError as error:
        raise CannotRun(f"{folder} cannot be read: {error.strerror}") from error
    return sorted(shown, key=lambda entry: entry.name)


def _batch(engine: Engine, pictures: Iterator[Picture], folder: str) -> Batch:
    path = engine.folder / "images.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        for picture in pictures:
            file.write(",".join(_field(getattr(picture, name)) for name in COLUMNS) + "\n")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    engine.connection.execute(
        f"create temp table images as select * from read_csv({literal(str(path))}, auto_detect=false, header=false, "
        f"columns={{{columns}}}, delim=',', quote='\"', escape='\"', allow_quoted_nulls=false, nullstr='')"
    )
    batch = batch_of(engine.sql("select * from images"))
    return replace(batch, close=engine.close, files=lambda rows: _paths(batch, rows, folder))


def _paths(batch: Batch, rows: Sequence[int], folder: str) -> dict[int, str]:
    chosen = batch.numbered().filter(nw.col(ROW).is_in(list(rows)))
    found = fetch(chosen.select(nw.col(ROW), nw.col("path")))
    return {row: f"{folder.rstrip('/')}/{path}" for row, path in found}


def _field(value: str | int | None) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'


def _need_pillow() -> None:
    try:
        import PIL  # noqa: F401
    except ImportError:
        fix = 'Install it beside mlci: `pip install "mlci[image]"`.'
        raise CannotRun("folders of images need Pillow, which is not installed", fix=fix) from None
