"""Running several projects as one: each in its own environment, all in one report."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mlci import __version__, workspace
from mlci.baselines.base import find as find_base
from mlci.changed.files import since
from mlci.config.finding import in_folder
from mlci.config.load import Loaded, load
from mlci.errors import UsageError
from mlci.git import Repository
from mlci.git import find as find_repository
from mlci.results.model import GATES, SCHEMA, Gate, GateName, Results
from mlci.workspace import Project, Workspace


def around(arguments: argparse.Namespace, files: frozenset[Path] | None) -> Workspace:
    """Return the projects that the files named, or else those that a change touches, belong to.

    Raises:
        UsageError: the repository has no `mlci.yaml`, or one is wrong.
    """
    here = Path.cwd()
    return workspace.around(here, find_repository(here), lambda repository: _changed(repository, arguments, files))


def single(arguments: argparse.Namespace) -> Loaded:
    """Return the configuration of a command that is about one project alone.

    Raises:
        UsageError: there is none, it is wrong, or it stands for several projects.
    """
    loaded = load(arguments.config, start=Path.cwd())
    if loaded.config.projects:
        fix = "Call it in the folder of one of them, or name its configuration with --config."
        raise UsageError("this command is about one project, and there are several", where=loaded.where(), fix=fix)
    return loaded


def run_projects(
    arguments: argparse.Namespace, space: Workspace, *, gates: tuple[GateName, ...], files: frozenset[Path] | None
) -> int:
    """Run the gates of every project, print and write the results of all together, and return the exit code."""
    from mlci.commands.run import conclude
    from mlci.results.merge import merge

    out = (Path.cwd() / arguments.out) if arguments.out else space.root / "mlci-report"
    shutil.rmtree(out / workspace.REPORTS, ignore_errors=True)  # those of an earlier run
    parts = tuple(_parts(arguments, space.projects, out, gates=gates, files=files))
    results = merge(parts) if parts else _nothing(space, gates)
    return conclude(arguments, _with_rules(results, arguments, space, files), out)


def _with_rules(
    results: Results, arguments: argparse.Namespace, space: Workspace, files: frozenset[Path] | None
) -> Results:
    """Return the results with what a change does to the list of projects."""
    from mlci.commands.run import request_of
    from mlci.results.model import verdict_of
    from mlci.rules.in_force import rules_of_projects

    known = [project.loaded.path for project in space.projects]
    listing = in_folder(space.root)
    named = (Path.cwd() / arguments.config) if arguments.config else listing
    if named is None and not known:
        return results
    loaded = load(named, start=space.root) if named else space.projects[0].loaded
    request = request_of(arguments, loaded, gates=(), files=files, out=space.root)
    rules = rules_of_projects(request, known=known, root=space.root)
    if rules.outcome is None:
        return results
    gate = rules.outcome.gate
    return replace(
        results,
        rule_changes=(*rules.changes, *results.rule_changes),
        gates=(gate, *results.gates),
        verdict=verdict_of((gate.status, results.verdict)),
    )


def _parts(
    arguments: argparse.Namespace,
    projects: Sequence[Project],
    out: Path,
    *,
    gates: tuple[GateName, ...],
    files: frozenset[Path] | None,
) -> Iterator[Results]:
    from mlci.commands.run import execute
    from mlci.reports.folder import write
    from mlci.results.placing import placed

    for project in projects:
        loaded = project.loaded
        limited = None if files and loaded.path.resolve() in files else files
        told = argparse.Namespace(**{**vars(arguments), "out": out / project.reports})
        results = execute(told, loaded, gates=gates, files=limited)
        write(results, told.out)
        yield placed(results, folder=project.folder, reports=project.reports)


def _changed(
    repository: Repository, arguments: argparse.Namespace, files: frozenset[Path] | None
) -> Sequence[Path] | None:
    """Return the files that a run is about: those named, else all that differ from the base, tracked or not."""
    if files is not None:
        return sorted(files)
    here = Path.cwd()
    found = since(here, repository, find_base(repository, ref=getattr(arguments, "base", None), environ=os.environ))
    return None if found.paths is None else [here / path for path in sorted(found.paths)]


def _nothing(space: Workspace, gates: Sequence[GateName]) -> Results:
    """Return the results of a run that no project had to do with, which says so."""
    skipped = tuple(Gate(name=name, status="skipped", reason=space.note) for name in gates or GATES)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Results(
        schema=SCHEMA,
        mlci=__version__,
        project=space.root.name,
        started=now,
        duration_s=0.0,
        verdict="passed",
        gates=skipped,
    )
