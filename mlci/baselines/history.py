"""What was stored before: every version of the baseline file that git holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlci.baselines import file
from mlci.baselines.model import Found, Stored
from mlci.errors import UsageError
from mlci.git import Repository

if TYPE_CHECKING:
    from mlci.baselines.stores import Setup

MOST = 20


def runs_before(setup: Setup, found: Found | None) -> tuple[Stored, ...]:
    """Return what was stored at the base of `setup` and before it, the newest first.

    Those are what a store keeps with the baseline that was `found`, or else, with the file store, the versions of the
    committed file; where there are none, the baseline alone.
    """
    kept = (found.stored, *found.history) if found and found.stored else ()
    commit = setup.base.commit
    if len(kept) > 1 or setup.repository is None or commit is None or "file" not in setup.settings.stores:
        return kept
    return stored_before(setup.repository, setup.root / setup.settings.path, at=commit) or kept


def stored_before(repository: Repository, path: Path, *, at: str = "HEAD", most: int = MOST) -> tuple[Stored, ...]:
    """Return the versions of the baseline at `path` that `at` and commits before it have, the newest `most` first.

    Those that cannot be read any more are left out; so are all where the clone is shallow and does not hold them.
    """
    try:
        inside = path.resolve().relative_to(repository.top.resolve()).as_posix()
    except ValueError:
        return ()
    commits = (repository.ask("log", f"-n{most}", "--format=%H", at, "--", inside) or "").split()
    return tuple(stored for commit in commits if (stored := _at(repository, commit, inside)) is not None)


def _at(repository: Repository, commit: str, inside: str) -> Stored | None:
    raw = repository.read(commit, inside)
    try:
        return None if raw is None else file.loads(raw, inside)
    except UsageError:
        return None
