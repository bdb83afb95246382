"""The branch store: a bundle for each commit on a branch of the same repository that shares no history with the others.

It is written with git's plumbing: neither the work tree nor the index is touched, and nothing is ever forced. A push
that somebody else was faster than is built anew on top of theirs. A branch that people work on is never written to.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mlci.baselines.archive import MOST_BYTES
from mlci.baselines.stores import NotHereError, Setup, Tried
from mlci.baselines.stores.shelf import SUFFIX, WITHOUT_LEG, commits_in, folder_of, look, oldest, strangers
from mlci.config.baselines import Branch
from mlci.errors import CannotRun, UsageError
from mlci.git import Repository
from mlci.places import dotted

_NOWHERE = "0" * 40
_TRIES = 12
_NO_SUCH_BRANCH = 2
_NO_CREDENTIALS = ("could not read Username", "Authentication failed", "Permission denied")
_FASTER = ("[rejected]", "cannot lock ref", "failed to update ref", "incorrect old value")
_PERSON = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "mlci"), ("EMAIL", "mlci@localhost"))
}
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")


def opened(setup: Setup) -> BranchStore:
    """Return the store on the branch that `branch` names."""
    named = setup.settings.branch
    branch = Branch(name=named) if isinstance(named, str) else named
    return BranchStore(setup=setup, branch=branch, name=f"branch {branch.name}")


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchStore:
    """A folder for each project on the branch, and a file for each commit in it."""

    setup: Setup
    branch: Branch
    name: str
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Numbers from 0 to 1: writers that met once wait for different times."""
    local: bool = True

    @property
    def folder(self) -> str:
        """The project's own folder on the branch."""
        return folder_of(self.setup)

    def look(self) -> Iterator[Tried]:
        """Try the nearest commit, of a leg its own before what was saved without one.

        Without the network, that is the branch as it was fetched last.
        """
        yield from look(self, self.setup, self.name)
        if self.setup.leg is not None:
            yield from replace(self, setup=replace(self.setup, leg=None), name=f"{self.name}{WITHOUT_LEG}").look()

    def commits(self) -> Collection[str]:
        """Return the commits that have a file; the branch is fetched first. One that people work on has none."""
        repository = self._repository
        tip = repository.commit(self._tracking) if self.setup.offline else self._asked(repository)
        tip = tip or repository.commit(f"refs/heads/{self.branch.name}")
        if tip and (why := _of_people(repository, tip)):
            raise NotHereError(f"{self.branch.name} is no branch of baselines: {why}")
        return commits_in(self._names(repository, tip)) if tip else ()

    def read(self, commit: str) -> bytes:
        """Return the file of a commit."""
        repository = self._repository
        tip = repository.commit(self._tracking) or repository.commit(f"refs/heads/{self.branch.name}")
        blob = f"{tip}:{self.folder}/{commit}{SUFFIX}"
        size = repository.ask("cat-file", "-s", blob)
        if size is None or not size.isdigit() or int(size) > MOST_BYTES:
            raise CannotRun("cannot be read from git, or is too large")
        raw = repository.read(str(tip), f"{self.folder}/{commit}{SUFFIX}")
        if raw is None:
            raise CannotRun("cannot be read from git")
        return raw

    def save(self, data: bytes, commit: str) -> str:
        """Add the file to the branch and push it; remove the oldest."""
        repository = self._repository
        remote = self._has_remote(repository)
        for attempt in range(_TRIES):
            tip = self._fetched(repository) if remote else repository.commit(f"refs/heads/{self.branch.name}")
            self._refuse_of_people(repository, tip)
            made = self._committed(repository, tip, data, commit)
            if made == tip or (self._pushed if remote else self._set)(repository, made, tip):
                repository.run("update-ref", self._tracking, made)
                return f"{self.branch.name} of {self.branch.remote}" if remote else self.branch.name
            self.sleep(min(4.0, 0.1 * 2**attempt) * (0.5 + self.chance()))
        raise CannotRun(f"others wrote to the branch {self.branch.name} {_TRIES} times in a row while this run did")

    @property
    def _repository(self) -> Repository:
        if self.setup.repository is None:
            raise CannotRun("not a git repository, so it has no branch")
        return self.setup.repository

    @property
    def _tracking(self) -> str:
        return f"refs/mlci/{self.branch.remote}/{self.branch.name}"

    def _refuse_of_people(self, repository: Repository, tip: str | None) -> None:
        """Refuse to write where others work; a branch that the remote does not have yet may be one of this clone."""
        tip = tip or repository.commit(f"refs/heads/{self.branch.name}")
        if tip and (why := _of_people(repository, tip)):
            key = ("baseline", "branch")
            raise UsageError(
                f"nothing was saved: {self.branch.name} is no branch of baselines: {why}",
                where=self.setup.where(*key),
                key=dotted(key),
                fix="Name one that nobody works on; the first save makes it.",
            )

    def _has_remote(self, repository: Repository) -> bool:
        return repository.ask("remote", "get-url", self.branch.remote) is not None

    def _asked(self, repository: Repository) -> str | None:
        """Return the commit that the branch is at; where the remote wants credentials, as it was when it was cloned.

        A checkout of a private repository that keeps no credentials has the branch, and cannot ask for it again.
        """
        try:
            return self._fetched(repository)
        except CannotRun as error:
            cloned = repository.commit(f"refs/remotes/{self.branch.remote}/{self.branch.name}")
            if cloned is None or not any(text in error.says for text in _NO_CREDENTIALS):
                raise
            repository.run("update-ref", self._tracking, cloned)
            return cloned

    def _fetched(self, repository: Repository) -> str | None:
        """Return the commit that the branch is at on the remote, which is fetched; None where it is not there."""
        if not self._has_remote(repository):
            return None
        remote, ref = self.branch.remote, f"refs/heads/{self.branch.name}"
        listed = repository.run("ls-remote", "--exit-code", remote, ref)
        if listed.returncode == _NO_SUCH_BRANCH:
            return None
        done = listed
        if listed.returncode == 0:
            done = repository.run(
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, f"+{ref}:{self._tracking}"
            )
        if done.returncode:
            raise CannotRun(f"the branch {self.branch.name} cannot be fetched from {remote}: {_last(done.stderr)}")
        return repository.commit(self._tracking)

    def _names(self, repository: Repository, tip: str) -> list[str]:
        return (repository.ask("ls-tree", "--name-only", tip, f"{self.folder}/") or "").splitlines()

    def _committed(self, repository: Repository, tip: str | None, data: bytes, commit: str) -> str:
        """Return a commit on top of `tip` with the file added and the oldest gone; `tip` where nothing changes."""
        with tempfile.TemporaryDirectory(prefix="mlci-") as folder:
            (Path(folder) / "bundle").write_bytes(data)
            blob = _told(repository, "hash-object", "-w", "--no-filters", str(Path(folder) / "bundle"))
            aside = replace(
                repository, environ={**repository.environ, "GIT_INDEX_FILE": str(Path(folder) / "index"), **_PERSON}
            )
            _told(aside, "read-tree", *([tip] if tip else ["--empty"]))
            path = f"{self.folder}/{commit}{SUFFIX}"
            _told(aside, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
            for old in self._old(repository, tip, commit) if tip else ():
                _told(aside, "update-index", "--force-remove", f"{self.folder}/{old}{SUFFIX}")
            tree = _told(aside, "write-tree")
            if tip and repository.ask("rev-parse", f"{tip}^{{tree}}") == tree:
                return tip
            return _told(aside, "commit-tree", tree, *(["-p", tip] if tip else []), "-m", f"Baseline of {commit[:10]}")

    def _old(self, repository: Repository, tip: str, just: str) -> list[str]:
        """Return the commits beyond `keep`, by when their files were added to the branch."""
        known = commits_in(self._names(repository, tip))
        log = repository.ask("log", "--format=", "--name-only", "--diff-filter=AM", tip, "--", self.folder) or ""
        newest = [commit for name in log.splitlines() for commit in commits_in([name])]
        place = {commit: newest.index(commit) if commit in newest else len(newest) for commit in known}
        return oldest(
            {commit: -at for commit, at in place.items()},
            keep=self.setup.settings.keep,
            just=just,
            pinned=self.setup.pinned,
        )

    def _pushed(self, repository: Repository, made: str, _tip: str | None) -> bool:
        """Push, and return whether nobody was faster."""
        ref = f"{made}:refs/heads/{self.branch.name}"
        done = repository.run(*_NO_HOOKS, "push", "--porcelain", "--no-verify", self.branch.remote, ref)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        if done.returncode and not any(words in said for words in _FASTER):
            raise CannotRun(
                f"the branch {self.branch.name} cannot be pushed to {self.branch.remote}: {_last(done.stderr)}"
            )
        return done.returncode == 0

    def _set(self, repository: Repository, made: str, tip: str | None) -> bool:
        """Move the branch of a repository without a remote, and return whether nobody was faster."""
        return repository.run("update-ref", f"refs/heads/{self.branch.name}", made, tip or _NOWHERE).returncode == 0


def _of_people(repository: Repository, tip: str) -> str | None:
    """Return why the branch at `tip` is one that people work on; None for one of baselines.

    A shallow clone may not know what it shares with others: the files tell first, and need no history.
    """
    files = (repository.ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", tip) or "").split("\0")
    other = next(strangers(filter(None, files)), None)
    if other:
        return f"it has other files, as {other}"
    return "it shares history with the commit checked out" if repository.merge_base("HEAD", tip) else None


def _told(repository: Repository, *arguments: str) -> str:
    done = repository.run(*arguments)
    if done.returncode:
        raise CannotRun(f"git {arguments[0]} failed: {_last(done.stderr)}")
    return done.stdout.decode().strip()


def _last(stderr: bytes) -> str:
    """Return the last line that git said, without a password of an address in it."""
    import re

    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return re.sub(r"//[^/@\s]*@", "//", lines[-1].strip())[:300] if lines else "it did not say why"
