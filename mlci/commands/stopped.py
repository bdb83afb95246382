"""Reports of a run that no gate came to: whoever posts them replaces what an earlier run said."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mlci import __version__
from mlci.ci import origin_of
from mlci.errors import ConfigError, MlciError, UsageError
from mlci.results.model import SCHEMA, Results
from mlci.results.problem import Problem


@contextmanager
def reported(out: Path | None) -> Iterator[None]:
    """Write the reports of what stops the block to the folder `out`, and let the error go on; None writes nothing."""
    started = datetime.now(UTC)
    try:
        yield
    except MlciError as error:
        if out is not None:
            _write(results_of(error, started=started, folder=out.parent), out)
        raise


def results_of(error: MlciError, *, started: datetime, folder: Path) -> Results:
    """Return the results of a run of the project in `folder` that `error` stopped."""
    from mlci import git

    repository = git.find(folder) if folder.is_dir() else None
    return Results(
        schema=SCHEMA,
        mlci=__version__,
        project=folder.resolve().name,
        started=started.isoformat(timespec="seconds"),
        duration_s=0.0,
        verdict="errored",
        commit=repository.commit("HEAD") if repository else None,
        origin=origin_of(os.environ, folder=repository.folder(folder) if repository else ""),
        problems=tuple(_problem(one) for one in (error.problems if isinstance(error, ConfigError) else (error,))),
    )


def _problem(error: MlciError) -> Problem:
    return Problem(text=error.says, key=error.key, where=error.where, usage=isinstance(error, UsageError))


def _write(results: Results, out: Path) -> None:
    from mlci.reports.folder import made_ready, write

    with contextlib.suppress(OSError), made_ready(out) as folder:
        write(results, folder)
