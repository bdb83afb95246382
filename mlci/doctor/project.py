"""The project's interpreter, and the packages that are there for it."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from mlci import __version__
from mlci.config.model import Config
from mlci.doctor.findings import Finding, Section
from mlci.doctor.needs import Need, of_mlci, of_project
from mlci.environments.installing import install_command
from mlci.errors import MlciError
from mlci.interpreter import Interpreter
from mlci.processes import Limits, run_command, worker_environment
from mlci.processes.failures import shown

_LOOK_S = 60.0
_LOOK = """
import importlib.metadata as metadata, importlib.util as util, json, sys
found = {}
for module, package in json.loads(sys.argv[1]):
    try:
        if util.find_spec(module):
            found[module] = metadata.version(package)
    except metadata.PackageNotFoundError:
        found[module] = ""
print(json.dumps([sys.version.split()[0], found]))
"""
_PIP = ("pip", "pip")
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "ibis": "ibis-framework", "mlflow": "mlflow-skinny"}


def of_interpreter(config: Config, root: Path, find: Callable[[], Interpreter], environ: Mapping[str, str]) -> Section:
    """Return which interpreter the project's code runs under, why, and what of it is missing there."""
    title = "the project's environment"
    try:
        python = find()
        needs = list(of_project(config, root))
        release, found = _look(python, root, needs, environ)
    except MlciError as error:
        return Section(title=title, findings=(Finding(name="python", says=error.what, state="missing", fix=error.fix),))
    name = shown(python.path, root)
    packages = tuple(_package(need, found) for need in needs)
    wanted = [_wanted(need) for need, each in zip(needs, packages, strict=True) if each.state == "missing"]
    how = Finding(name="python", says=f"{release}  {name}  ({python.why})")
    if not wanted:
        return Section(title=title, findings=(how, *packages))
    command = install_command(
        list(dict.fromkeys(wanted)), root=root, python=python.path, shown=name, pip=_PIP[0] in found
    )
    return Section(title=title, findings=(how, *packages, Finding(name="install", says=command, state="note")))


def _look(
    python: Interpreter, root: Path, needs: Iterable[Need], environ: Mapping[str, str]
) -> tuple[str, Mapping[str, str]]:
    """Return the release of an interpreter and the versions of the modules that it finds."""
    asked = json.dumps([*((need.module, need.package) for need in needs), _PIP])
    ended = run_command(
        [str(python.path), "-c", _LOOK, asked],
        python=python,
        cwd=root,
        limits=Limits(timeout_s=_LOOK_S),
        env=worker_environment(environ, passed=(), python=python.path),
    )
    try:
        release, found = json.loads(ended.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (ended.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise MlciError(f"{shown(python.path, root)} cannot be asked what it has: it {ended.reason} ({last})") from None
    return release, found


def _package(need: Need, found: Mapping[str, str]) -> Finding:
    if need.module not in found:
        says = f"not installed; asked for by {need.why}"
        return Finding(name=need.package, says=says, state="missing" if need.certain else "note")
    there = found[need.module]
    if need.oldest and _older(there, need.oldest):
        says = f"{there} is too old; {need.why} needs {'.'.join(map(str, need.oldest))}"
        return Finding(name=need.package, says=says, state="missing")
    return Finding(name=need.package, says=f"{there or 'installed'}  ({need.why})")


def _older(there: str, oldest: tuple[int, int]) -> bool:
    parts = there.split(".")[:2]
    return all(part.isdecimal() for part in parts) and tuple(map(int, parts)) < oldest


def _wanted(need: Need) -> str:
    return f"{need.package}>={'.'.join(map(str, need.oldest))}" if need.oldest else need.package


def of_own(config: Config | None) -> Section:
    """Return mlci's own version and place, and which of its extras `config` asks for and are not there."""
    here = Path(__file__).resolve().parents[1]
    release = ".".join(map(str, sys.version_info[:3]))
    own = Finding(name="mlci", says=f"{__version__}  {here}  (Python {release}, {sys.executable})")
    needs = {need.package: need for need in of_mlci(config)} if config else {}
    found = tuple(_own_package(need) for need in needs.values())
    missing = [need.package for need, each in zip(needs.values(), found, strict=True) if each.state == "missing"]
    if not missing:
        return Section(title="mlci itself", findings=(own, *found))
    asked = f"mlci[{','.join(sorted(missing))}]"
    command = shlex.join([sys.executable, "-m", "pip", "install", asked])
    says = f"{command}; for a hook of pre-commit `additional_dependencies: ['.[{','.join(sorted(missing))}]']`"
    return Section(title="mlci itself", findings=(own, *found, Finding(name="install", says=says, state="note")))


def _own_package(need: Need) -> Finding:
    name = f"extra {need.package}"
    if find_spec(need.module) is None:
        return Finding(name=name, says=f"not installed; asked for by {need.why}", state="missing")
    try:
        there = version(_DISTRIBUTIONS.get(need.module, need.module))
    except PackageNotFoundError:
        there = "installed"
    return Finding(name=name, says=f"{need.module} {there}  ({need.why})")
