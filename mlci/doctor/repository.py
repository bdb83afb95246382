"""The git repository, what a run would be compared with, and the hooks that are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlci.baselines.base import find as find_base
from mlci.doctor.findings import Finding, Section
from mlci.errors import MlciError
from mlci.git import Repository
from mlci.git import find as find_repository

_CONFIG = ".pre-commit-config.yaml"
_AT_PUSH = frozenset({"mlci", "mlci-code", "mlci-model"})
"""Hooks that run at the push when nothing else is said."""
_STAGES = {"commit": "pre-commit", "push": "pre-push"}
"""What stages were called before pre-commit 3.2."""


def of_git(root: Path, environ: Mapping[str, str]) -> Section:
    """Return what git says of `root`: its repository, the base, Git LFS where it is used."""
    try:
        repository = find_repository(root, environ)
        found = tuple(_of_git(repository, environ)) if repository else (_none(root),)
    except MlciError as error:
        found = (Finding(name="git", says=error.what, state="missing", fix=error.fix),)
    return Section(title="git", findings=found)


def _none(root: Path) -> Finding:
    return Finding(name="repository", says=f"{root} is in none: nothing is compared with a base", state="note")


def _of_git(repository: Repository, environ: Mapping[str, str]) -> Iterator[Finding]:
    said = repository.ask("--version") or ""
    yield Finding(name="git", says=said.removeprefix("git version ").strip())
    yield Finding(name="repository", says=str(repository.top))
    base = find_base(repository, ref=None, environ=environ)
    shown = f"{base.commit[:10]}  ({base.note})" if base.commit else base.note
    yield Finding(name="base", says=shown, state="missing" if base.broken else "fine")
    attributes = repository.top / ".gitattributes"
    if attributes.is_file() and "filter=lfs" in attributes.read_text("utf-8", errors="replace"):
        there = repository.ask("lfs", "version")
        yield Finding(
            name="git lfs",
            says=there or "not installed, and .gitattributes asks for it",
            state="fine" if there else "missing",
            fix="" if there else "Install git-lfs, then: git lfs install && git lfs pull",
        )


def of_hooks(root: Path, environ: Mapping[str, str]) -> Section | None:
    """Return which hooks of mlci the repository of `root` asks for, and whether they are installed; None without."""
    repository = find_repository(root, environ)
    file = repository.top / _CONFIG if repository else None
    if repository is None or file is None or not file.is_file():
        return None
    found = tuple(_of_hook(hook, stages, repository) for hook, stages in _asked(file))
    return Section(title=f"hooks in {_CONFIG}", findings=found) if found else None


def _asked(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each hook of mlci with the stages that it runs at."""
    from mlci.documents import read

    try:
        config = read(file.read_bytes(), file.name).value
    except (OSError, MlciError):
        return
    for repo in _list(config, "repos"):
        for hook in _list(repo, "hooks"):
            name = hook.get("id") if isinstance(hook, Mapping) else None
            if isinstance(name, str) and (name == "mlci" or name.startswith("mlci-")):
                yield name, _stages(hook, config) or (("pre-push",) if name in _AT_PUSH else ("pre-commit",))


def _stages(hook: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[str, ...]:
    stages = hook.get("stages") or config.get("default_stages") or ()
    return tuple(_STAGES.get(stage, stage) for stage in stages if isinstance(stage, str))


def _list(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _of_hook(hook: str, stages: tuple[str, ...], repository: Repository) -> Finding:
    wanted = [stage for stage in stages if stage != "manual"]
    missing = [stage for stage in wanted if not _is_installed(stage, repository)]
    if not missing or len(missing) < len(wanted):
        return Finding(name=hook, says=f"runs at {', '.join(each for each in stages if each not in missing)}")
    return Finding(
        name=hook,
        says=f"is never run: no hook for {missing[0]} is installed",
        state="note",
        fix=f"pre-commit install --hook-type {missing[0]}",
    )


def _is_installed(stage: str, repository: Repository) -> bool:
    place = repository.ask("rev-parse", "--git-path", f"hooks/{stage}")
    return place is not None and (repository.top / place).is_file()
