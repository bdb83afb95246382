"""`mlci report`: merge the results of several runs and render them."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from mlci.errors import UsageError, Where
from mlci.log import commands_stopped, say
from mlci.results.model import exit_code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci report`."""
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULTS", help="results.json, one or more")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write every report to this folder")
    parser.add_argument(
        "--format",
        choices=("console", "json", "markdown"),
        default="console",
        help="what is printed (default: console)",
    )
    parser.add_argument("--quiet", "-q", action="store_true", help="print only what did not pass")
    parser.add_argument("--verbose", "-v", action="store_true", help="print every check")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Merge, print, and write where asked; the exit code is that of the merged verdict."""
    from mlci.reports import console
    from mlci.reports.findings import verdict
    from mlci.reports.folder import write
    from mlci.results.files import read
    from mlci.results.merge import merge

    files = [path / "results.json" if path.is_dir() else path for path in arguments.results]
    results = merge([read(path) for path in files])
    results = replace(results, verdict=verdict(results))  # never better than what is in it
    if not results.gates and not results.problems:
        raise UsageError("these results hold no gate, so they show nothing", where=Where(path=str(files[0])))
    folder = None
    if arguments.out:
        try:
            write(results, arguments.out)
            folder = str(arguments.out)
        except OSError as error:
            say(f"reports cannot be written to {arguments.out}: {error.strerror}")
    with commands_stopped() if arguments.format == "console" else nullcontext():
        console.show(results, form=arguments.format, quiet=arguments.quiet, verbose=arguments.verbose, folder=folder)
    return exit_code(results) if not arguments.out or folder else 3
