"""The anchor: a pinned release, whose numbers a run is compared with beside those of the last merge.

Many changes that each lose less than their limit lose much together, and only a comparison that does not move with
them shows it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mlci.baselines import file
from mlci.baselines.base import Base
from mlci.baselines.ladder import Search, climb
from mlci.baselines.model import Found
from mlci.errors import UsageError
from mlci.git import Repository
from mlci.results.model import Receipt, Rung

_FILE = ".json"


def find_anchor(search: Search, name: str) -> Found:
    """Return the baseline of the anchor called `name`, or why there is none; that is an error, since it is pinned.

    A text that ends in `.json` is a baseline file, read at the merge-base so that the change cannot edit it, or from
    disk where the merge-base does not have it yet. Anything else is a tag or commit, and the stores of `search` are
    asked for its baseline.
    """
    found = _from_file(search, name) if name.endswith(_FILE) else _from_commit(search, name)
    if found.stored is not None:
        return found
    tried = "; ".join(f"{rung.source}: {rung.note}" for rung in found.receipt.rungs)
    return replace(found, error=found.error or f"the anchor {name} has no baseline ({tried})")


def _from_commit(search: Search, name: str) -> Found:
    if search.setup.repository is None:
        return _missing(name, "not a git repository")
    commit = search.setup.repository.commit(name)
    if commit is None:
        return _missing(name, "git knows no such tag or commit; fetch it: `git fetch --tags`, or `fetch-depth: 0`")
    return climb(replace(search, setup=replace(search.setup, base=Base(commit=commit, note=f"anchor {name}"))))


def _from_file(search: Search, name: str) -> Found:
    raw, place = _bytes(search, name)
    source = f"{name} {place}"
    if raw is None:
        return _missing(source, "no such file")
    try:
        stored = file.loads(raw, name)
    except UsageError as error:
        return _missing(source, f"refused: {error}")
    receipt = Receipt(
        rungs=(Rung(source=source, found=True),), source=source, commit=stored.commit, created=stored.created
    )
    return Found(stored=stored, receipt=receipt)


def _bytes(search: Search, name: str) -> tuple[bytes | None, str]:
    path, commit = search.setup.root / name, search.setup.base.commit
    if search.setup.repository is not None and commit is not None:
        raw = _at(search.setup.repository, commit, path)
        if raw is not None:
            return raw, f"at {commit[:10]} ({search.setup.base.note})"
    return (path.read_bytes() if path.is_file() else None), "on disk"


def _at(repository: Repository, commit: str, path: Path) -> bytes | None:
    try:
        inside = path.resolve().relative_to(repository.top.resolve()).as_posix()
    except ValueError:
        return None
    return repository.read(commit, inside)


def _missing(source: str, note: str) -> Found:
    return Found(stored=None, receipt=Receipt(rungs=(Rung(source=source, found=False, note=note, broken=True),)))
