"""The artifact store: bundles that a workflow of GitHub Actions uploaded when it ran on the base branch; read only.

An artifact says of itself whatever the run that uploaded it wanted, and a fork may call its branch `main` too. So only
those of a push to this repository's own branch, by a run that succeeded, are taken.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from mlci.baselines import archive
from mlci.baselines.archive import MOST_BYTES, RefusedError
from mlci.baselines.bundle import NAME
from mlci.baselines.stores import NotHereError, Setup, Tried
from mlci.baselines.stores.shelf import artifact_of, look
from mlci.config.baselines import Artifact
from mlci.errors import CannotRun
from mlci.github.answers import NotFound
from mlci.github.client import Client
from mlci.github.event import Event, event_of, payload_of

_TOKENS = ("MLCI_BASELINE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
_MOST_LISTED = 1_000
_REMOTE = re.compile(r"(?:https://|ssh://git@|git@)([A-Za-z0-9.-]+)[:/]([A-Za-z0-9._-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?")
_WORKFLOWS = ".github/workflows/"


def named(setup: Setup) -> Artifact:
    """Return the artifact of the project and leg; names are unique in a run, so each has one of its own."""
    plain = _configured(setup)
    return replace(plain, name=artifact_of(plain.name, setup))


def _configured(setup: Setup) -> Artifact:
    said = setup.settings.artifact
    return Artifact(name=said) if isinstance(said, str) else said


def opened(setup: Setup) -> ArtifactStore:
    """Return the store of the artifact that `artifact` names."""
    artifact, plain = named(setup), _configured(setup).name
    event = event_of(setup.environ, payload_of(setup.environ.get("GITHUB_EVENT_PATH", "")))
    return ArtifactStore(setup=setup, artifact=artifact, event=event, name=f"artifact {artifact.name}", plain=plain)


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactStore:
    """Artifacts of one name, told apart by the commit that their run was about."""

    setup: Setup
    artifact: Artifact
    event: Event
    name: str
    plain: str
    """The name as it is configured, which runs upload that are no leg, of no project below the top."""
    local: bool = False
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What GitHub says of the artifact of each commit, once it was asked."""
    connected: list[Client] = field(default_factory=list, repr=False)
    """The one client, once there is one: all its waits together are bounded."""

    def look(self) -> Iterator[Tried]:
        """Try the nearest commit, under the name of the leg and the project, and then under those without."""
        yield from look(self, self.setup, self.name)
        alone = replace(self.setup, leg=None)
        if self.setup.leg is not None:
            yield from self._called(artifact_of(self.plain, alone), setup=alone).look()
        elif self.artifact.name != self.plain:
            yield from self._called(self.plain, setup=self.setup).look()

    def _called(self, name: str, *, setup: Setup) -> ArtifactStore:
        return replace(self, setup=setup, artifact=replace(self.artifact, name=name), name=f"artifact {name}", known={})

    def commits(self) -> Collection[str]:
        """Return the commits of the branch that have an artifact which has not expired."""
        listed = self._client().pages(f"{self._actions}/artifacts", inside="artifacts", name=self.artifact.name)
        for found in islice(listed, _MOST_LISTED):
            run = found.get("workflow_run") if isinstance(found, dict) else None
            if isinstance(run, dict) and self._is_own(found, run) and isinstance(run.get("head_sha"), str):
                self._remember(run["head_sha"], found)
        return self.known

    def read(self, commit: str) -> bytes:
        """Download the bundle of a commit, once its run was looked at."""
        found, client = self.known[commit], self._client()
        try:
            run = client.get(f"{self._actions}/runs/{int(found['workflow_run']['id'])}")
        except NotFound as error:
            raise NotHereError(f"not taken: the run that uploaded it was removed: {error.says}") from error
        self._refuse_run(run, commit)
        if found.get("size_in_bytes", 0) > MOST_BYTES:
            raise RefusedError(f"it is larger than {MOST_BYTES // 2**20} MiB")
        try:
            raw = client.zip_file(f"{self._actions}/artifacts/{int(found['id'])}/zip", most=MOST_BYTES)
        except NotFound as error:
            raise NotHereError(f"it has expired or was removed: {error.says}") from error
        digest = found.get("digest")
        if isinstance(digest, str) and digest != f"sha256:{hashlib.sha256(raw).hexdigest()}":
            raise RefusedError("it is not what was uploaded: its digest is another")
        return archive.member(raw, NAME) or raw

    def _remember(self, commit: str, found: Mapping[str, Any]) -> None:
        """Keep the artifact with the highest id: the last of those that runs of one commit have uploaded."""
        if type(found.get("id")) is int and found["id"] > self.known.get(commit, {"id": 0})["id"]:
            self.known[commit] = found

    def _is_own(self, found: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
        """Whether an artifact is of this repository's own branch, and not of a fork's of the same name."""
        here = self.setup.environ.get("GITHUB_REPOSITORY_ID")
        own = type(run.get("repository_id")) is int and run["repository_id"] == run.get("head_repository_id")
        return (
            own
            and (not here or str(run["repository_id"]) == here)
            and found.get("name") == self.artifact.name
            and found.get("expired") is False
            and run.get("head_branch") == self._branch
        )

    def _refuse_run(self, run: Any, commit: str) -> None:
        """Raise `NotHereError` unless the run is a push that succeeded, of the workflow that is expected."""
        run = run if isinstance(run, dict) else {}
        path, expected = str(run.get("path")).partition("@")[0], self.artifact.workflow
        if run.get("event") != "push" or run.get("head_sha") != commit:
            raise NotHereError("not taken: the run that uploaded it was no push of this commit")
        if run.get("conclusion") != "success":
            raise NotHereError("not taken: the run that uploaded it has not succeeded")
        if expected and path != f"{_WORKFLOWS}{expected.removeprefix(_WORKFLOWS)}":
            raise NotHereError(f"not taken: it was uploaded by {path[:100]}, not by {expected}")

    @property
    def _branch(self) -> str:
        head = self.setup.repository and self.setup.repository.ask(
            "symbolic-ref", "--short", "refs/remotes/origin/HEAD"
        )
        return (
            self.artifact.branch
            or self.event.base_ref
            or self.event.default_branch
            or (head or "main").removeprefix("origin/")
        )

    @property
    def _actions(self) -> str:
        return f"repos/{self.event.repository or self._from_remote()}/actions"

    def _from_remote(self) -> str:
        """Return the repository that the remote `origin` is, where it is one of GitHub."""
        url = self.setup.repository and self.setup.repository.ask("remote", "get-url", "origin")
        found = _REMOTE.fullmatch(url or "")
        if found is None or found[1] != urlsplit(self.event.server_url).hostname:
            raise NotHereError("not in GitHub Actions, and `origin` is no repository of GitHub")
        return found[2]

    def _client(self) -> Client:
        import time

        import requests

        if self.connected:
            return self.connected[0]
        self._actions  # noqa: B018 - says that there is nothing to ask before it asks for a token
        token = next((self.setup.environ[name] for name in _TOKENS if self.setup.environ.get(name)), None)
        if token is None and self.setup.environ.get("MLCI_BASELINE_FAILED") == "true":
            raise CannotRun("it could not be fetched before this run; the log of the step before says why")
        if token is None:
            raise NotHereError("no token to read artifacts with: MLCI_BASELINE_TOKEN and GITHUB_TOKEN are not set")
        client = Client(
            api_url=self.event.api_url,
            graphql_url=self.event.graphql_url,
            token=token,
            session=requests.Session(),
            clock=time.time,
            sleep=time.sleep,
        )
        self.connected.append(client)
        return client
