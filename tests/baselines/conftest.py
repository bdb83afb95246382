"""A small repository, bundles of its commits, and what a store of it is set up with."""

import os
import subprocess
from pathlib import Path

import pytest

from mlci import git
from mlci.baselines import bundle
from mlci.baselines.base import Base
from mlci.baselines.base import find as find_base
from mlci.baselines.model import Computed, Stored
from mlci.baselines.stores import Setup
from mlci.config.baselines import Baseline, Bucket
from mlci.config.model import Config
from mlci.model.paired import Predicted
from mlci.results.model import Metric

KEYS = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_DEFAULT_REGION": "us-east-1"}
IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def run_git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Work:
    """A repository with one file, and which commit a change in it is compared with."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit("one")

    def git(self, *arguments):
        return run_git(self.folder, *arguments)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def commit(self, text, name="file"):
        """Commit a file of this text and return the hash."""
        self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-qm", text)
        return self.git("rev-parse", "HEAD")

    def find(self, **environ):
        return git.find(self.folder, {**os.environ, **environ})

    def base(self, ref=None, **environ):
        return find_base(self.find(), ref=ref, environ=environ)


@pytest.fixture
def work(tmp_path):
    return Work(tmp_path / "repository")


class Project:
    """A repository with a history of empty commits, and what a run in it is set up with."""

    def __init__(self, folder: Path, commits: int = 4):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        for at in range(commits):
            self.git("commit", "-q", "--allow-empty", "-m", f"c{at}")
        self.commits = self.git("rev-list", "HEAD").split()

    def git(self, *arguments):
        return run_git(self.folder, *arguments)

    def setup(self, *, at=0, environ=None, offline=False, leg=None, root=None, **settings):
        """What a run is given whose base is the commit `at`, counted from the newest."""
        return Setup(
            config=Config(version=1, project="p"),
            settings=Baseline(**settings),
            repository=git.find(self.folder, {**os.environ, **IDENTITY}),
            root=root or self.folder,
            leg=leg,
            environ=environ or {},
            base=Base(commit=self.commits[at], note="merge-base with main"),
            offline=offline,
        )


def bundle_of(commit, *, value=0.9, project="p", n=4, leg=None):
    """Return the bundle of a run with one metric and a few predictions."""
    metric = Metric(name="model.m.accuracy", value=value, n=n, higher_is_better=True)
    prints = {"model.m.evaluate": "e", "model.m.metric-code": "c"}
    when = "2026-01-01T00:00:00+00:00"
    stored = Stored(schema=1, mlci="0.1.0", created=when, commit=commit, metrics=(metric,), fingerprints=prints)
    said = Predicted(columns={"prediction": ["a"] * n}, slices={}, positive=None, order=tuple(range(n)))
    return bundle.dumps(Computed(stored=stored, predicted={"m": said}), project=project, leg=leg)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def make_project():
    return Project


@pytest.fixture
def make_bundle():
    return bundle_of


@pytest.fixture
def git_in():
    return run_git


@pytest.fixture(scope="module")
def server():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server, monkeypatch, request):
    import botocore.session

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    name = f"b-{abs(hash(request.node.name)):x}"
    client = botocore.session.get_session().create_client("s3", endpoint_url=server)
    client.create_bucket(Bucket=name)
    yield Bucket(url=f"s3://{name}/some/folder", options={"endpoint_url": server})
    client.close()
