"""What every command that runs gates can be told."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from pathlib import Path

_LONGEST_LEG = 200
_MOST_ROWS = 1_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that runs gates and reports can be told."""
    add_engine_options(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="report folder (default: mlci-report beside mlci.yaml)")
    parser.add_argument(
        "--format",
        choices=("console", "json", "markdown"),
        default="console",
        help="what is printed (default: console)",
    )
    parser.add_argument("--base", metavar="REF", help="branch, tag or commit to compare with; found when left out")
    parser.add_argument(
        "--accept-rule-changes",
        action="store_true",
        help="let loosened rules pass, as a maintainer's label of a pull request does",
    )
    parser.add_argument(
        "--offline", action="store_true", help="look for a baseline on this machine only, as pre-commit hooks do"
    )
    parser.add_argument(
        "--rows", type=_rows, default=20, metavar="N", help="failing rows told of each check (default: 20)"
    )
    add_leg(parser)
    parser.add_argument("--quiet", "-q", action="store_true", help="print only what did not pass")


def add_leg(parser: argparse.ArgumentParser) -> None:
    """Add the leg of a matrix."""
    parser.add_argument(
        "--leg",
        default=(os.environ.get("MLCI_LEG") or "").strip()[:_LONGEST_LEG] or None,
        metavar="NAME",
        help="the leg of a matrix that this is, by which reports and baselines are told apart (default: $MLCI_LEG)",
    )


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add what it takes to run gates."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the configuration; found upwards when left out")
    parser.add_argument("--python", metavar="PATH", help="the project's interpreter; found when left out")
    parser.add_argument("--verbose", "-v", action="store_true", help="print every check, and progress")
    parser.add_argument(
        "--now", type=_moment, metavar="WHEN", help="judge how fresh data is as of then (ISO 8601, UTC without a zone)"
    )
    parser.set_defaults(base=None, quiet=False, rows=20)


def _moment(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is no date or time such as 2024-01-31T12:00') from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _rows(text: str) -> int:
    """Return a number of rows."""
    if not text.isdigit() or int(text) > _MOST_ROWS:
        raise argparse.ArgumentTypeError(f"must be a whole number up to {_MOST_ROWS}, not {text!r}")
    return int(text)
