"""What stores with a bundle for each commit have in common: finding the nearest, reading it, forgetting the oldest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from mlci.baselines import bundle
from mlci.baselines.stores import NotHereError, Setup, Tried
from mlci.errors import CannotRun, MlciError
from mlci.numbers import count
from mlci.results.model import Rung

SUFFIX = ".zip"
WITHOUT_LEG = ", saved without a leg"
_COMMIT = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\.zip")
_PATH = re.compile(rf"[A-Za-z0-9_-]+/(leg-[A-Za-z0-9_.-]+/)?{_COMMIT.pattern}|README[.a-z]*")
"""Where `folder_of` puts a bundle, and what somebody may have written of the place."""
_MOST_REFUSED = 3
"""So many bundles that cannot be read are tried before a store is given up."""


@runtime_checkable
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
        expected = bundle.Expected(project=setup.project, leg=setup.leg, commit=commit)
        found = bundle.loads(shelf.read(commit), expected)
    except NotHereError as error:
        return Rung(source=source, found=False, note=error.says), None
    except MlciError as error:
        return Rung(source=source, found=False, note=f"refused: {error.says}", broken=True), None
    return Rung(source=source, found=True, note=note), found


def folder_of(setup: Setup) -> str:
    """Return the folder of a project, or that of a leg of it: no two of them share one, nor begin with a dot."""
    of_project = _named(setup.project, r"[^A-Za-z0-9_-]+")
    return of_project if setup.leg is None else f"{of_project}/leg-{leg_of(setup.leg)}"


def leg_of(leg: str) -> str:
    """Return the name of a leg as files and artifacts have it."""
    return _named(leg, r"[^A-Za-z0-9_.-]+")


def artifact_of(name: str, setup: Setup) -> str:
    """Return the artifact's name, by which legs of a matrix and projects of one repository are told apart."""
    own = [name, *([_named(setup.project, r"[^A-Za-z0-9_-]+")] if setup.is_part else [])]
    return "-".join([*own, *([leg_of(setup.leg)] if setup.leg is not None else [])])


def _named(text: str, odd: str) -> str:
    """Return a text where it is plain, and its plain signs with a digest of the whole where it is not."""
    import hashlib

    plain = re.sub(odd, "-", text).strip("-.")[:60]
    if plain == text:
        return plain
    return f"{plain or 'root'}-{hashlib.blake2b(text.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def commits_in(names: Collection[str]) -> dict[str, str]:
    """Return the commits whose bundles are among the names of files, with the name of each."""
    found = {name: _COMMIT.fullmatch(name.rpartition("/")[2]) for name in names}
    return {match[1]: name for name, match in found.items() if match}


def strangers(paths: Iterable[str]) -> Iterator[str]:
    """Give the paths that are of no bundle of any project or leg."""
    return (path for path in paths if not _PATH.fullmatch(path))


def oldest(written: Mapping[str, float], *, keep: int, just: str, pinned: str | None = None) -> list[str]:
    """Return what is to be forgotten of the commits, each with when it was written.

    Never the one `just` written, nor the one that is `pinned` as the anchor.
    """
    newest = sorted((commit for commit in written if commit not in (just, pinned)), key=lambda commit: -written[commit])
    return newest[keep - 1 :]
