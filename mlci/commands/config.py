"""`mlci config`: check `mlci.yaml`, or print its JSON Schema."""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from pathlib import Path

from mlci.config.load import find, load
from mlci.errors import PASSED, USAGE, UsageError
from mlci.log import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="check one or more configurations", description="Check configurations.")
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help="found upwards when left out")
    check.set_defaults(run=run_check)
    schema = actions.add_parser("schema", help="print the JSON Schema", description="Print the JSON Schema.")
    schema.add_argument(
        "of", nargs="?", choices=("mlci", "results"), default="mlci", help="of which file (default: mlci)"
    )
    schema.set_defaults(run=run_schema)


def run_check(arguments: argparse.Namespace) -> int:
    """Print every mistake of every file; say so when there is none."""
    code = PASSED
    for path in arguments.files or [find(Path.cwd())]:
        try:
            loaded = load(path, start=Path.cwd())
        except UsageError as error:
            say(str(error))
            code = USAGE
        else:
            sys.stdout.write(f"{loaded.name}: fine\n")
    return code


def run_schema(arguments: argparse.Namespace) -> int:
    """Print the schema that is shipped."""
    file = resources.files("mlci") / "schemas" / f"{arguments.of}.schema.json"
    sys.stdout.write(file.read_text(encoding="utf-8"))
    return PASSED
