"""Runs of MLflow as baselines, found by the commit that they are tagged with; read only.

They hold aggregates on evaluation data that mlci knows nothing of, so the plain tolerance rule judges them.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mlci.baselines.model import SCHEMA, Computed, Stored
from mlci.baselines.stores import Setup, Tried
from mlci.baselines.wanted import aggregates, known_as, names_of
from mlci.errors import CannotRun
from mlci.numbers import count
from mlci.results.model import Rung

T = TypeVar("T")
_MOST_RUNS = 1_000
_LONGEST = 200
_NOTE = "aggregates of MLflow, on evaluation data that mlci does not know"


def opened(setup: Setup) -> MlflowStore:
    """Return the store at the tracking server or in the folder that `mlflow` names."""
    tracking = setup.settings.mlflow.tracking or setup.environ.get("MLFLOW_TRACKING_URI") or "mlruns"
    if "://" not in tracking:
        tracking = (setup.root / tracking).resolve().as_uri()
    return MlflowStore(setup=setup, tracking=tracking, name=f"MLflow {_shown(tracking)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class MlflowStore:
    """Runs that have ended, of one experiment or of all."""

    setup: Setup
    tracking: str
    name: str

    @property
    def local(self) -> bool:
        """Whether it is a folder on this machine."""
        return urlsplit(self.tracking).scheme in ("file", "sqlite")

    def look(self) -> Iterator[Tried]:
        """Try the last run of the nearest commit that has one."""
        try:
            by_commit = self._runs()
        except CannotRun as error:
            yield Rung(source=self.name, found=False, note=error.says, broken=True), None
            return
        for at, commit in enumerate(self.setup.candidates):
            if commit in by_commit:
                yield self._tried(by_commit[commit], commit, at)
                return
        looked = count(len(self.setup.candidates), "commit")
        note = f"no run is tagged {self.setup.settings.mlflow.tag} with one of the {looked} looked at"
        yield Rung(source=self.name, found=False, note=note), None

    def _tried(self, run: Any, commit: str, at: int) -> Tried:
        source = f"{self.name}, run {str(run.info.run_id)[:40]}"
        values = self._values(run.data.metrics)
        if not values:
            return Rung(source=source, found=False, note="it has none of the numbers that are compared"), None
        behind = f", {count(at, 'commit')} behind {self.setup.candidates[0][:10]}" if at else ""
        when = datetime.fromtimestamp((run.info.start_time or 0) / 1000, UTC).isoformat(timespec="seconds")
        stored = Stored(schema=SCHEMA, mlci="", created=when, commit=commit, metrics=aggregates(values))
        return Rung(source=source, found=True, note=f"{_NOTE}{behind}"), Computed(stored=stored)

    def _values(self, kept: Mapping[str, Any]) -> dict[str, float]:
        named, config = self.setup.settings.mlflow.metrics, self.setup.config
        found = {}
        for name in dict.fromkeys([*named, *names_of(config)]):
            places = [named[name]] if name in named else known_as(name, config)
            value = next((kept[place] for place in places if place in kept), None)
            if isinstance(value, int | float) and math.isfinite(value):
                found[name] = float(value)
        return found

    def _runs(self) -> dict[str, Any]:
        """Return the last run that has finished of each commit."""
        client = _client(self.tracking)
        experiments = _guarded(lambda: self._experiments(client))
        runs = _guarded(
            lambda: client.search_runs(
                experiments,
                filter_string="attributes.status = 'FINISHED'",
                max_results=_MOST_RUNS,
                order_by=["attributes.start_time DESC"],
            )
        )
        found: dict[str, Any] = {}
        for run in runs:
            commit = run.data.tags.get(self.setup.settings.mlflow.tag)
            if commit:
                found.setdefault(commit, run)
        return found

    def _experiments(self, client: Any) -> list[str]:
        wanted = self.setup.settings.mlflow.experiment
        if wanted is None:
            return [experiment.experiment_id for experiment in client.search_experiments()]
        experiment = client.get_experiment_by_name(wanted)
        if experiment is None:
            raise CannotRun(f'there is no experiment "{wanted}"')
        return [experiment.experiment_id]


def _client(tracking: str) -> Any:
    folder = urlsplit(tracking)
    if folder.scheme == "file" and not os.path.isdir(folder.path):  # noqa: PTH112 - MLflow would make it
        raise CannotRun(f"there is no folder {folder.path}")
    if folder.scheme == "file":
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # newer versions refuse to read one else
    try:
        from mlflow.tracking import MlflowClient
    except ImportError as error:
        raise CannotRun("mlflow is not installed", fix='Install it: pip install "mlci[mlflow]".') from error
    return _guarded(lambda: MlflowClient(tracking_uri=tracking))


def _guarded(do: Callable[[], T]) -> T:
    """Do what asks MLflow; its errors are of many libraries, and its warnings are for those who use it."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return do()
    except CannotRun:
        raise
    except Exception as error:
        said = (str(error).splitlines() or [""])[0][:_LONGEST]
        raise CannotRun(f"cannot be read: {type(error).__name__}{f': {said}' if said else ''}") from error


def _shown(tracking: str) -> str:
    parts = urlsplit(tracking)
    return parts.path if parts.scheme == "file" else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
