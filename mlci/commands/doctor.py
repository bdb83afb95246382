"""`mlci doctor`: which interpreter was found and why, versions, what is missing and the command that installs it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from mlci.commands.run import meant
from mlci.config.finding import found
from mlci.config.load import Loaded
from mlci.config.model import Config
from mlci.doctor.findings import Finding, Section, is_missing
from mlci.doctor.project import of_interpreter, of_own
from mlci.doctor.repository import of_git, of_hooks
from mlci.errors import ERRORED, PASSED
from mlci.git import find as find_repository
from mlci.interpreter import Interpreter
from mlci.interpreter import find as find_interpreter
from mlci.results.model import GATES
from mlci.workspace import Workspace, around, everywhere


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci doctor`."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration; found upwards when left out")
    parser.add_argument("--python", metavar="PATH", help="look at this interpreter in place of the one that is found")
    parser.add_argument("--format", choices=("console", "json"), default="console", help="what is printed")
    parser.set_defaults(run=run, base=None)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 3 where something is missing that `mlci.yaml` asks for."""
    sections = tuple(_sections(arguments))
    if arguments.format == "json":
        _print_json(sections)
    else:
        from mlci.reports.doctor import show

        show(sections)
    return ERRORED if is_missing(sections) else PASSED


def _sections(arguments: argparse.Namespace) -> Iterator[Section]:
    about = _about(arguments)
    if about is None:
        yield from _without(arguments)
    elif isinstance(about, Loaded):
        yield from _of(arguments, about)
    else:
        for project in about.projects:
            yield from _of(arguments, project.loaded, called=f"{project.folder}: ")


def _about(arguments: argparse.Namespace) -> Loaded | Workspace | None:
    if arguments.config is None and found(Path.cwd()) is None:
        return _below(Path.cwd())
    return meant(arguments)


def _below(folder: Path) -> Workspace | None:
    """Return all the projects of the repository that lie in `folder`, or None."""
    repository = find_repository(folder)
    return around(folder, repository, lambda _: None) if repository and everywhere(folder, repository) else None


def _without(arguments: argparse.Namespace) -> Iterator[Section]:
    """Give what can be said where there is no configuration yet."""
    here = Path.cwd()
    says, fix = f"none in {here} or above it", "The README says how to write one."
    said = Finding(name="mlci.yaml", says=says, state="note", fix=fix)
    yield of_own(None)
    yield Section(title="configuration", findings=(said,))
    yield _environment(arguments, Config(version=1), here)
    yield from _around(here)


def _of(arguments: argparse.Namespace, loaded: Loaded, *, called: str = "") -> Iterator[Section]:
    gates = [gate for gate in GATES if loaded.config.names(gate)]
    said = Finding(name=loaded.name, says=f"fine, with {', '.join(gates)}")
    found = (
        of_own(loaded.config),
        Section(title="configuration", findings=(said,)),
        _environment(arguments, loaded.config, loaded.root),
        *_around(loaded.root),
    )
    yield from (Section(title=f"{called}{each.title}", findings=each.findings) for each in found)


def _environment(arguments: argparse.Namespace, config: Config, root: Path) -> Section:
    def find() -> Interpreter:
        return find_interpreter(root, configured=arguments.python or config.python, environ=os.environ)

    return of_interpreter(config, root, find, os.environ)


def _around(root: Path) -> Iterator[Section]:
    yield of_git(root, os.environ)
    hooks = of_hooks(root, os.environ)
    if hooks is not None:
        yield hooks


def _print_json(sections: tuple[Section, ...]) -> None:
    import json
    import sys
    from dataclasses import asdict

    sys.stdout.write(json.dumps([asdict(section) for section in sections], indent=1, ensure_ascii=False) + "\n")
