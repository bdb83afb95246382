"""What was stored before: every version of the baseline file that git holds."""

from __future__ import annotations

from pathlib import Path

from mlci.baselines import file
from mlci.baselines.model import Stored
from mlci.errors import UsageError
from mlci.git import Repository

MOST = 20


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
