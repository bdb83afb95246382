"""Repositories made of the examples."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
LEFTOVERS = shutil.ignore_patterns("model.joblib", "mlci-report", "__pycache__", ".*_cache", "mlci-baseline.json")


class Example:
    """A git repository with the files of an example."""

    def __init__(self, folder: Path):
        self.folder = folder

    def git(self, *arguments):
        person = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *person, *arguments], cwd=self.folder, capture_output=True, text=True, check=True, env=os.environ
        )
        return done.stdout.strip()

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def mlci(self, *arguments, **environ):
        command = [sys.executable, "-m", "mlci", *arguments]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, env={**os.environ, **environ}
        )

    def replace(self, file, old, new):
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    @property
    def summary(self):
        return (self.folder / "mlci-report" / "summary.md").read_text()


@pytest.fixture
def example(tmp_path):
    def make(name):
        folder = tmp_path / name
        shutil.copytree(EXAMPLES / name, folder, ignore=LEFTOVERS)
        made = Example(folder)
        made.git("init", "--quiet", "--initial-branch", "main")
        made.commit("start")
        return made

    return make
