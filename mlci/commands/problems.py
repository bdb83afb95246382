"""What a run leaves behind that ends before any gate: results that say why, so that no older report stands for it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mlci.errors import ConfigError, MlciError, UsageError


@contextmanager
def leaving_problems(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Iterator[None]:
    """Write results and reports about an error that ends the command, to `--out` or, in a CI, to where they belong."""
    try:
        yield
    except MlciError as error:
        folder = _folder(arguments, environ)
        if folder is not None:
            with suppress(OSError, MlciError):  # the error itself is what matters
                _write(error, folder, environ)
        raise


def _folder(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Path | None:
    if arguments.out is None and not environ.get("CI"):
        return None
    beside = arguments.config.parent if arguments.config else Path.cwd()
    return Path.cwd() / (arguments.out or beside / "mlci-report")


def _write(error: MlciError, folder: Path, environ: Mapping[str, str]) -> None:
    from datetime import UTC, datetime

    from mlci import __version__, git
    from mlci.ci import origin_of
    from mlci.reports.folder import made_ready, write
    from mlci.results.model import SCHEMA, USAGE_MARK, Check, Results

    problems = error.problems if isinstance(error, ConfigError) else (error,)
    repository = git.find(Path.cwd(), environ)
    results = Results(
        schema=SCHEMA,
        mlci=__version__,
        project=Path.cwd().name,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_s=0.0,
        verdict="errored",
        commit=repository.commit("HEAD") if repository else None,
        origin=origin_of(environ, folder=repository.folder(Path.cwd()) if repository else ""),
        problems=tuple(
            Check(
                id=f"configuration.{one.key}" if one.key else "configuration" if isinstance(one, UsageError) else "run",
                status="errored",
                summary=one.key or "mlci could not run",
                reason=one.says,
                where=one.where,
                details={USAGE_MARK: True} if isinstance(one, UsageError) else {},
            )
            for one in problems
        ),
    )
    with made_ready(folder) as out:
        write(results, out)
