"""`mlci seal`: note what a run wrote, so that a number which is edited later can be told."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mlci.errors import PASSED
from mlci.seals import SUFFIX, sealed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON or YAML files with numbers")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Seal each file."""
    for path in arguments.files:
        sealed(path.absolute(), str(path))
        sys.stdout.write(f"{path}{SUFFIX}\n")
    return PASSED
