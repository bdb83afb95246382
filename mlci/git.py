"""What mlci asks of git, with the variables of a hook's own git kept out."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mlci.errors import CannotRun

_SECONDS = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A git repository on disk; `top` is the folder of its work tree."""

    top: Path
    environ: Mapping[str, str]

    def ask(self, *arguments: str) -> str | None:
        """Return what `git ARGUMENTS` prints, stripped, or None when it fails."""
        done = self.run(*arguments)
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None

    def folder(self, path: Path) -> str:
        """Return the folder `path` relative to `top`, with a slash at its end; empty for `top` itself and outside."""
        try:
            inside = path.resolve().relative_to(self.top.resolve()).as_posix()
        except ValueError:
            return ""
        return "" if inside == "." else f"{inside}/"

    def commit(self, ref: str) -> str | None:
        """Return the full hash of the commit that `ref` names, or None."""
        return None if ref.startswith("-") else self.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")

    def commits(self, refs: Sequence[str]) -> dict[str, str]:
        """Return the full hashes of the commits that `refs` name, of those that name one, asked in one process."""
        done = self.run("cat-file", "--batch-check", sent="".join(f"{ref}^{{commit}}\n" for ref in refs).encode())
        told = [line.split(" ") for line in done.stdout.decode("utf-8", "replace").splitlines()]
        return {ref: words[0] for ref, words in zip(refs, told, strict=False) if words[1:2] == ["commit"]}

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor of two commits, or None."""
        return one if one == other else self.ask("merge-base", one, other)

    def is_shallow(self) -> bool:
        """Whether the clone has only the newest part of the history."""
        return self.ask("rev-parse", "--is-shallow-repository") == "true"

    def is_dirty(self) -> bool:
        """Whether tracked files differ from HEAD."""
        return bool(self.ask("status", "--porcelain", "--untracked-files=no"))

    def parents(self, commit: str) -> list[str]:
        """Return the parents of a commit that are in this clone."""
        line = self.ask("rev-list", "--parents", "-n", "1", commit) or ""
        return line.split()[1:]

    def read(self, commit: str, path: str) -> bytes | None:
        """Return the content of `path` (relative to `top`) at `commit`, or None when it has no such file."""
        done = self.run("cat-file", "blob", f"{commit}:{path}")
        return done.stdout if done.returncode == 0 else None

    def save(self, blob: str, path: Path) -> bool:
        """Write the content of a blob to `path` without holding it in memory; whether that could be done."""
        with path.open("wb") as file:
            return self.run("cat-file", "blob", blob, into=file).returncode == 0

    def count_between(self, old: str, new: str) -> int | None:
        """Return how many commits of `new` are not in `old`, or None when that cannot be known."""
        text = self.ask("rev-list", "--count", f"{old}..{new}")
        return int(text) if text and text.isdigit() else None

    def contains(self, ancestor: str, descendant: str) -> bool:
        """Whether `ancestor` is `descendant` or a commit before it."""
        return self.run("merge-base", "--is-ancestor", ancestor, descendant).returncode == 0

    @contextmanager
    def worktree(self, commit: str) -> Iterator[Path]:
        """Give a temporary folder with the files of `commit`, and take it away afterwards.

        Raises:
            CannotRun: git cannot make it.
        """
        with tempfile.TemporaryDirectory(prefix="mlci-base-") as folder:
            path = Path(folder).resolve() / "tree"
            done = self.run("-c", "core.hooksPath=", "worktree", "add", "--detach", "--force", str(path), commit)
            if done.returncode:
                says = done.stderr.decode("utf-8", "replace").strip().splitlines()
                raise CannotRun(f"git cannot check out {commit[:10]} beside the work tree: {(says or ['?'])[-1]}")
            try:
                yield path
            finally:
                self.run("worktree", "remove", "--force", str(path))

    def run(
        self, *arguments: str, into: IO[bytes] | int = subprocess.PIPE, sent: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `git ARGUMENTS` in the repository and send it `sent`; raise `CannotRun` where it is missing or hangs."""
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self.top,
                env=dict(self.environ),
                input=sent,
                stdout=into,
                stderr=subprocess.PIPE,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise CannotRun("git is not installed", fix="Install git.") from error
        except subprocess.TimeoutExpired as error:
            raise CannotRun(f"git {arguments[0]} took more than {_SECONDS} s") from error


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without what a hook's git sets for its own repository, and with prompts off."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def find(folder: Path, environ: Mapping[str, str] = os.environ) -> Repository | None:
    """Return the repository that `folder` is in, or None.

    Raises:
        CannotRun: git refuses to read it, because it belongs to someone else.
    """
    clean = environment(environ)
    try:
        done = Repository(top=folder, environ=clean).run("rev-parse", "--show-toplevel")
    except CannotRun:
        return None
    if b"dubious ownership" in done.stderr:
        raise CannotRun(
            f"git does not trust {folder}, which belongs to another user",
            fix=f'Tell it to: git config --global --add safe.directory "{folder}"',
        )
    top = done.stdout.decode("utf-8", "replace").strip()
    return Repository(top=Path(top), environ=clean) if done.returncode == 0 and top else None
