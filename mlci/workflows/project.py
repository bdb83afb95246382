"""What a workflow needs to know of a repository, found by looking at it: git and the names of files."""

from __future__ import annotations

import shlex
from pathlib import Path, PurePosixPath

from mlci.errors import UsageError
from mlci.git import Repository

_NAMES = ("mlci.yaml", "mlci.yml")
_MOST = 100


def default_branch(repository: Repository) -> str:
    """Return the branch that pull requests go to: that of `origin`, else `main` or `master`, else the current one."""
    head = repository.ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if head:
        return head.removeprefix("origin/")
    for name in ("main", "master"):
        if repository.commit(f"refs/heads/{name}") or repository.commit(f"refs/remotes/origin/{name}"):
            return name
    return repository.ask("symbolic-ref", "--quiet", "--short", "HEAD") or "main"


def projects(repository: Repository) -> tuple[str, ...]:
    """Return the folders that have an `mlci.yaml`, relative to the root and sorted; `.` is the root itself.

    Raises:
        UsageError: there are more than a matrix should have.
    """
    wanted = [pattern for name in _NAMES for pattern in (name, f"**/{name}")]
    listed = repository.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_globs(wanted))
    names = [name for name in (listed or "").split("\0") if name and (repository.top / name).is_file()]
    folders = {PurePosixPath(name).parent for name in names}
    found = sorted(one.as_posix() for one in folders if not one.as_posix().startswith((".github", ".gitlab")))
    if len(found) > _MOST:
        raise UsageError(f"{len(found)} folders have an mlci.yaml, too many for one matrix", fix="Write it by hand.")
    return tuple(found)


def _globs(patterns: list[str]) -> list[str]:
    return [f":(glob){pattern}" for pattern in patterns]


def install_of(folder: Path) -> str:
    """Return the command that installs the packages of the project in `folder`, by the files that it has."""
    for name in ("requirements-dev.txt", "requirements.txt"):
        if (folder / name).is_file():
            return f"python -m pip install --requirement {shlex.quote(name)}"
    if (folder / "uv.lock").is_file():
        return "python -m pip install uv && uv sync --frozen"
    if (folder / "poetry.lock").is_file():
        return "python -m pip install poetry && poetry config virtualenvs.in-project true && poetry install"
    if (folder / "pyproject.toml").is_file() or (folder / "setup.py").is_file():
        return "python -m pip install --editable ."
    return "python -m pip install --requirement requirements.txt"


def python_of(folder: Path, *, inside: str) -> str:
    """Return the input of actions/setup-python for the project in `folder`, which is `inside` the repository."""
    if (folder / ".python-version").is_file():
        path = f"{inside}/.python-version" if inside else ".python-version"
        return f"python-version-file: {path}"
    return "python-version: '3.12'"
