"""Choosing the Python environment of a project among those that a machine has."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from mlci.environments.places import candidates
from mlci.environments.probing import Own, probe, python_in
from mlci.errors import CannotRun, UsageError

__all__ = ["Own", "choose", "configured_interpreter"]


def configured_interpreter(root: Path, configured: str, environ: Mapping[str, str]) -> tuple[Path, str]:
    """Return the interpreter that `python` in the configuration names, and how it was found.

    It is a path relative to `root`, the folder of an environment, or the bare name of a command on PATH. Raises
    `UsageError` where there is none or it does not run.
    """
    path = _configured_path(root, configured, environ)
    if path is None:
        raise UsageError(f"there is no interpreter {configured!r}", key="python", fix="Create it, or correct the path.")
    fault = probe(path, environ).fault
    if fault is not None:
        raise UsageError(f"the interpreter {configured!r} cannot be used: {fault}", key="python")
    return path, "configured"


def _configured_path(root: Path, configured: str, environ: Mapping[str, str]) -> Path | None:
    path = root / Path(configured).expanduser()
    if path.is_dir():
        return python_in(path)
    if path.is_file():
        return path
    found = None if Path(configured).name != configured else shutil.which(configured, path=environ.get("PATH"))
    return Path(found) if found else None


def choose(root: Path, environ: Mapping[str, str], own: Own) -> tuple[Path, str]:
    """Return the first interpreter that runs and is not mlci's `own`, and how it was found.

    Broken ones that come before it are named too. Raises `CannotRun` where not even mlci's own runs.
    """
    passed_over: list[str] = []
    for candidate in candidates(root, environ, own):
        found = probe(candidate.path, environ)
        if found.fault is not None:
            passed_over.append(f"{candidate.why} ({candidate.path}) cannot be used: {found.fault}")
        elif own.is_only_mlci(found.prefix) and not candidate.of_project:
            passed_over.append(f"{candidate.why} ({candidate.path}) is mlci's own environment")
        else:
            return candidate.path, "; ".join([candidate.why, *passed_over])
    fault = probe(own.executable, environ).fault
    if fault is None:
        return own.executable, "; ".join(["mlci's own Python, for want of another", *passed_over])
    tried = "; ".join(passed_over) or "no virtual environment in the project, none active, no python on PATH"
    raise CannotRun(
        f"no Python found that could run the project's code: {tried}.", fix="Name one with `python` in mlci.yaml."
    )
