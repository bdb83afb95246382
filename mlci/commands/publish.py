"""`mlci publish`: post results to GitHub: step summary, outputs, annotations and the pull-request comment.

It takes results as untrusted, runs no code of the project, and never changes the verdict: what cannot be posted is
said, and the exit code stays 0.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from mlci.errors import UsageError

COMMENT_ID = "default"
_RESULTS = "results.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci publish`."""
    says = "results.json, or its folder; one or more"
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULTS", help=says)
    parser.add_argument(
        "--comment-id",
        default=COMMENT_ID,
        metavar="ID",
        help="which comment to write, where a pull request has several (default: %(default)s)",
    )
    parser.add_argument("--no-comment", action="store_true", help="write no comment")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Post what can be posted; 0, since the verdict is that of the run."""
    from mlci.github import event
    from mlci.github.publication import Publication
    from mlci.reports.markdown import marker_of
    from mlci.results.files import read
    from mlci.results.merge import merge

    try:
        marker = marker_of(arguments.comment_id)
    except ValueError as error:
        raise UsageError(str(error), key="--comment-id") from error
    files = [path / _RESULTS if path.is_dir() else path for path in arguments.results]
    Publication(
        results=merge([read(path) for path in files]),
        file=files[0],
        marker=marker,
        event=event.read(os.environ),
        token=(os.environ.get("MLCI_TOKEN") or os.environ.get("GITHUB_TOKEN") or "").strip(),
        folder=_folder(os.environ),
        comments=not arguments.no_comment,
    ).publish()
    return 0


def _folder(environ: Mapping[str, str]) -> str:
    """Return the working folder relative to the root of its repository; empty outside one."""
    from mlci import git

    here = Path.cwd()
    repository = git.find(here, environ)
    try:
        inside = here.resolve().relative_to(repository.top.resolve()).as_posix() if repository else "."
    except ValueError:
        return ""
    return "" if inside == "." else f"{inside}/"
