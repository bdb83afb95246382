"""The places where the interpreter of a project may be, the most particular first."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlci.environments.probing import Own, cleaned, python_in, run, search_path


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An interpreter that may be the project's."""

    path: Path
    why: str
    of_project: bool = False
    """Whether the project itself says so: then it is taken even where mlci is installed in it."""


def candidates(root: Path, environ: Mapping[str, str], own: Own) -> Iterator[Candidate]:
    """Yield the interpreters that may be that of the project in `root`, one place after the other."""
    env = cleaned(environ, own)
    active = env.get("VIRTUAL_ENV")
    yield from _in_folder(active, "the active virtual environment")
    yield from _in_project(root, environ)
    yield from _of_tools(root, env)
    if active is None and "PRE_COMMIT" not in environ:  # a person has activated the environment that mlci is in
        yield from _in_folder(environ.get("VIRTUAL_ENV"), "the active virtual environment", of_project=True)
    yield from _of_conda(environ)
    if "PRE_COMMIT" not in environ and own.holds_more():
        yield Candidate(path=own.executable, why="the environment that mlci is installed in", of_project=True)
    yield from _of_pyenv(root, env)
    yield from _on_path(search_path(environ, own))


def _in_folder(folder: str | Path | None, why: str, *, of_project: bool = False) -> Iterator[Candidate]:
    path = python_in(Path(folder)) if folder else None
    if path is not None:
        yield Candidate(path=path, why=why, of_project=of_project)


def _in_project(root: Path, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield what lies in `root`, and then in the folders above it up to that of the repository."""
    if environ.get("UV_PROJECT_ENVIRONMENT"):
        folder = root / environ["UV_PROJECT_ENVIRONMENT"]
        yield from _in_folder(folder, "UV_PROJECT_ENVIRONMENT", of_project=True)
    yield from _below(root, "the project")
    for folder in _up_to_repository(root):
        yield from _below(folder, str(folder))


def _up_to_repository(root: Path) -> list[Path]:
    """Return the folders above `root` up to the one that holds `.git`; none where there is no repository."""
    line = [root, *root.parents]
    top = next((index for index, folder in enumerate(line) if (folder / ".git").exists()), 0)
    return line[1 : top + 1]


def _below(folder: Path, called: str) -> Iterator[Candidate]:
    for name in (".venv", "venv", "env"):
        place = folder / name
        if place.is_file():
            yield from _in_folder(_pointed_at(place), f"the environment that {name} in {called} names", of_project=True)
        else:
            yield from _in_folder(place, f"{name} in {called}", of_project=True)
    for place in _pixi(folder):
        yield from _in_folder(place, f"{place.relative_to(folder).as_posix()} in {called}", of_project=True)
    pdm = folder / ".pdm-python"
    if pdm.is_file() and (named := _pointed_at(pdm)) is not None:
        yield Candidate(path=named, why=f"the interpreter that .pdm-python in {called} names", of_project=True)


def _pointed_at(file: Path) -> Path | None:
    """Return the path that the first line of `file` holds, relative to its folder."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return file.parent / Path(lines[0].strip()).expanduser() if lines and lines[0].strip() else None


def _pixi(root: Path) -> list[Path]:
    """Return pixi's environments, the default one first."""
    folders = [path for path in (root / ".pixi" / "envs").glob("*") if path.is_dir()]
    return sorted(folders, key=lambda path: (path.name != "default", path.name))


def _of_tools(root: Path, env: Mapping[str, str]) -> Iterator[Candidate]:
    """Ask Poetry, Pipenv and Hatch, each only where the project uses it and it is installed."""
    pyproject = _text(root / "pyproject.toml")
    if "[tool.poetry" in pyproject or (root / "poetry.lock").is_file():
        yield from _asked(root, env, "Poetry's environment", "poetry", "env", "info", "--executable")
    if (root / "Pipfile").is_file():
        yield from _asked(root, env, "Pipenv's environment", "pipenv", "--py")
    if "[tool.hatch.envs" in pyproject or (root / "hatch.toml").is_file():
        yield from _asked(root, env, "Hatch's environment", "hatch", "env", "find", "default")


def _asked(root: Path, env: Mapping[str, str], why: str, command: str, *arguments: str) -> Iterator[Candidate]:
    answer = _answer(root, env, command, *arguments)
    if answer is None:
        return
    if answer.is_dir():
        yield from _in_folder(answer, why, of_project=True)
    elif answer.is_file():
        yield Candidate(path=answer, why=why, of_project=True)


def _answer(root: Path, env: Mapping[str, str], command: str, *arguments: str) -> Path | None:
    """Return the path that a tool prints on its last line, None where it is not installed or says nothing."""
    executable = shutil.which(command, path=env.get("PATH"))
    if executable is None:
        return None
    try:
        ran = run([executable, *arguments], env, cwd=root)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = [line.strip() for line in ran.stdout.splitlines() if line.strip()]
    return Path(lines[-1]) if ran.returncode == 0 and lines else None


def _of_conda(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield the active conda environment, unless it is the base one, which holds conda itself."""
    folder = environ.get("CONDA_PREFIX")
    if folder and environ.get("CONDA_DEFAULT_ENV") != "base" and not (Path(folder) / "condabin").is_dir():
        yield from _in_folder(folder, "the active conda environment")


def _of_pyenv(root: Path, env: Mapping[str, str]) -> Iterator[Candidate]:
    """Ask pyenv where a version is chosen for the project, or where its shim is what PATH has to offer."""
    chosen = "PYENV_VERSION" in env or any((folder / ".python-version").is_file() for folder in (root, *root.parents))
    first = next(_on_path(env["PATH"].split(os.pathsep)), None)
    if chosen or (first is not None and first.path.parent.name == "shims"):
        path = _answer(root, env, "pyenv", "which", "python")
        if path is not None:
            yield Candidate(path=path, why="pyenv's Python for the project")


def _on_path(folders: list[str]) -> Iterator[Candidate]:
    for name in ("python.exe",) if os.name == "nt" else ("python", "python3"):
        for folder in folders:
            path = Path(folder) / name
            if path.is_file() and os.access(path, os.X_OK):
                yield Candidate(path=path, why=f"{name} on PATH")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
