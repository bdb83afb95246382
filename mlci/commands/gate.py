"""`mlci code|data|model|metrics`: one gate, limited to what the files named feed; what commit hooks call."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.commands.options import add_options
from mlci.commands.run import meant
from mlci.config.finding import in_folder
from mlci.config.load import Loaded
from mlci.errors import PASSED, UsageError, Where
from mlci.idle import says

if TYPE_CHECKING:
    from mlci.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a gate's own command."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="look only at what these files feed")
    add_options(parser)
    if parser.prog.endswith(" data"):
        parser.add_argument("--explain", action="store_true", help="print the passes over each asset, and stop")
        parser.add_argument(
            "--gx-results",
            type=Path,
            metavar="DIR",
            help="write results in the shape of Great Expectations, a file each",
        )
    parser.set_defaults(run=run, explain=False)


def run(arguments: argparse.Namespace) -> int:
    """Run the gate that the command is called after."""
    files = frozenset(path.resolve() for path in arguments.files) if arguments.files else None
    _refuse_unknown(arguments.files)
    about = meant(arguments, files)
    if not isinstance(about, Loaded):
        return _run_projects(arguments, about, files)
    loaded = about
    if files and loaded.path.resolve() in files:
        files = None  # the rules themselves changed: everything is looked at
    if arguments.explain:
        return _explain(arguments, loaded, files)
    if files and arguments.format == "console" and not _may_feed(arguments.command, loaded, files):
        if not arguments.quiet:
            sys.stdout.write(says(arguments.command))
        return PASSED
    from mlci.commands.run import run_gates

    return run_gates(arguments, loaded, gates=(arguments.command,), files=files)


def _run_projects(arguments: argparse.Namespace, space: Workspace, files: frozenset[Path] | None) -> int:
    """Run the gate of each project that one of `files` may feed."""
    if arguments.explain:
        raise UsageError("--explain is about one project", fix="Name its configuration with --config.")
    if files and in_folder(space.root) in files:
        files = None
    if files is not None:
        fed = tuple(each for each in space.projects if _is_fed(arguments.command, each.loaded, files))
        if not fed and arguments.format == "console":
            if not arguments.quiet:
                sys.stdout.write(says(arguments.command))
            return PASSED
        space = replace(space, projects=fed, note=space.note or "none of these files feeds it")
    from mlci.commands.projects import run_projects

    return run_projects(arguments, space, gates=(arguments.command,), files=files)


def _is_fed(gate: str, loaded: Loaded, files: frozenset[Path]) -> bool:
    return loaded.path.resolve() in files or _may_feed(gate, loaded, files)


def _refuse_unknown(paths: Sequence[Path]) -> None:
    """Raise `UsageError` for a path where no file is, unless git knows one that was deleted."""
    missing = [path for path in paths if not os.path.lexists(path)]
    if not missing:
        return
    from mlci.git import find

    repository = find(Path.cwd())
    for path in missing:
        if repository is None or not repository.ask("rev-list", "-1", "HEAD", "--", str(path.absolute())):
            raise UsageError("there is no such file", where=Where(path=str(path)))


def _may_feed(gate: str, loaded: Loaded, files: frozenset[Path]) -> bool:
    from mlci.feeding import may_feed

    return may_feed(gate, loaded.config, loaded.root, files)


def _explain(arguments: argparse.Namespace, loaded: Loaded, files: frozenset[Path] | None) -> int:
    """Print how the data gate plans its expectations."""
    from mlci.commands.run import report_folder, request_of
    from mlci.gates.data import explain
    from mlci.gates.running import context_of

    request = request_of(arguments, loaded, gates=("data",), files=files, out=report_folder(arguments, loaded))
    for line in explain(context_of(request)):
        sys.stdout.write(f"{line}\n")
    return PASSED
