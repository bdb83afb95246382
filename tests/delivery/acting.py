"""Workflows run under act, on the machine itself, against a stand-in for GitHub's API and for the actions of others."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = "octo-org/topics"
TOKEN = "t0ken"
STAND_INS = Path(__file__).resolve().parent / "stand_ins"
USED = re.compile(r"uses:\s*([\w.-]+/[\w.-]+)(?:/[\w./-]+)?@(\S+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """How a job ended."""

    code: int
    result: str
    outputs: dict[str, str]
    summaries: list[str]
    annotations: list[str]
    log: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """How a workflow ended: its exit code, and of each job how it ended and what it printed."""

    code: int
    jobs: dict[str, str]
    summaries: list[str]
    said: str
    log: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """The stand-in for GitHub's API, a process of its own."""

    url: str
    state_file: Path

    def comments(self) -> list[dict[str, Any]]:
        """Return what stands on the pull request now."""
        return self.state().get("comments", [])

    def state(self) -> dict[str, Any]:
        """Return everything that it knows; nothing before the first request."""
        return json.loads(self.state_file.read_text(encoding="utf-8")) if self.state_file.exists() else {}


def job_of(code: int, log: str) -> Job:
    """Read act's lines; what a step of the action says comes again for the step that uses it, and counts once."""
    entries = entries_of(log)
    inner = [entry for entry in entries if len(entry.get("stepID") or []) == 2]
    outer = [entry for entry in entries if entry.get("stepID") == ["mlci"]]
    return Job(
        code=code,
        result=next((entry["jobResult"] for entry in entries if "jobResult" in entry), ""),
        outputs={entry["name"]: entry["arg"] for entry in outer if entry.get("command") == "set-output"},
        summaries=[entry["msg"] for entry in inner if entry.get("command") == "summary"],
        annotations=[
            f"{entry['command']}: {entry['arg']}"
            for entry in inner
            if entry.get("command") in ("error", "warning", "notice")
        ],
        log=log,
    )


def run_of(code: int, log: str) -> Run:
    """Read act's lines of a workflow with several jobs."""
    entries = entries_of(log)
    jobs = {entry["job"].partition("/")[2].strip(): entry["jobResult"] for entry in entries if "jobResult" in entry}
    return Run(
        code=code,
        jobs=jobs,
        summaries=[entry["msg"] for entry in entries if entry.get("command") == "summary"],
        said="\n".join(str(entry.get("msg", "")).rstrip() for entry in entries if entry.get("raw_output")),
        log=log,
    )


def entries_of(log: str) -> list[dict[str, Any]]:
    """Return what act logged."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


@dataclass(kw_only=True)
class Act:
    """Runs workflows of a project."""

    program: str
    release: Path
    python: Path
    """The folder of the interpreter that setup-python is to bring."""
    temp: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """Where the stand-ins keep what GitHub's services would."""
        return self.temp / "store"

    def run(self, folder: Path, event: str, payload: dict[str, Any], *, api: str, workflow: str, **environ: str) -> Run:
        """Run a workflow of the project in `folder` for an event."""
        said = self.temp / "event.json"
        said.write_text(json.dumps(payload), encoding="utf-8")
        file = folder / ".github" / "workflows" / workflow
        command = [self.program, event, "--workflows", str(file), "--eventpath", str(said)]
        command += ["--platform", "ubuntu-latest=-self-hosted", "--pull=false", "--action-offline-mode"]
        command += ["--no-cache-server", "--json", "--concurrent-jobs", "1", "--secret", f"GITHUB_TOKEN={TOKEN}"]
        for replaced in self.local_repositories(file.read_text(encoding="utf-8")):
            command += ["--local-repository", replaced]
        given = {
            "GITHUB_API_URL": api,
            "GITHUB_REPOSITORY": REPOSITORY,
            "STAND_IN_STORE": str(self.store),
            "STAND_IN_PYTHON": str(self.python),
            **environ,
        }
        for name, value in given.items():
            command += ["--env", f"{name}={value}"]
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "XDG_CACHE_HOME": str(self.temp / "act"), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return run_of(done.returncode, done.stdout + done.stderr)

    def local_repositories(self, workflow: str) -> list[str]:
        """Return what stands in for each action that the workflow and mlci's own use; every one is printed."""
        texts = [workflow, *(path.read_text(encoding="utf-8") for path in self.release.glob("**/action.yml"))]
        used = sorted({found.groups() for text in texts for found in USED.finditer(text)})
        places = {f"{name}@{ref}": self._place(name) for name, ref in used if name != "actions/checkout"}
        for name, place in places.items():
            print(f"{name}: {place}")
        return [f"{name}={place}" for name, place in places.items()]

    def _place(self, name: str) -> Path:
        place = self.release if name == "mlci/mlci" else STAND_INS / name.removeprefix("actions/")
        assert place.is_dir(), f"nothing stands in for {name}"
        return place
