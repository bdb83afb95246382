import os
import subprocess
import sys
import textwrap
import venv
from pathlib import Path

import pytest

from mlci.config.load import load
from mlci.gates import Context
from mlci.interpreter import Interpreter


@pytest.fixture(scope="session")
def bare(tmp_path_factory) -> Path:
    """An interpreter of an environment in which nothing is installed: no mlci, no pandas."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    alone = subprocess.run([python, "-I", "-c", "import mlci"], capture_output=True, check=False)
    assert alone.returncode, "mlci can be imported in the bare environment"
    return python


@pytest.fixture
def project(tmp_path):
    """Writes files, given by path, and gives what a gate of the project would be given."""

    def made(config: str, files: dict[str, str] | None = None, python: Path = Path(sys.executable)) -> Context:
        for name, text in {"mlci.yaml": "version: 1\n" + config, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        loaded = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False)
        return Context(
            root=tmp_path,
            config=loaded.config,
            where=loaded.where,
            find_python=lambda: Interpreter(path=python, why="the tests'"),
            out=tmp_path / "mlci-report",
        )

    return made
