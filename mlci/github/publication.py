"""Posting one report everywhere it belongs: its own file, the step summary, outputs, annotations, the comment."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlci.errors import MlciError
from mlci.github import workflow
from mlci.github.annotations import Annotation, annotations_of, placed
from mlci.github.answers import ReadOnly
from mlci.github.changed import Lines
from mlci.github.event import Event
from mlci.github.outputs import values_of
from mlci.reports.findings import headline, nothing_checked, verdict
from mlci.reports.inert import visible
from mlci.reports.links import Links
from mlci.reports.markdown import COMMENT_BUDGET, marker_of, render
from mlci.reports.state import State, is_wanted, state_in, state_of
from mlci.results.model import Results
from mlci.results.posting import CommentMode

if TYPE_CHECKING:
    from mlci.github.check_run import CheckRun
    from mlci.github.client import Client

DEFAULT_ID = "default"
"""The id of the comment where nothing says another."""

_TITLE = 200
_SUMMARY = "summary.md"
_WHOLE = 2_000_000
_SECOND_STAGE = "The report is in the step summary; `mlci publish --from-run` posts it from a workflow_run workflow."


def _print(line: str) -> None:
    """Print a line, whatever the encoding of the log."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)  # noqa: T201


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is posted, and where; each part says what became of it, and none keeps the next from being tried."""

    results: Results
    file: Path | None
    """The results file, which the report is written beside; None where the results are in no file."""
    comment_id: str
    """Which comment it is."""
    event: Event | None
    token: str = field(repr=False)
    folder: str
    """The project's folder, relative to the root of git and with a slash at its end; empty for the root itself."""
    mode: CommentMode
    """When the comment is written."""
    check_run: bool = False
    """Whether a check run is written too."""
    changed: Lines = field(default_factory=dict)
    """The lines that the change touches, where they are known: annotations there go first."""
    notes: tuple[str, ...] = ()
    """Markdown of our own that stands below the verdict."""
    annotated: bool = True
    """Whether findings are annotated: not where another commit than that of the results is run."""
    say: Callable[[str], None] = _print

    def publish(self) -> tuple[str, ...]:
        """Write the report, and in GitHub Actions the summary, the outputs, the annotations and the comment.

        Returns:
            What could not be written.
        """
        failed: list[str] = []
        self._log(headline(self.results))
        self._try("the report", self._write_report, failed)
        if self.event is None:
            self._log(f"not in GitHub Actions, so nothing was posted; the comment would be {self._summary}")
            return tuple(failed)
        self._try("the step summary", self._write_summary, failed)
        self._try("the outputs", self._write_outputs, failed)
        checked = self._try("the check run", self._write_check_run, failed)
        if self.annotated and not checked:  # the annotations of a check run need not be said twice
            for line in workflow.annotate(self._annotations):
                self.say(line)
        self._try("the comment", self._write_comment, failed)
        return tuple(failed)

    @property
    def _summary(self) -> Path | None:
        return self.file.with_name(_SUMMARY) if self.file else None

    def _render(self, budget: int, *, marker: str | None = None) -> str:
        links = _links(self.event, self.folder)
        return render(self.results, marker=marker, budget=budget, links=links, notes=self.notes)

    def _write_report(self) -> None:
        if self._summary:
            self._summary.write_text(self._render(_WHOLE), encoding="utf-8")

    def _write_summary(self) -> None:
        if self.event and self.event.summary_file:
            workflow.append_summary(self.event.summary_file, self._render)

    def _write_outputs(self) -> None:
        files = {"results-path": self.file, "summary-path": self._summary}
        paths = {name: str(path.resolve()) for name, path in files.items() if path}
        self._output({**values_of(self.results), **paths})

    def _write_comment(self) -> None:
        event = self.event
        if self.mode == "never" or event is None or event.number is None:
            return
        if not self.token or not event.repository:
            missing = "GITHUB_TOKEN" if not self.token else "GITHUB_REPOSITORY"
            self.say(
                workflow.notice(f"No comment was written: {missing} is not set. The report is in the step summary.")
            )
            return
        from mlci.github.comment import upsert
        from mlci.github.triggering import refuse_stale

        client = client_of(event, self.token)
        refuse_stale(client, event)
        try:
            posted = upsert(
                client,
                repository=event.repository,
                number=event.number,
                body=self._render(COMMENT_BUDGET, marker=f"{marker_of(self.comment_id)}\n{self._state.line}"),
                wanted=self._is_wanted,
            )
        except ReadOnly as error:
            if event.name != "pull_request" or not (event.fork or event.dependabot):
                raise
            whose = "from a fork" if event.fork else "by Dependabot"
            raise ReadOnly(f"the token of this pull request can only read: it is {whose}", fix=_SECOND_STAGE) from error
        self._output({"comment-url": posted.url})
        self._log(f"comment {posted.how}: {posted.url}" if posted.url else f"no comment was needed ({self.mode})")

    def _write_check_run(self) -> bool:
        event = self.event
        if not self.check_run or event is None or not (event.repository and event.head_sha):
            return False
        if not self.token:
            self.say(workflow.notice("No check run was written: GITHUB_TOKEN is not set."))
            return False
        from mlci.github import check_run

        url = check_run.write(
            client_of(event, self.token), repository=event.repository, check=self._check_run_of(event)
        )
        self._log(f"check run written: {url}")
        return True

    def _check_run_of(self, event: Event) -> CheckRun:
        from mlci.github.check_run import SUMMARY, CheckRun

        nothing = verdict(self.results) == "passed" and nothing_checked(self.results)
        return CheckRun(
            name=check_name(self.comment_id),
            sha=event.head_sha,
            external_id=f"mlci:{self.comment_id}:{event.run_id}:{event.attempt}",
            url=event.run_url,
            conclusion="neutral" if nothing else "success" if verdict(self.results) == "passed" else "failure",
            title=visible(headline(self.results), limit=_TITLE),
            summary=self._render(SUMMARY),
            annotations=placed(self._annotations),
        )

    @property
    def _annotations(self) -> tuple[Annotation, ...]:
        return annotations_of(self.results, folder=self.folder, changed=self.changed)

    @property
    def _state(self) -> State:
        return state_of(self.results)

    def _is_wanted(self, before: str | None) -> bool:
        return is_wanted(self.mode, before=None if before is None else state_in(before), now=self._state)

    def _output(self, values: Mapping[str, str]) -> None:
        if self.event and self.event.output_file:
            workflow.append_outputs(self.event.output_file, values, random_hex=lambda: secrets.token_hex(16))

    def _try(self, what: str, post: Callable[[], bool | None], failed: list[str]) -> bool:
        """Post one thing and return whether it says that it did; what goes wrong is said and changes nothing else."""
        try:
            return bool(post())
        except (MlciError, OSError) as error:
            said = f"{what} was not written: {error}"
            self.say(workflow.notice(said) if self.event else workflow.log_line(f"mlci: {said}"))
            failed.append(what)
        return False

    def _log(self, text: str) -> None:
        self.say(workflow.log_line(f"mlci: {text}"))


def check_name(comment_id: str) -> str:
    """Return the name of the check run that belongs to a comment."""
    return "mlci report" if comment_id == DEFAULT_ID else f"mlci report ({comment_id})"


def client_of(event: Event, token: str) -> Client:
    """Return what talks to the API that `event` names, with `token`."""
    import requests

    from mlci.github.client import Client

    return Client(
        api_url=event.api_url,
        graphql_url=event.graphql_url,
        token=token,
        session=requests.Session(),
        clock=time.time,
        sleep=time.sleep,
    )


def _links(event: Event | None, folder: str) -> Links:
    if event is None:
        return Links()
    known = event.repository and event.head_sha
    source = f"{event.server_url}/{event.repository}/blob/{event.head_sha}/{quote(folder)}" if known else ""
    return Links(run=event.run_url, source=source)
