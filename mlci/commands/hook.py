"""`mlci hook`: look at files for what a repository of machine learning must not hold."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mlci.errors import FAILED, PASSED
from mlci.hooks import HOOKS, Options
from mlci.reports.terminal import plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a parser for each hook, which takes files."""
    hooks = parser.add_subparsers(dest="hook", metavar="HOOK", required=True)
    for name in HOOKS:
        says = HOOKS.summary(name)
        each = hooks.add_parser(name, help=says.replace("%", "%%"), description=says)
        each.add_argument("files", nargs="*", metavar="FILE", help="the files to look at")
        each.set_defaults(run=run, max_mb=5.0, keep_output=False)
        if name == "large-files":
            each.add_argument("--max-mb", type=float, metavar="N", help="megabytes that are allowed (default: 5)")
        if name == "notebooks":
            each.add_argument(
                "--keep-output", action="store_true", help="let outputs be; errors are found all the same"
            )


def run(arguments: argparse.Namespace) -> int:
    """Print what is found, one line each; 1 where anything is."""
    options = Options(folder=Path.cwd(), max_mb=arguments.max_mb, keep_output=arguments.keep_output)
    code = PASSED
    for found in HOOKS[arguments.hook](arguments.files, options):
        sys.stdout.write(f"{plain(str(found))}\n")
        code = FAILED
    return code
