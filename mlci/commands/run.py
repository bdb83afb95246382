"""`mlci run`: all gates, or some; the other commands that run gates share its options and its ending."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.commands.options import add_options
from mlci.commands.stopped import reported
from mlci.config.finding import found
from mlci.config.load import Loaded, load
from mlci.errors import ERRORED, PASSED, MlciError, UsageError
from mlci.github.event import refuse_code_of_a_fork, refuse_pull_request_target
from mlci.log import commands_stopped, say
from mlci.results.model import GATES, GateName, Results, exit_code

if TYPE_CHECKING:
    from mlci.interpreter import Interpreter
    from mlci.request import Request
    from mlci.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci run`."""
    parser.add_argument(
        "gates", nargs="*", metavar="GATE", help=f"one or more of {', '.join(GATES)}; all when left out"
    )
    add_options(parser)
    parser.add_argument(
        "--baseline-out",
        type=Path,
        metavar="DIR",
        help="of a run that passes, write baseline.zip there, to be uploaded",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the gates named, or all that the configuration names; the reports tell of it too where that fails."""
    with reported(_folder_before_loading(arguments)):
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    unknown = [gate for gate in arguments.gates if gate not in GATES]
    if unknown:
        from mlci.errors import did_you_mean

        fix = did_you_mean(unknown[0], GATES) or f"The gates are {', '.join(GATES)}."
        raise UsageError(f'unknown gate "{unknown[0]}"', fix=fix)
    about = meant(arguments)
    if arguments.baseline_out and not isinstance(about, Loaded):
        raise UsageError("--baseline-out is about one project", fix="Name its configuration with --config.")
    return run_gates(arguments, about, gates=tuple(arguments.gates), files=None)


def meant(arguments: argparse.Namespace, files: frozenset[Path] | None = None) -> Loaded | Workspace:
    """Return the configuration that a command is about, or the projects where there are several.

    Raises:
        UsageError: there is none, or one is wrong.
    """
    if arguments.config is None and found(Path.cwd()) is None:
        from mlci.commands.projects import around

        return around(arguments, files)
    loaded = load(arguments.config, start=Path.cwd())
    if not loaded.config.projects:
        return loaded
    from mlci import workspace

    return workspace.of(loaded)


def run_gates(
    arguments: argparse.Namespace,
    about: Loaded | Workspace,
    *,
    gates: tuple[GateName, ...],
    files: frozenset[Path] | None,
) -> int:
    """Run gates on what `meant` gave, print and write the results, and return the exit code."""
    refuse_pull_request_target(os.environ)
    refuse_code_of_a_fork(os.environ, lambda: _checked_out(Path.cwd()))
    if not isinstance(about, Loaded):
        from mlci.commands.projects import run_projects

        return run_projects(arguments, about, gates=gates, files=files)
    results = execute(arguments, about, gates=gates, files=files)
    return conclude(arguments, results, report_folder(arguments, about))


def _checked_out(folder: Path) -> tuple[str, ...]:
    from mlci import git

    repository = git.find(folder)
    head = repository.commit("HEAD") if repository else None
    return (head, *repository.parents(head)) if repository and head else ()


def conclude(arguments: argparse.Namespace, results: Results, out: Path) -> int:
    """Write the reports of `results` to `out`, print what is asked for, and return the exit code."""
    unseen = _is_unseen(arguments, results)
    problem = _write(results, out, alone=unseen)
    with commands_stopped() if arguments.format == "console" else nullcontext():
        if unseen:
            _say_briefly(results)
        else:
            _show(arguments, results, folder=None if problem else _shown(out))
    if problem:
        say(problem)
        return ERRORED
    return exit_code(results)


def execute(
    arguments: argparse.Namespace, loaded: Loaded, *, gates: tuple[GateName, ...], files: frozenset[Path] | None
) -> Results:
    """Run gates and return the results."""
    from mlci import engine
    from mlci.reports import folder

    with folder.made_ready(report_folder(arguments, loaded)) as out:
        request = request_of(arguments, loaded, gates=gates, files=files, out=out)
        kept = getattr(arguments, "baseline_out", None)
        if kept is None:
            return engine.run(request)
        from mlci.baselines.saving import run_and_save

        return run_and_save(request, Path.cwd() / kept)


def request_of(
    arguments: argparse.Namespace,
    loaded: Loaded,
    *,
    gates: tuple[GateName, ...],
    files: frozenset[Path] | None,
    out: Path,
) -> Request:
    """Return what the command line asks the engine for."""
    from mlci.request import Request

    @cache
    def find_python() -> Interpreter:
        from mlci.interpreter import find as find_interpreter

        configured = arguments.python or loaded.config.python
        return find_interpreter(loaded.root, configured=configured, environ=os.environ)

    return Request(
        loaded=loaded,
        out=out,
        environ=os.environ,
        find_python=find_python,
        gates=gates,
        files=files,
        base=arguments.base,
        accept_rule_changes=getattr(arguments, "accept_rule_changes", False),
        in_hook=os.environ.get("PRE_COMMIT") == "1",
        offline=getattr(arguments, "offline", False) or os.environ.get("PRE_COMMIT") == "1",
        rows=arguments.rows,
        leg=getattr(arguments, "leg", None),
        gx_results=getattr(arguments, "gx_results", None),
        **({"now": arguments.now} if arguments.now else {}),
        progress=_progress(arguments),
    )


def report_folder(arguments: argparse.Namespace, loaded: Loaded) -> Path:
    """Return the folder that reports are written to, absolute."""
    return (Path.cwd() / arguments.out) if arguments.out else loaded.root / "mlci-report"


def _folder_before_loading(arguments: argparse.Namespace) -> Path | None:
    """Return where reports go, as far as that can be known; None where no project is found."""
    if arguments.out:
        return Path.cwd().joinpath(arguments.out)
    named: Path | None = arguments.config
    config = Path.cwd() / named if named else found(Path.cwd())
    return config.with_name("mlci-report") if config and config.is_file() else None


def _progress(arguments: argparse.Namespace) -> Callable[[str], None]:
    if arguments.quiet or not (arguments.verbose or sys.stderr.isatty() or os.environ.get("CI")):
        return lambda _line: None
    return say


def _show(arguments: argparse.Namespace, results: Results, *, folder: str | None) -> None:
    from mlci.reports import console

    console.show(
        results,
        form=arguments.format,
        quiet=arguments.quiet,
        verbose=arguments.verbose,
        folder=folder,
        rows=arguments.rows,
    )


def _say_briefly(results: Results) -> None:
    from mlci.reports.findings import headline
    from mlci.reports.terminal import plain

    sys.stdout.write(f"{plain(headline(results))}\n")


def _is_unseen(arguments: argparse.Namespace, results: Results) -> bool:
    """Whether nobody looks: pre-commit shows nothing of a hook that passed."""
    in_hook = os.environ.get("PRE_COMMIT") == "1" and arguments.format == "console"
    return in_hook and not (arguments.verbose or arguments.quiet) and exit_code(results) == PASSED


def _write(results: Results, folder: Path, *, alone: bool) -> str | None:
    """Write every report, or the results `alone`; return what is wrong where the folder cannot be written."""
    try:
        if alone:
            from mlci.results.files import write as write_results

            write_results(folder / "results.json", results)
        else:
            from mlci.reports.folder import write

            write(results, folder)
    except (OSError, MlciError) as error:
        says = error.strerror if isinstance(error, OSError) else str(error)
        return f"reports cannot be written to {folder}: {says}. Name another folder with --out."
    return None


def _shown(folder: Path) -> str:
    try:
        return folder.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(folder)
