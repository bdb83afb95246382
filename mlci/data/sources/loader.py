"""Data that a function of the project returns: called in a worker, handed over as a file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlci.config.sources import Loader
from mlci.data.batch import Batch
from mlci.data.sources.reading import Reading
from mlci.errors import CannotRun

if TYPE_CHECKING:
    from mlci.gates import Context


def open_loaded(loader: Loader, context: Context) -> Batch:
    """Return the batch of what the function returns; closing it removes the file.

    Raises:
        CannotRun: the function cannot be found, fails, takes too long or too much memory, or returns no table.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="mlci-loaded-"))
    except OSError as error:
        raise CannotRun(f"no temporary folder can be made: {error.strerror}", fix="Set TMPDIR.") from error
    try:
        context.progress(f"calling {loader.function}")
        return _closing(_read(loader, folder, _called(loader, context, folder)), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _called(loader: Loader, context: Context, folder: Path) -> Mapping[str, Any]:
    from mlci.model.predictor import environment, size
    from mlci.processes import Limits, Worker

    memory = None if loader.memory is None else size(loader.memory)
    limits = Limits(timeout_s=loader.timeout, memory_bytes=memory)
    with Worker(context.python, cwd=context.root, limits=limits, env=environment(context)) as worker:
        written: Any = worker.call(
            loader.function, dict(loader.arguments), str(folder), by="frame_writer:write_returned"
        )
    if written.get("problem"):
        raise CannotRun(f"{loader.function} {written['problem']}")
    return dict(written)


def _read(loader: Loader, folder: Path, written: Mapping[str, Any]) -> Batch:
    from mlci.data.sources import open_data

    reading = Reading(path=folder / written["file"], name=loader.function)
    if written["file"].endswith(".parquet"):
        return open_data(reading)
    return open_data(replace(reading, types=written["types"], null_values=(written["missing"],)))


def _closing(batch: Batch, folder: Path) -> Batch:
    close: Callable[[], None] = batch.close

    def close_both() -> None:
        close()
        shutil.rmtree(folder, ignore_errors=True)

    return replace(batch, close=close_both, lines=lambda _rows: {})
