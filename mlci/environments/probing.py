"""Looking at one interpreter: whether it runs, how old it is, and whether it is mlci's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 8)
_INSTALLERS = frozenset({"pip", "setuptools", "wheel", "uv", "pkg-resources"})
_AFTER_NAME = re.compile(r"[^A-Za-z0-9._-]")
_PROBE_S = 30
_PROBE = "import json, sys; print(json.dumps([sys.prefix, list(sys.version_info[:2])]))"


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """The environment that mlci runs in."""

    prefix: Path
    executable: Path
    is_virtual: bool
    """Whether it is a virtual environment: one that is not may well be the project's too."""
    holds_more: Callable[[], bool] = lambda: False
    """Tells whether something is installed in it that mlci does not bring: then it was made for a project."""

    @classmethod
    def of_this_process(cls) -> Own:
        """Return the environment of the running process."""
        return cls(
            prefix=Path(sys.prefix),
            executable=Path(sys.executable),
            is_virtual=sys.prefix != sys.base_prefix,
            holds_more=lambda: bool(beyond_mlci()),
        )

    def is_only_mlci(self, prefix: Path | None) -> bool:
        """Return whether `prefix` is a virtual environment that mlci runs in, which need not hold anything else."""
        return self.is_virtual and prefix is not None and same(prefix, self.prefix)


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """What an interpreter said of itself."""

    prefix: Path | None = None
    fault: str | None = None
    """Why it cannot be used."""


def beyond_mlci() -> set[str]:
    """Return the packages of this environment that neither mlci and its extras nor an installer bring."""
    from importlib.metadata import distributions

    needs = {_name(found.metadata["Name"] or ""): found.requires or () for found in distributions()}
    brought, waiting = set(_INSTALLERS), ["mlci"]
    while waiting:
        name = waiting.pop()
        if name not in brought:
            brought.add(name)
            asked = [need for need in needs.get(name, ()) if name == "mlci" or "extra ==" not in need]
            waiting += [_name(_AFTER_NAME.split(need, maxsplit=1)[0]) for need in asked]
    return set(needs) - brought


def _name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def probe(path: Path, environ: Mapping[str, str]) -> Probed:
    """Run the interpreter at `path` and return its prefix, or why it cannot be used."""
    try:
        ran = run([str(path), "-I", "-c", _PROBE], environ)
        prefix, version = json.loads(ran.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return Probed(fault=f"it did not answer within {_PROBE_S} s")
    except OSError as error:
        return Probed(fault=error.strerror or str(error))
    except (ValueError, IndexError):
        last = next((line for line in reversed(ran.stderr.splitlines()) if line.strip()), "it says nothing")
        return Probed(fault=f"it does not run as Python 3 ({last.strip()[:200]})")
    if tuple(version) < OLDEST:
        return Probed(fault=f"it is Python {version[0]}.{version[1]}, and {OLDEST[0]}.{OLDEST[1]} is the oldest")
    return Probed(prefix=Path(prefix))


def run(
    argv: Sequence[str], environ: Mapping[str, str], *, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short command that tells about interpreters; raises `OSError` and `TimeoutExpired`."""
    return subprocess.run(
        list(argv),
        env=dict(environ),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PROBE_S,
        check=False,
    )


def cleaned(environ: Mapping[str, str], own: Own) -> dict[str, str]:
    """Return `environ` without what points at mlci's own environment, at another repository, or could be a secret."""
    from mlci.processes.environment import looks_secret

    env = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("GIT_", "PYTHON", "__PYVENV")) and not looks_secret(name)
    }
    if "VIRTUAL_ENV" in env and same(Path(env["VIRTUAL_ENV"]), own.prefix):
        del env["VIRTUAL_ENV"]
    env["PATH"] = os.pathsep.join(search_path(environ, own))
    return env


def search_path(environ: Mapping[str, str], own: Own) -> list[str]:
    """Return the folders of PATH, without that of mlci's own environment where it is a virtual one."""
    entries = [entry for entry in environ.get("PATH", os.defpath).split(os.pathsep) if entry]
    if not own.is_virtual:
        return entries
    return [entry for entry in entries if not same(Path(entry).parent, own.prefix)]


def same(one: Path, other: Path) -> bool:
    """Return whether both paths lead to one folder."""
    return os.path.realpath(one) == os.path.realpath(other)


def python_in(environment: Path) -> Path | None:
    """Return the interpreter in the folder of a virtual or conda environment; links are left as they are."""
    for name in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
        path = environment / name
        if path.is_file() or path.is_symlink():
            return path
    return None
