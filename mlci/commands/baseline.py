"""`mlci baseline`: save a run for later ones to be compared with, show what would be taken, or bring a copy of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mlci.commands.options import add_engine_options, add_leg
from mlci.commands.run import meant, request_of
from mlci.config.load import Loaded
from mlci.errors import PASSED, CannotRun, UsageError

if TYPE_CHECKING:
    from mlci.baselines.ladder import Search
    from mlci.baselines.model import Found
    from mlci.baselines.stores import Setup
    from mlci.request import Request

_STORES = ("file", "folder", "bucket", "branch", "artifact")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    save = actions.add_parser("save", help="run the gates and save the baseline", description="Save the baseline.")
    source = save.add_mutually_exclusive_group()
    source.add_argument("--results", type=Path, metavar="FILE", help="take the numbers of this results.json instead")
    source.add_argument("--bundle", type=Path, metavar="FILE", help="save what `--out` wrote instead")
    save.add_argument("--out", type=Path, metavar="DIR", help="write baseline.zip there, and nothing to a store")
    save.add_argument("--store", choices=_STORES, help="save there alone, of several stores")
    save.add_argument("--dirty", action="store_true", help="save although tracked files differ from the commit")
    save.add_argument(
        "--new-level", action="store_true", help="start the history anew: earlier runs say nothing of later ones"
    )
    add_engine_options(save)
    add_leg(save)
    save.set_defaults(run=run_save)
    show = actions.add_parser("show", help="show the baseline of this change", description="Show the baseline.")
    fetch = actions.add_parser(
        "fetch", help="bring a copy of the baseline to this machine", description="Copy the baseline to .mlci-cache."
    )
    artifact = actions.add_parser(
        "artifact",
        help="print the name of the artifact that keeps the baseline; nothing where none does",
        description="Print the name of the artifact that a workflow uploads the baseline as.",
    )
    for each, run in ((show, run_show), (fetch, run_fetch), (artifact, run_artifact)):
        each.add_argument("--config", type=Path, metavar="FILE", help="the configuration; found upwards when left out")
        each.add_argument("--base", metavar="REF", help="branch, tag or commit to compare with; found when left out")
        add_leg(each)
        each.set_defaults(run=run, python=None, quiet=False, verbose=False, rows=20, now=None, offline=False)
    show.add_argument("--history", action="store_true", help="show how the stored numbers went")
    show.add_argument("--offline", action="store_true", help="look on this machine only, as pre-commit hooks do")


def run_save(arguments: argparse.Namespace) -> int:
    """Save the baseline; numbers of a run that did not pass are refused."""
    from mlci.baselines.saving import Saving, save

    saving = Saving(
        results=arguments.results,
        bundle=arguments.bundle,
        out=arguments.out,
        store=arguments.store,
        dirty=arguments.dirty,
        new_level=arguments.new_level,
    )
    for loaded in _projects(arguments):
        for line in save(saving, _request(arguments, loaded)):
            sys.stdout.write(f"{line}\n")
    return PASSED


def run_show(arguments: argparse.Namespace) -> int:
    """Print the receipt and the numbers of the baseline that a run would take."""
    for loaded in _projects(arguments):
        _show(arguments, loaded)
    return PASSED


def _show(arguments: argparse.Namespace, loaded: Loaded) -> None:
    from mlci.baselines.ladder import climb
    from mlci.reports.console import show_baseline

    search = _search(_request(arguments, loaded))
    settings = search.setup.settings
    found = climb(search)
    show_baseline(found)
    if settings.anchor:
        from mlci.baselines.anchor import find_anchor

        sys.stdout.write(f"\nanchor {settings.anchor}\n")
        show_baseline(find_anchor(search, settings.anchor))
    if arguments.history:
        _show_history(search.setup, found)


def _show_history(setup: Setup, found: Found) -> None:
    from mlci.baselines.history import runs_before
    from mlci.decisions.trend import stored_trends
    from mlci.reports.console import show_trends

    runs = runs_before(setup, found)
    if not runs:
        sys.stdout.write("\nno history: nothing was stored before\n")
        return
    sys.stdout.write("\n")
    show_trends(tuple(stored_trends(runs)))


def run_fetch(arguments: argparse.Namespace) -> int:
    """Copy the baseline that a run would take into a folder of the project that git ignores."""
    from mlci.baselines.fetching import fetched

    for loaded in _projects(arguments):
        sys.stdout.write(f"{fetched(_search(_request(arguments, loaded)))}\n")
    return PASSED


def run_artifact(arguments: argparse.Namespace) -> int:
    """Print the name of the artifact, where one project is meant and its configuration has that store."""
    from mlci.baselines.stores.artifact import named
    from mlci.request import setup_of

    about = meant(arguments)
    if isinstance(about, Loaded) and about.config.baseline and "artifact" in about.config.baseline.stores:
        sys.stdout.write(f"{named(setup_of(_request(arguments, about))).name}\n")
    return PASSED


def _projects(arguments: argparse.Namespace) -> tuple[Loaded, ...]:
    """Return the configuration, or those of its projects that have a baseline.

    Raises:
        UsageError: none has one, or what is said of files is meant for one project alone.
    """
    about = meant(arguments)
    if isinstance(about, Loaded):
        return (about,)
    of_one = [name for name in ("results", "bundle", "out") if getattr(arguments, name, None)]
    if of_one:
        raise UsageError(f"--{of_one[0]} is about one project", fix="Name its configuration with --config.")
    found = tuple(each.loaded for each in about.projects if each.loaded.config.baseline)
    if not found:
        raise UsageError("no project has a `baseline:`", fix="Add `baseline: {store: …}` to its mlci.yaml.")
    return found


def _request(arguments: argparse.Namespace, loaded: Loaded) -> Request:
    return request_of(arguments, loaded, gates=(), files=None, out=loaded.root / "mlci-report")


def _search(request: Request) -> Search:
    from mlci.baselines.ladder import Search
    from mlci.request import setup_of

    return Search(setup=setup_of(request), recompute=_not_now)


def _not_now(commit: str) -> NoReturn:
    raise CannotRun(f"would run the gates at {commit[:10]}; `mlci run` does")
