"""Which commit a run is compared with: the merge-base of the change and the branch that it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlci.ci import Told, told_of
from mlci.errors import UsageError

if TYPE_CHECKING:
    from mlci.git import Repository

_DEFAULT_BRANCHES = ("origin/HEAD", "main", "master", "origin/main", "origin/master")
_DEEPEN = "`fetch-depth: 0` of actions/checkout"
_TWO = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """The commit to compare with, how it was found, or why there is none."""

    commit: str | None
    note: str
    broken: bool = False
    """There should be one, and this clone cannot tell which: a comparison is errored, not skipped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tree:
    """What is checked out, and what the CI tells of it."""

    repository: Repository
    head: str
    told: Told | None

    @property
    def parents(self) -> list[str]:
        """Return the parents of HEAD that are in this clone."""
        return self.repository.parents(self.head)

    def branch(self, name: str) -> str | None:
        """Return the commit of a branch, of the remote before that of this clone."""
        return (self.repository.commit(f"origin/{name}") or self.repository.commit(name)) if name else None

    def lacks(self, what: str) -> Base:
        """Return that the clone is too small to find the base."""
        deepen = self.told.deepen if self.told else _DEEPEN
        fetch = f"Fetch the whole history: {deepen}, or `git fetch --unshallow`."
        return Base(commit=None, note=f"this clone is shallow and {what}. {fetch}", broken=True)


def find(repository: Repository | None, *, ref: str | None, environ: Mapping[str, str]) -> Base:
    """Return the base of what is checked out: of `ref` when given, else of what the CI or the branches say.

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
    tree = _Tree(repository=repository, head=head, told=told_of(environ))
    return _from_ref(tree, ref) if ref else _from_ci(tree)


def _from_ref(tree: _Tree, ref: str) -> Base:
    commit = tree.repository.commit(ref) or tree.repository.commit(f"origin/{ref}")
    if commit is None:
        if tree.repository.is_shallow():
            return tree.lacks(f"has no {ref}")
        raise UsageError(f"--base {ref}: git knows no such commit", fix="Name a branch, tag or hash of this clone.")
    return _merge_base(tree, commit, ref)


def _merge_base(tree: _Tree, commit: str, name: str) -> Base:
    base = tree.repository.merge_base(commit, tree.head)
    if base:
        return Base(commit=base, note=f"merge-base with {name}")
    if tree.repository.is_shallow():
        return tree.lacks(f"has no merge-base with {name}")
    return Base(commit=None, note=f"no common history with {name}", broken=True)


def _from_ci(tree: _Tree) -> Base:
    told = tree.told
    if told is None:
        return _from_branches(tree)
    if told.kind == "change":
        return _of_change(tree, told)
    if told.kind == "queue":
        return _of_queue(tree, told)
    pushed = told.kind == "push" and (not told.head or told.head == tree.head)
    return _of_push(tree, told) if pushed else _from_branches(tree)


def _of_change(tree: _Tree, told: Told) -> Base:
    target = tree.branch(told.branch)
    parents = tree.parents
    if len(parents) >= _TWO and _is_merge_of_ci(tree, told, parents, target):
        return Base(commit=parents[0], note="first parent of the merge commit")
    if told.exact and told.base and tree.repository.contains(told.base, tree.head):
        return Base(commit=told.base, note=f"merge-base with {told.branch}, as the CI says")
    if not parents and tree.repository.is_shallow():
        return tree.lacks("holds no parent of HEAD")
    if target:
        return _merge_base(tree, target, told.branch)
    if told.base and tree.repository.commit(told.base):
        return _merge_base(tree, told.base, f"{told.branch or 'the base'} as it was when the event happened")
    if told.branch and tree.repository.is_shallow():
        return tree.lacks(f"has no branch {told.branch}")
    if told.branch:
        fetch = f"Fetch it: {told.deepen}, or `git fetch origin {told.branch}`."
        return Base(commit=None, note=f"this clone has no branch {told.branch}. {fetch}", broken=True)
    return _from_branches(tree)


def _is_merge_of_ci(tree: _Tree, told: Told, parents: list[str], target: str | None) -> bool:
    """Whether HEAD is the CI's merge of the change into its base, and not one of the base into the change."""
    if told.head and told.head in (tree.head, parents[1]):
        return told.head == parents[1]
    return target is not None and tree.repository.contains(parents[0], target)


def _of_queue(tree: _Tree, told: Told) -> Base:
    """Return what a merge group is built on, which may be the group before it."""
    if told.base and tree.repository.contains(told.base, tree.head):
        return Base(commit=told.base, note="base of the merge group")
    if tree.parents:
        return Base(commit=tree.parents[0], note="first parent of the merge group's commit")
    return tree.lacks("holds no parent of HEAD") if tree.repository.is_shallow() else _from_branches(tree)


def _of_push(tree: _Tree, told: Told) -> Base:
    """Return what the default branch was before the push; of another branch, where it left the default branch."""
    if told.branch != told.default:
        return _from_branches(tree)
    before = tree.repository.commit(told.before) if told.before else None
    base = tree.repository.merge_base(before, tree.head) if before else None
    if base and base != tree.head:
        forced = "" if base == before else ", where history was rewritten"
        return Base(commit=base, note=f"{told.branch} before the push{forced}")
    return _from_branches(tree)


def _from_branches(tree: _Tree) -> Base:
    default = tree.told.default if tree.told else ""
    names = (f"origin/{default}", *_DEFAULT_BRANCHES) if default.split() == [default] else _DEFAULT_BRANCHES
    for name, commit in tree.repository.commits(names).items():
        base = tree.repository.merge_base(commit, tree.head)
        if base and base != tree.head:
            return Base(commit=base, note=f"merge-base with {name}")
        if base:
            return _on_the_branch(tree, name)
    return _on_the_branch(tree, "HEAD")


def _on_the_branch(tree: _Tree, name: str) -> Base:
    if tree.repository.is_dirty():
        return Base(commit=tree.head, note="HEAD, under uncommitted changes")
    parents = tree.parents
    if parents:
        return Base(commit=parents[0], note=f"parent of HEAD, which is on {name}")
    if tree.repository.is_shallow():
        return tree.lacks("holds no parent of HEAD")
    return Base(commit=None, note="HEAD is the first commit")
