"""What stores with a bundle for each commit have in common: finding the nearest, reading it, forgetting the oldest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from mlci.baselines import bundle
from mlci.baselines.stores import NotHereError, Setup, Tried
from mlci.errors import CannotRun, MlciError
from mlci.numbers import count
from mlci.results.model import Rung

SUFFIX = ".zip"
_COMMIT = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\.zip")
_MOST_REFUSED = 3
"""So many bundles that cannot be read are tried before a store is given up."""


class Shelf(Protocol):
    """A place with a bundle for each commit."""

    def commits(self) -> Collection[str]:
        """Return the commits that it has a bundle of; raise `CannotRun` where it cannot be asked."""

    def read(self, commit: str) -> bytes:
        """Return the bundle of a commit; raise `CannotRun` where it cannot be had."""


def look(shelf: Shelf, setup: Setup, name: str) -> Iterator[Tried]:
    """Try the bundle of the base, or else that of the nearest commit before it that `shelf`, called `name`, has."""
    if setup.repository is None:
        yield Rung(source=name, found=False, note="not a git repository, so no commit can be looked up"), None
        return
    try:
        known = shelf.commits()
    except NotHereError as error:
        yield Rung(source=name, found=False, note=error.says), None
        return
    except CannotRun as error:
        yield Rung(source=name, found=False, note=error.says, broken=True), None
        return
    candidates = setup.candidates
    places = [at for at, commit in enumerate(candidates) if commit in known]
    if not places:
        yield Rung(source=name, found=False, note=_none(setup, len(candidates), len(known))), None
    for at in places[:_MOST_REFUSED]:
        yield _tried(shelf, setup, name, at, candidates[at])


def _none(setup: Setup, looked: int, known: int) -> str:
    start = (setup.base.commit or "")[:10]
    shallow = ", all that this shallow clone has" if setup.repository and setup.repository.is_shallow() else ""
    return f"it has none of {start} and the {count(looked - 1, 'commit')} before it{shallow} ({known} of other commits)"


def _tried(shelf: Shelf, setup: Setup, name: str, at: int, commit: str) -> Tried:
    source = f"{name}, commit {commit[:10]}"
    note = f"{count(at, 'commit')} behind {setup.candidates[0][:10]}" if at else setup.base.note
    try:
        found = bundle.loads(shelf.read(commit), bundle.Expected(project=setup.project, commit=commit))
    except NotHereError as error:
        return Rung(source=source, found=False, note=error.says), None
    except MlciError as error:
        return Rung(source=source, found=False, note=f"refused: {error.says}", broken=True), None
    return Rung(source=source, found=True, note=note), found


def folder_of(project: str) -> str:
    """Return the folder of a project: its name where that is plain, with a digest of the whole where it is not."""
    import hashlib

    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", project).strip("-")[:60]
    if plain == project:
        return plain
    return f"{plain or 'root'}-{hashlib.blake2b(project.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def commits_in(names: Collection[str]) -> dict[str, str]:
    """Return the commits whose bundles are among the names of files, with the name of each."""
    found = {name: _COMMIT.fullmatch(name.rpartition("/")[2]) for name in names}
    return {match[1]: name for name, match in found.items() if match}


def oldest(written: Mapping[str, float], *, keep: int, just: str) -> list[str]:
    """Return what is to be forgotten of the commits, each with when it was written; never the one `just` written."""
    newest = sorted((commit for commit in written if commit != just), key=lambda commit: -written[commit])
    return newest[keep - 1 :]
