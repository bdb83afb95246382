"""`mlci baseline`: save the numbers of a run for later ones to be compared with, or show those that would be taken."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mlci.commands.options import add_engine_options
from mlci.commands.run import request_of
from mlci.config.load import Loaded, load
from mlci.config.model import Baseline
from mlci.errors import PASSED, CannotRun, UsageError
from mlci.numbers import count
from mlci.results.model import Results

if TYPE_CHECKING:
    from mlci.baselines.ladder import Search


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    save = actions.add_parser("save", help="run the gates and save their numbers", description="Save the baseline.")
    save.add_argument("--results", type=Path, metavar="FILE", help="take the numbers of this results.json instead")
    save.add_argument(
        "--new-level", action="store_true", help="start the history anew: earlier runs say nothing of later ones"
    )
    add_engine_options(save)
    save.set_defaults(run=run_save)
    show = actions.add_parser("show", help="show the baseline of this change", description="Show the baseline.")
    show.add_argument("--config", type=Path, metavar="FILE", help="the configuration; found upwards when left out")
    show.add_argument("--history", action="store_true", help="show how the stored numbers went")
    show.add_argument("--base", metavar="REF", help="branch, tag or commit to compare with; found when left out")
    show.set_defaults(run=run_show)


def run_save(arguments: argparse.Namespace) -> int:
    """Write the baseline file; numbers of a run that did not pass are refused."""
    from mlci.baselines import file

    loaded = load(arguments.config, start=Path.cwd())
    settings = loaded.config.baseline or Baseline()
    results = _results(arguments, loaded)
    _refuse_unfit(results)
    path = loaded.root / settings.path
    try:
        file.write(path, file.of(results, new_level=arguments.new_level))
    except OSError as error:
        raise CannotRun(f"the baseline cannot be written to {path}: {error.strerror}") from error
    numbers = count(len(results.metrics), "number")
    kept = f" and {count(len(results.profiles), 'profile')}" if results.profiles else ""
    sys.stdout.write(f"{settings.path}: {numbers}{kept} saved. Commit it.\n")
    if loaded.config.baseline is None:
        sys.stdout.write("mlci.yaml has no `baseline:` yet; add `baseline: {store: file}` to compare with it.\n")
    return PASSED


def run_show(arguments: argparse.Namespace) -> int:
    """Print the receipt and the numbers of the baseline that a run would take."""
    from mlci import git
    from mlci.baselines.base import find
    from mlci.baselines.ladder import Search, climb
    from mlci.reports.console import show_baseline

    loaded = load(arguments.config, start=Path.cwd())
    repository = git.find(loaded.root, os.environ)
    base = find(repository, ref=arguments.base, environ=os.environ)
    search = Search(
        settings=loaded.config.baseline or Baseline(),
        repository=repository,
        base=base,
        root=loaded.root,
        recompute=_not_now,
    )
    show_baseline(climb(search))
    if search.settings.anchor:
        from mlci.baselines.anchor import find_anchor

        sys.stdout.write(f"\nanchor {search.settings.anchor}\n")
        show_baseline(find_anchor(search, search.settings.anchor))
    if arguments.history:
        _show_history(search)
    return PASSED


def _show_history(search: Search) -> None:
    from mlci.baselines.history import stored_before
    from mlci.decisions.trend import stored_trends
    from mlci.reports.console import show_trends

    path, commit = search.root / search.settings.path, search.base.commit
    runs = () if search.repository is None or commit is None else stored_before(search.repository, path, at=commit)
    if not runs:
        sys.stdout.write(f"\nno history: git has no version of {search.settings.path}\n")
        return
    sys.stdout.write("\n")
    show_trends(tuple(stored_trends(runs)))


def _not_now(commit: str) -> NoReturn:
    raise CannotRun(f"would run the gates at {commit[:10]}; `mlci run` does")


def _results(arguments: argparse.Namespace, loaded: Loaded) -> Results:
    if arguments.results:
        from mlci.results.files import read

        return read(arguments.results)
    from mlci import engine

    alone = replace(loaded, config=replace(loaded.config, baseline=None))  # nothing is compared with the one before
    with tempfile.TemporaryDirectory(prefix="mlci-baseline-") as folder:  # reports of a run are left as they are
        return engine.run(request_of(arguments, alone, gates=(), files=None, out=Path(folder)))


def _refuse_unfit(results: Results) -> None:
    blocking = [gate for gate in results.gates if gate.status in ("failed", "errored")]
    if blocking:
        gate = blocking[0]
        raise CannotRun(f"nothing was saved: the {gate.name} gate {gate.status}: {gate.reason}", fix="Mend it first.")
    if not results.metrics:
        raise UsageError("nothing was saved: the run computed no number")
