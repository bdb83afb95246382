"""`mlci publish`: post results to GitHub: step summary, outputs, annotations and the pull-request comment.

It takes results as untrusted, runs no code of the project, and never changes the verdict: what cannot be posted is
said, and the exit code stays 0.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlci.commands import second_stage
from mlci.errors import UsageError
from mlci.results.posting import MODES

if TYPE_CHECKING:
    from mlci.results.model import Results

_LONGEST_LEG = 30
_RESULTS = "results.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mlci publish`."""
    says = "results.json, or its folder; one or more"
    parser.add_argument("results", nargs="*", type=Path, metavar="RESULTS", help=says)
    parser.add_argument(
        "--comment-id",
        metavar="ID",
        help="which comment to write, where a pull request has several (default: the configured one, or `default`)",
    )
    parser.add_argument(
        "--comment",
        choices=MODES,
        help="when to write the comment: after every run, when the verdict or the findings changed, while something "
        "blocks and once more when nothing does, or never (default: what the configuration says, or always)",
    )
    parser.add_argument(
        "--check-run",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="write a check run with an annotation at every finding's line; needs `checks: write`",
    )
    parser.add_argument("--no-comment", dest="comment", action="store_const", const="never", help="--comment never")
    second_stage.add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Post what can be posted; 0, since the verdict is that of the run."""
    _refuse_mixture(arguments)
    if arguments.from_run:
        return second_stage.run(arguments, token_of(os.environ))
    from mlci import git
    from mlci.github import event
    from mlci.github.changed import changed_lines
    from mlci.github.publication import Publication
    from mlci.results.files import read
    from mlci.results.merge import merge

    files = [path / _RESULTS if path.is_dir() else path for path in arguments.results]
    results = merge([read(path) for path in files])
    repository = git.find(Path.cwd(), os.environ)
    Publication(
        results=results,
        file=files[0],
        comment_id=comment_id_of(results, arguments.comment_id),
        event=event.read(os.environ),
        token=token_of(os.environ),
        folder=repository.folder(Path.cwd()) if repository else "",
        mode=arguments.comment or results.posting.comment,
        check_run=results.posting.check_run if arguments.check_run is None else arguments.check_run,
        changed=changed_lines(repository, results.base),
    ).publish()
    return 0


def _refuse_mixture(arguments: argparse.Namespace) -> None:
    if arguments.from_run and arguments.results:
        raise UsageError("--from-run takes results from the run, so it takes no files")
    if not arguments.from_run and not arguments.results:
        raise UsageError("no results to publish", fix="Name one or more `results.json`.")
    if not arguments.from_run and (arguments.artifact or arguments.workflow or arguments.rules_label):
        raise UsageError("--artifact, --workflow and --rules-label go with --from-run")


def token_of(environ: Mapping[str, str]) -> str:
    """Return the token to post with; empty where there is none."""
    return (environ.get("MLCI_TOKEN") or environ.get("GITHUB_TOKEN") or "").strip()


def comment_id_of(results: Results, given: str | None) -> str:
    """Return the id of the comment: what is `given`, else what the results say, with the leg of a matrix behind it.

    So legs that each write for themselves do not write over each other; merged results have one comment.

    Raises:
        UsageError: `given` is no id.
    """
    from mlci.github.publication import DEFAULT_ID
    from mlci.reports.markdown import marker_of

    known = DEFAULT_ID if results.posting.comment_id is None else results.posting.comment_id
    chosen = known if given is None else given
    comment_id = chosen if results.legs or not results.cell else f"{chosen}.{_slug(results.cell)}"
    try:
        marker_of(comment_id)
    except ValueError as error:
        raise UsageError(str(error), key="--comment-id") from error
    return comment_id


def _slug(leg: str) -> str:
    """Return `leg` as part of an id; a name that needs changes gets a digest, so that no two become the same."""
    from hashlib import sha256

    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", leg[:_LONGEST_LEG]).strip("-")
    digest = sha256(leg.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return leg if plain == leg else f"{plain}-{digest}".lstrip("-")
