"""`mlci catalogue`: list everything that a configuration can name."""

from __future__ import annotations

import argparse
import sys

from mlci.errors import PASSED
from mlci.reports.catalogue import KINDS, render


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option of `mlci catalogue`."""
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help=f"one or more of {', '.join(KINDS)}; all when left out"
    )
    parser.add_argument("--markdown", action="store_true", help="as tables, for the documentation")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the names of each kind with the first line of what they do."""
    sys.stdout.write(render(tuple(arguments.kinds) or KINDS, markdown=arguments.markdown))
    return PASSED
