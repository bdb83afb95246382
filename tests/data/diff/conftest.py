"""Projects in real git repositories, with a base and a change."""

import os
import subprocess
from pathlib import Path

import pytest

from mlci.config.load import load
from mlci.engine import run
from mlci.request import Request

WHO = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


class Project:
    def __init__(self, root: Path):
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        return subprocess.run(
            ["git", *WHO, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        ).stdout

    def write(self, **files):
        for name, content in files.items():
            path = self.root / name.replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def commit(self, **files):
        self.write(**files)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change", "--allow-empty")

    def branch(self):
        self.git("switch", "-q", "-c", "change")

    def gate(self, base=None, environ=None, **how):
        """Return the data gate of a whole run."""
        return next(gate for gate in self.results(base, environ, **how).gates if gate.name == "data")

    def results(self, base=None, environ=None, **how):
        loaded = load(self.root / "mlci.yaml", start=self.root, use_cache=False)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
        return run(
            Request(
                loaded=loaded,
                out=self.root / "mlci-report",
                environ=clean | (environ or {}),
                find_python=lambda: None,
                gates=("data",),
                base=base,
                **how,
            )
        )


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder)
