"""The second stage of a pull request from a fork: results of a run that held no token, posted by one that does.

It checks nothing out, runs nothing of the project, and takes from the first run one JSON file, which it checks, reads
in memory and renders itself. Where to post is what GitHub says, never what the file says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlci import __version__
from mlci.github.client import Client
from mlci.github.comment import upsert
from mlci.github.event import Event
from mlci.github.left_behind import refuse_others, results_of
from mlci.github.publication import DEFAULT_ID, Publication, client_of
from mlci.github.triggering import (
    NoResults,
    Pull,
    Refused,
    Run,
    as_it_is_now,
    changed_files,
    pull_of,
    refuse_overtaken,
    run_of,
)
from mlci.reports.findings import verdict
from mlci.reports.inert import value
from mlci.reports.markdown import marker_of, render
from mlci.results.merge import merge
from mlci.results.model import RULES, SCHEMA, Check, Gate, Results
from mlci.results.posting import CommentMode, Posting
from mlci.results.problem import Problem
from mlci.results.rules import loosened

_RULES = re.compile(
    r"(?:.*/)?(?:mlci\.ya?ml|mlci-baseline\.json|\.coveragerc|pytest\.ini|tox\.ini|setup\.cfg|pyproject\.toml)"
    r"|\.github/(?:workflows|actions)/.*"
)
_MOST_NAMED = 10
_FOLDER = re.compile(r"(?:(?!\.{1,2}/)[^/\\\x00-\x1f\x7f]{1,200}/){0,20}")


@dataclass(frozen=True, kw_only=True)
class Second:
    """What the second stage is given."""

    event: Event
    payload: Mapping[str, Any]
    token: str = field(repr=False)
    artifact: str
    workflow: str | None
    """The file of the workflow that the first stage must be of."""
    comment_id: str | None
    mode: CommentMode | None
    check_run: bool | None
    """Whether a check run is written; none is for a fork, since it would vouch for what the fork says."""
    rules_label: str
    """The label by which a maintainer lets a change edit what it is judged by."""

    def publish(self) -> tuple[str, ...]:
        """Post the results of the run that the event tells of, and return what could not be written.

        Raises:
            NothingToPost: there is nothing to post, and nothing is wrong.
            Refused: what the run left is not what may be posted.
            GitHubError: GitHub gave no usable answer.
        """
        if not self.token:
            raise Refused("GITHUB_TOKEN is not set", fix="Give the step `env: GITHUB_TOKEN: ${{ github.token }}`.")
        client, repository = client_of(self.event, self.token), self.event.repository
        run = run_of(client, self.event, self.payload, workflow=self.workflow)
        pull = pull_of(client, repository, run)
        refuse_overtaken(client, repository, run)
        try:
            parts = results_of(client, repository, run, name=self.artifact)
        except NoResults as error:
            if run.conclusion != "success":
                self._replace(client, run, pull, str(error))
            raise
        refuse_others(parts, repository=repository, run=run, pull=pull)
        changed = tuple(changed_files(client, repository, pull)) if run.fork else ()
        pull = as_it_is_now(client, repository, run, pull)
        results = as_posted(parts, run, labelled=self.rules_label in pull.labels)
        return self._publish(results, run, pull, changed)

    def _publish(self, results: Results, run: Run, pull: Pull, changed: tuple[str, ...]) -> tuple[str, ...]:
        return Publication(
            results=results,
            file=None,
            comment_id=self._comment_id(results),
            event=self._event(run, pull),
            token=self.token,
            folder=_folder(results),
            mode=self.mode or results.posting.comment,
            notes=tuple(self._notes(results, run, pull, changed)),
            check_run=not run.fork and (results.posting.check_run if self.check_run is None else self.check_run),
            annotated=False,
        ).publish()

    def _replace(self, client: Client, run: Run, pull: Pull, why: str) -> None:
        """Write over the comment of an earlier commit that this run left nothing; where there is none, write none."""
        problem = Problem(text=f"{why}; the run itself ended as {run.conclusion}", usage=False)
        results = _stopped(problem, run)
        marker = marker_of(self._comment_id(results))
        pull = as_it_is_now(client, self.event.repository, run, pull)
        upsert(
            client,
            repository=self.event.repository,
            number=pull.number,
            body=render(results, marker=marker),
            wanted=lambda before: before is not None,
        )

    def _comment_id(self, results: Results) -> str:
        return self.comment_id or results.posting.comment_id or DEFAULT_ID

    def _event(self, run: Run, pull: Pull) -> Event:
        """Return the event as the comment needs it: about the pull request, with links to the run that tested it."""
        return replace(
            self.event,
            run_id=str(run.id),
            number=pull.number,
            head_sha=run.head_sha,
            fork=run.fork,
            dependabot=pull.dependabot,
        )

    def _notes(self, results: Results, run: Run, pull: Pull, changed: tuple[str, ...]) -> Iterator[str]:
        if run.fork:
            yield (
                "**Reported by the run of a fork.** Its code, its workflow and these results are the author's own: "
                "look at the change before you trust the verdict."
            )
        rules = [name for name in dict.fromkeys(changed) if _RULES.fullmatch(name)]
        if rules:
            label = " A maintainer has set the label " if self.rules_label in pull.labels else " It lacks the label "
            yield f"**It changes what it is judged by:** {_named(rules)}.{label}{value(self.rules_label)}."
        if run.conclusion != "success" and results.verdict == "passed":
            yield f"The run itself ended as {value(run.conclusion)}: another job of it failed, or left no results."


def as_posted(parts: tuple[Results, ...], run: Run, *, labelled: bool) -> Results:
    """Return one result of all parts.

    A fork decides neither how it is posted, nor whether values are shown, nor that its loosened rules were let pass.
    """
    if not all(part.gates or part.problems for part in parts):
        raise Refused("the results hold no gate, so they show nothing")
    merged = merge(parts)
    if run.fork:
        merged = replace(merged, posting=Posting(), show_values=False)
        merged = merged if labelled else _not_let_pass(merged)
    return replace(merged, verdict=verdict(merged))


def _not_let_pass(results: Results) -> Results:
    """Return results whose loosened rules block, whatever the run said of a label that is not there."""
    loose = loosened(results.rule_changes)
    if not loose:
        return results
    why = "GitHub knows of no label that lets it pass"
    checks = tuple(
        Check(id=f"{RULES}.{one.what}"[:200], status="failed", summary=one.line, reason=f"{one.line}; {why}")
        for one in loose
    )
    others = tuple(gate for gate in results.gates if gate.name != RULES)
    return replace(
        results,
        rule_changes=tuple(replace(one, accepted=False) for one in results.rule_changes),
        gates=(Gate(name=RULES, status="failed", reason=checks[0].reason, checks=checks), *others),
    )


def _stopped(problem: Problem, run: Run) -> Results:
    return Results(
        schema=SCHEMA,
        mlci=__version__,
        project="",
        started="",
        duration_s=0.0,
        verdict="errored",
        commit=run.head_sha,
        problems=(problem,),
    )


def _folder(results: Results) -> str:
    """Return the project's folder, where it is one that leads into the repository."""
    folder = results.origin.folder if results.origin else ""
    return folder if _FOLDER.fullmatch(folder) else ""


def _named(files: list[str]) -> str:
    more = f" and {len(files) - _MOST_NAMED:,} more" if len(files) > _MOST_NAMED else ""
    return ", ".join(value(name, limit=100) for name in files[:_MOST_NAMED]) + more
