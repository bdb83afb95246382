"""Tables and files read by Spark, in one session that is stopped when the process ends."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from mlci.config.sources import Spark
from mlci.data.batch import Batch
from mlci.errors import CannotRun

_QUIET: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}
_LOCAL: Mapping[str, str] = {
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def open_spark(spark: Spark, *, root: Path, order_by: Sequence[str] = ()) -> Batch:
    """Return the batch of a table, of files or of a query.

    Raises:
        CannotRun: PySpark or Java is missing, or Spark cannot read it.
    """
    from mlci.data.spark_frames import batch_of_frame

    running = _shared(tuple(sorted((str(name), _text(value)) for name, value in spark.settings.items())))
    try:
        return batch_of_frame(_frame(running, spark, root), order_by)
    except Exception as error:  # noqa: BLE001 - Spark has errors of many kinds
        raise CannotRun(f"cannot be read: {_said(error)}") from None


def _shared(settings: tuple[tuple[str, str], ...]) -> Any:
    """Return the session of this process, started by the first that asks and stopped at its end."""
    started = _started(settings)
    if isinstance(started, CannotRun):
        raise started
    return started


@cache
def _started(settings: tuple[tuple[str, str], ...]) -> Any:
    folder = Path(tempfile.mkdtemp(prefix="mlci-spark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        running = session(folder=folder, settings=dict(settings))
    except CannotRun as error:
        return error
    atexit.register(running.stop)
    return running


def _frame(running: Any, spark: Spark, root: Path) -> Any:
    if spark.table:
        return running.table(spark.table)
    if spark.query:
        return running.sql(spark.query)
    path = str(spark.path)
    reader = running.read.format(spark.format).options(**spark.options)
    return reader.load(path if "://" in path else (root / path).resolve().as_uri())


def session(*, folder: Path, settings: Mapping[str, Any] | None = None) -> Any:
    """Return a session, in local mode unless `settings` name a master; it writes to `folder`, its log too.

    Raises:
        CannotRun: PySpark or Java is missing, or the session does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise CannotRun("PySpark is not installed", fix="`pip install 'mlci[spark]'`.") from None
    given = {str(name): _text(value) for name, value in (settings or {}).items()}
    local = given.get("spark.master", "local").startswith("local")
    own = {**_QUIET, "spark.sql.warehouse.dir": str(folder / "warehouse")}
    if local:
        own |= {**_LOCAL, "spark.master": "local[*]", "spark.local.dir": str(folder)}
    builder = SparkSession.builder.appName("mlci")
    for name, value in {**own, **given}.items():
        builder = builder.config(name, value)
    try:
        with _noise_to(folder / "spark.log"):
            return builder.getOrCreate()
    except Exception as error:  # noqa: BLE001 - Spark has errors of many kinds
        raise _not_started(error) from None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _noise_to(path: Path) -> Iterator[None]:
    """Send what is printed to a file: Java is started meanwhile, and keeps to where its output then goes."""
    kept = {number: os.dup(number) for number in (1, 2)}
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for number in kept:
            os.dup2(file, number)
        yield
    finally:
        for number, was in kept.items():
            os.dup2(was, number)
            os.close(was)
        os.close(file)


def _not_started(error: Exception) -> CannotRun:
    if "JAVA_GATEWAY_EXITED" in str(error) or not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return CannotRun("Spark needs Java, which did not start", fix="Install Java 17 or later, or set JAVA_HOME.")
    return CannotRun(f"Spark does not start: {_said(error)}")


def _said(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
