"""A copy of this project to install from, and a small project to run it on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from acting import REPOSITORY, Act, Api

sys.path.pop(0)

ROOT = Path(__file__).resolve().parent.parent.parent

CONFIG = """\
version: 1
data:
  flowers:
    path: data/flowers.csv
    expect:
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_not_be_null: {column: species}
metrics:
  performance.json:
    overall.f1: {min: 0.8, max-drop: 0.02, direction: higher}
baseline: {recompute: true}
"""
GOOD_ROWS = "id,species\n1,setosa\n2,virginica\n3,versicolor\n"
BAD_ROWS = "id,species\n1,setosa\n2,\n2,versicolor\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A git repository with a data file and a file of numbers, both as they should be on `main`."""

    path: Path

    def git(self, *arguments: str, **environ: str) -> str:
        """Return what git prints; a failure is raised."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit everything and return the hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", message)
        return self.git("rev-parse", "HEAD")

    def make_worse(self) -> None:
        """Make both data and numbers worse."""
        self.write("data/flowers.csv", BAD_ROWS)
        self.write("performance.json", json.dumps({"overall": {"f1": 0.71}}))


@pytest.fixture
def root() -> Path:
    """The folder of this project."""
    return ROOT


@pytest.fixture
def tool() -> Callable[[str], str]:
    """Find a program of the group `delivery`, or skip."""

    def find(name: str) -> str:
        path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed: `make test` installs it")
        return path

    return find


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project with one commit on `main`."""
    made = Project(path=tmp_path / "project")
    made.write("mlci.yaml", CONFIG)
    made.write("data/flowers.csv", GOOD_ROWS)
    made.write("performance.json", json.dumps({"overall": {"f1": 0.84}}))
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("config", "user.name", "A person")
    made.git("config", "user.email", "person@example.com")
    made.git("config", "commit.gpgsign", "false")
    made.commit("Begin")
    return made


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this project's files as they are now, committed once: what others install from."""
    folder = tmp_path_factory.mktemp("release") / "mlci"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    made = Project(path=folder)
    made.git("init", "--quiet", "--initial-branch=main")
    identity = {
        f"GIT_{who}_{what}": "person@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    made.git("add", "--all")
    made.git("commit", "--quiet", "--no-gpg-sign", "--message", "Release", **identity)
    return folder


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pre-commit's own folder, so that its environments are built once for all tests and never the user's."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def commit(home: Path, tool: Callable[[str], str], project: Project) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run git or pre-commit in the project as a person would, and return what it said."""
    tool("pre-commit")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "PRE_COMMIT_HOME": str(home),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        return subprocess.run(
            command,
            cwd=project.path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def start_api(root: Path, tmp_path: Path) -> Iterator[Callable[..., Api]]:
    """Start the stand-in with a state; it is checked at the end that no request broke GitHub's own description."""
    started: list[tuple[subprocess.Popen[str], Api]] = []

    def start(**state: Any) -> Api:
        load, kept = tmp_path / "start.json", tmp_path / "state.json"
        load.write_text(json.dumps({"repository": REPOSITORY, **state}), encoding="utf-8")
        corpora = Path(os.environ.get("MLCI_CORPORA") or root.parent / "shared" / "corpora")
        openapi = corpora / "github" / "openapi-slice.json"
        contract = ["--openapi", str(openapi)] if openapi.is_file() else []
        command = [
            sys.executable,
            str(root / "tests" / "github" / "fake.py"),
            "--load",
            str(load),
            "--state",
            str(kept),
        ]
        process = subprocess.Popen([*command, *contract], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        api = Api(url=process.stdout.readline().strip(), state_file=kept)
        started.append((process, api))
        return api

    yield start
    for process, api in started:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        assert api.state()["violations"] == []


@pytest.fixture(scope="session")
def own_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an interpreter with pip and nothing of mlci, as actions/setup-python brings one."""
    folder = tmp_path_factory.mktemp("setup-python") / "python"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], stdin=subprocess.DEVNULL, check=True)
    return folder / "bin"


@pytest.fixture(scope="session")
def act_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stand-ins for GitHub's services share: one environment of mlci serves all workflows."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def workflows(tool: Callable[[str], str], release: Path, own_python: Path, act_store: Path, tmp_path: Path) -> Act:
    """Runs workflows; artifacts are the test's own, and the cache is that of all."""
    made = Act(program=tool("act"), release=release, python=own_python, temp=tmp_path)
    made.store.mkdir()
    (act_store / "cache").mkdir(exist_ok=True)
    (made.store / "cache").symlink_to(act_store / "cache")
    return made
