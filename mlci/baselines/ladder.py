"""Look for a baseline, rung by rung, and keep the receipt of the search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mlci.baselines import file
from mlci.baselines.base import Base
from mlci.baselines.model import Computed, Found, Stored
from mlci.config.model import Baseline
from mlci.errors import MlciError, UsageError
from mlci.git import Repository
from mlci.results.model import Receipt, Rung


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Where to look: the settings, the repository (None outside one), the base and the root of the configuration."""

    settings: Baseline
    repository: Repository | None
    base: Base
    root: Path
    recompute: Callable[[str], Computed]
    """Runs the gates at a commit; used on the last rung, where the settings ask for it."""


_Tried = tuple[Rung, Computed | None]


def climb(search: Search) -> Found:
    """Return the first baseline found, with every rung that was tried."""
    rungs: list[Rung] = []
    for rung, found in _rungs(search):
        rungs.append(rung)
        if found:
            receipt = _receipt(search, rungs, found.stored)
            return Found(stored=found.stored, receipt=receipt, predicted=found.predicted)
    error = search.base.note if search.base.broken else None
    return Found(stored=None, receipt=Receipt(rungs=tuple(rungs)), error=error)


def _rungs(search: Search) -> Iterator[_Tried]:
    path = search.settings.path
    if search.repository is None:
        yield _from_disk(search.root / path, path)
        return
    commit = search.base.commit
    if commit is None:
        yield Rung(source=f"{path} at the merge-base", found=False, note=search.base.note), None
        return
    yield _from_git(search, search.repository, commit)
    if search.settings.recompute:
        yield _recomputed(search, commit)


def _from_disk(path: Path, name: str) -> _Tried:
    source = f"{name} on disk (not a git repository)"
    if not path.is_file():
        return Rung(source=source, found=False, note="no such file"), None
    return _read(source, path.read_bytes(), name)


def _from_git(search: Search, repository: Repository, commit: str) -> _Tried:
    name = search.settings.path
    source = f"{name} at {commit[:10]} ({search.base.note})"
    try:
        inside = (search.root / name).resolve().relative_to(repository.top.resolve()).as_posix()
    except ValueError:
        return Rung(source=source, found=False, note="the path leads out of the repository"), None
    raw = repository.read(commit, inside)
    if raw is None:
        return Rung(source=source, found=False, note="no such file at that commit"), None
    return _read(source, raw, name)


def _read(source: str, raw: bytes, name: str) -> _Tried:
    try:
        return Rung(source=source, found=True), Computed(stored=file.loads(raw, name))
    except UsageError as error:
        return Rung(source=source, found=False, note=f"refused: {error}"), None


def _recomputed(search: Search, commit: str) -> _Tried:
    source = f"the gates run at {commit[:10]} ({search.base.note})"
    try:
        return Rung(source=source, found=True), search.recompute(commit)
    except MlciError as error:
        return Rung(source=source, found=False, note=str(error)), None


def _receipt(search: Search, rungs: list[Rung], stored: Stored) -> Receipt:
    behind = None
    if search.repository and search.base.commit and stored.commit:
        behind = search.repository.count_between(stored.commit, search.base.commit)
    return Receipt(
        rungs=tuple(rungs),
        source=rungs[-1].source,
        commit=stored.commit,
        created=stored.created,
        commits_behind=behind,
    )
