"""Which commit a run is compared with: the merge-base of the change and the branch that it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.errors import UsageError

if TYPE_CHECKING:
    from mlci.git import Repository

_DEFAULT_BRANCHES = ("origin/HEAD", "main", "master", "origin/main", "origin/master")
_DEEPEN = "Fetch the whole history: `fetch-depth: 0` of actions/checkout, or `git fetch --unshallow`."


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """The commit to compare with, how it was found, or why there is none."""

    commit: str | None
    note: str
    broken: bool = False
    """There should be one, and this clone cannot tell which: a comparison is errored, not skipped."""


def find(repository: Repository | None, *, ref: str | None, environ: Mapping[str, str]) -> Base:
    """Return the base of what is checked out: of `ref` when given, else of what GitHub or the branches say.

    Raises:
        UsageError: `ref` is given outside a git repository, or names no commit of a whole clone.
    """
    if repository is None:
        if ref:
            raise UsageError(f"--base {ref}: not a git repository")
        return Base(commit=None, note="not a git repository")
    head = repository.commit("HEAD")
    if head is None:
        return Base(commit=None, note="the repository has no commit yet")
    if ref:
        return _from_ref(repository, ref)
    if environ.get("GITHUB_EVENT_NAME") in ("pull_request", "pull_request_target", "merge_group"):
        return _from_pull_request(repository, head, environ)
    return _from_branches(repository, head)


def _from_ref(repository: Repository, ref: str) -> Base:
    commit = repository.commit(ref) or repository.commit(f"origin/{ref}")
    if commit is None:
        if repository.is_shallow():
            return Base(commit=None, note=f"this clone is shallow and has no {ref}. {_DEEPEN}", broken=True)
        raise UsageError(f"--base {ref}: git knows no such commit", fix="Name a branch, tag or hash of this clone.")
    return _merge_base(repository, commit, ref)


def _merge_base(repository: Repository, commit: str, name: str) -> Base:
    base = repository.merge_base(commit, "HEAD")
    if base:
        return Base(commit=base, note=f"merge-base with {name}")
    if repository.is_shallow():
        return Base(
            commit=None, note=f"this clone is shallow and has no merge-base with {name}. {_DEEPEN}", broken=True
        )
    return Base(commit=None, note=f"no common history with {name}", broken=True)


def _from_pull_request(repository: Repository, head: str, environ: Mapping[str, str]) -> Base:
    parents = repository.parents(head)
    branch = environ.get("GITHUB_BASE_REF", "")
    target = (repository.commit(f"origin/{branch}") or repository.commit(branch)) if branch else None
    if len(parents) > 1 and _is_merge_of_github(repository, head, parents[0], target, environ):
        return Base(commit=parents[0], note="first parent of the merge commit")
    if repository.is_shallow() and not parents:
        return Base(commit=None, note=f"this clone is shallow and holds no parent of HEAD. {_DEEPEN}", broken=True)
    if target:
        return _merge_base(repository, target, branch)
    if parents:
        return Base(commit=parents[0], note="parent of HEAD")
    return Base(commit=None, note="HEAD has no parent")


def _is_merge_of_github(
    repository: Repository, head: str, parent: str, target: str | None, environ: Mapping[str, str]
) -> bool:
    """Whether HEAD merges the change into its base; a merge of the base into the change has its own first parent."""
    if target and not repository.contains(parent, target):
        return False
    return bool(target) or head == environ.get("GITHUB_SHA")


def _from_branches(repository: Repository, head: str) -> Base:
    for name, commit in repository.commits(_DEFAULT_BRANCHES).items():
        base = repository.merge_base(commit, head)
        if base and base != head:
            return Base(commit=base, note=f"merge-base with {name}")
        if base:
            return _on_the_branch(repository, head, name)
    return _on_the_branch(repository, head, "HEAD")


def _on_the_branch(repository: Repository, head: str, name: str) -> Base:
    if repository.is_dirty():
        return Base(commit=head, note="HEAD, under uncommitted changes")
    parents = repository.parents(head)
    if parents:
        return Base(commit=parents[0], note=f"parent of HEAD, which is on {name}")
    if repository.is_shallow():
        return Base(commit=None, note=f"this clone is shallow and holds no parent of HEAD. {_DEEPEN}", broken=True)
    return Base(commit=None, note="HEAD is the first commit")
