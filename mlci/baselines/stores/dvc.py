"""DVC's metrics files at the merge-base as baselines; read only, without DVC.

A metrics file lies in git, or in DVC's cache, where `dvc.lock` of that commit points to it. It holds aggregates on
evaluation data that mlci knows nothing of, so the plain tolerance rule judges them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from mlci.baselines.model import SCHEMA, Computed, Stored
from mlci.baselines.stores import Setup, Tried
from mlci.baselines.wanted import aggregates, known_as, names_of
from mlci.data.diff.dvc import root_of, stored, tracked
from mlci.documents import read
from mlci.errors import MlciError
from mlci.gates.metrics import number_at
from mlci.git import Repository
from mlci.results.model import Rung

_NOTE = "aggregates of DVC, on evaluation data that mlci does not know"
_MOST_BYTES = 32 * 1024 * 1024
_KINDS = (".json", ".yaml", ".yml")


def opened(setup: Setup) -> DvcStore:
    """Return the store of the metrics files that `dvc.yaml` lists."""
    return DvcStore(setup=setup)


@dataclass(frozen=True, kw_only=True, slots=True)
class DvcStore:
    """Metrics files at a commit of this repository."""

    setup: Setup
    local: bool = True

    def look(self) -> Iterator[Tried]:
        """Read the metrics files at the merge-base."""
        repository, commit = self.setup.repository, self.setup.base.commit
        if repository is None or commit is None:
            yield Rung(source="DVC's metrics files", found=False, note="not a git repository"), None
            return
        source = f"DVC's metrics files at {commit[:10]} ({self.setup.base.note})"
        try:
            yield self._tried(repository, commit, source)
        except MlciError as error:
            yield Rung(source=source, found=False, note=f"refused: {error}", broken=True), None

    def _tried(self, repository: Repository, commit: str, source: str) -> Tried:
        text = partial(_text, repository, commit)
        files = self.setup.settings.dvc.files or tuple(listed(self._inside, text))
        if not files:
            return Rung(source=source, found=False, note="dvc.yaml lists no metrics file at that commit"), None
        documents = {file: self._document(file, text) for file in files}
        known = {file: document for file, document in documents.items() if document is not None}
        values = self._values(known)
        if not values:
            missing = ", ".join(file for file in files if file not in known)
            why = f"not there: {missing}" if missing else "they have none of the numbers that are compared"
            return Rung(source=source, found=False, note=why), None
        when = repository.ask("show", "-s", "--format=%cI", commit) or ""
        kept = Stored(schema=SCHEMA, mlci="", created=when, commit=commit, metrics=aggregates(values))
        return Rung(source=source, found=True, note=_NOTE), Computed(stored=kept)

    @property
    def _inside(self) -> PurePosixPath:
        """The folder of `mlci.yaml` from the top of the repository."""
        assert self.setup.repository  # noqa: S101 - looked at before
        top = self.setup.repository.top.resolve()
        return PurePosixPath(self.setup.root.resolve().relative_to(top).as_posix())

    def _document(self, file: str, text: Any) -> Any:
        """Return what a metrics file held, from git or from DVC's cache; None where neither has it."""
        inside = self._inside / file
        raw = text(inside)
        pointer = None if raw is not None else tracked(inside.as_posix(), text)
        top = self.setup.repository.top if self.setup.repository else self.setup.root
        root = root_of(top, inside.as_posix())
        if pointer and root:
            place = stored(root, pointer)
            raw = place.read_bytes() if place and place.stat().st_size <= _MOST_BYTES else None
        return None if raw is None else read(raw, file).value

    def _values(self, documents: Mapping[str, Any]) -> dict[str, float]:
        named, config = self.setup.settings.dvc.metrics, self.setup.config
        found = {}
        for name in dict.fromkeys([*named, *names_of(config)]):
            value = _named(named[name], documents) if name in named else _likely(name, self.setup, documents)
            if value is not None:
                found[name] = value
        return found


def _named(place: str, documents: Mapping[str, Any]) -> float | None:
    file, _, path = place.partition(":")
    return number_at(documents[file], path) if file in documents else None


def _likely(name: str, setup: Setup, documents: Mapping[str, Any]) -> float | None:
    """Return a number of `metrics:` out of the file that it names there, or one of a model out of any."""
    if name.startswith("metrics."):
        file = next(file for file in sorted(setup.config.metrics, key=len, reverse=True) if _is_in(name, file))
        return number_at(documents[file], name.removeprefix(f"metrics.{file}.")) if file in documents else None
    places = [place for path in known_as(name, setup.config) for place in _at(path, documents)]
    return places[0] if len(places) == 1 else None


def _is_in(name: str, file: str) -> bool:
    return name.startswith(f"metrics.{file}.")


def _at(path: str, documents: Mapping[str, Any]) -> list[float]:
    found = (number_at(document, path) for document in documents.values())
    return [value for value in found if value is not None]


def listed(folder: PurePosixPath, text: Any) -> Iterator[str]:
    """Give the metrics files in the `dvc.yaml` of a folder, of the whole or of its stages, by their path from there."""
    raw = text(folder / "dvc.yaml")
    document = read(raw, "dvc.yaml").value if raw is not None else None
    if not isinstance(document, dict):
        return
    yield from _files(document, PurePosixPath())
    stages = document.get("stages")
    for stage in stages.values() if isinstance(stages, dict) else ():
        body = stage.get("do", stage) if isinstance(stage, dict) else None
        if isinstance(body, dict):
            yield from _files(body, PurePosixPath(str(body.get("wdir") or "")))


def _files(body: Mapping[str, Any], below: PurePosixPath) -> Iterator[str]:
    for entry in body.get("metrics") or ():
        file = next(iter(entry), None) if isinstance(entry, dict) else entry
        if isinstance(file, str) and file.lower().endswith(_KINDS) and "${" not in file:
            yield (below / file).as_posix()


def _text(repository: Repository, commit: str, path: PurePosixPath) -> bytes | None:
    return repository.read(commit, path.as_posix())
