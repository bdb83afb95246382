"""`mlci publish --from-run`: what a run of a pull request left is posted by a workflow that its end started."""

from __future__ import annotations

import argparse
import os
import sys

from mlci.errors import ERRORED, PASSED, MlciError, UsageError

ARTIFACT = "mlci-results"
RULES_LABEL = "mlci-rules"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the second stage of a pull request from a fork."""
    second = parser.add_argument_group("second stage, in a workflow that `workflow_run` starts")
    second.add_argument(
        "--from-run", action="store_true", help="post what the run left that started this workflow, instead of RESULTS"
    )
    second.add_argument(
        "--artifact",
        metavar="NAME",
        help=f"its artifact with results.json; legs call theirs NAME-LEG (default: {ARTIFACT})",
    )
    second.add_argument("--workflow", metavar="FILE", help="the file of its workflow; runs of another are refused")
    second.add_argument(
        "--rules-label",
        metavar="LABEL",
        help=f"the label that lets a change edit what it is judged by (default: {RULES_LABEL})",
    )


def run(arguments: argparse.Namespace, token: str) -> int:
    """Post what the run left; 0 also where there is nothing to post, and 3 where what it left is refused."""
    from mlci.github import workflow
    from mlci.github.event import event_of, payload_of
    from mlci.github.from_run import Second
    from mlci.github.publication import DEFAULT_ID
    from mlci.github.triggering import NothingToPost
    from mlci.reports.markdown import marker_of

    try:
        marker_of(arguments.comment_id or DEFAULT_ID)
    except ValueError as error:
        raise UsageError(str(error), key="--comment-id") from error
    payload = payload_of(os.environ.get("GITHUB_EVENT_PATH", ""))
    event = event_of(os.environ, payload)
    second = Second(
        event=event,
        payload=payload,
        token=token,
        artifact=arguments.artifact or ARTIFACT,
        workflow=arguments.workflow,
        comment_id=arguments.comment_id,
        mode=arguments.comment,
        check_run=arguments.check_run,
        rules_label=arguments.rules_label or RULES_LABEL,
    )
    try:
        return ERRORED if "the comment" in second.publish() else PASSED
    except NothingToPost as error:
        said = f"Nothing was posted: {error}"
        sys.stdout.write(f"{workflow.notice(said)}\n")
        workflow.note(event.summary_file, said)
        return PASSED
    except MlciError as error:  # it may quote what the run left: no line of the log may be a command of its own
        said = f"Nothing was posted: {error}"
        sys.stdout.write(f"{workflow.command('error', said, {'title': 'mlci'})}\n")
        workflow.note(event.summary_file, said)
        return error.exit_code
