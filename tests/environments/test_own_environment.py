"""The environment that mlci is installed in: taken for the project's only where it holds more than mlci."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.environments import choose
from mlci.environments.probing import Own, beyond_mlci


@pytest.fixture
def own(tmp_path):
    environment = tmp_path / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    return environment


def environment_of(own, *, more):
    return Own(prefix=own, executable=own / "bin" / "python", is_virtual=True, holds_more=lambda: more)


def environ():
    return {"PATH": str(Path(shutil.which("git")).parent)}


def test_one_that_holds_more_is_the_projects(own, tmp_path):
    path, why = choose(tmp_path, environ(), environment_of(own, more=True))
    assert path == own / "bin" / "python"
    assert why == "the environment that mlci is installed in"


def test_in_a_hook_it_is_not(own, tmp_path):
    elsewhere = {"PATH": str(Path(sys.base_prefix) / "bin"), "PRE_COMMIT": "1"}
    path, _ = choose(tmp_path, elsewhere, environment_of(own, more=True))
    assert path.parent == Path(sys.base_prefix) / "bin"


def test_one_made_for_mlci_alone_comes_after_path(own, tmp_path):
    elsewhere = {"PATH": str(Path(sys.base_prefix) / "bin")}
    path, _ = choose(tmp_path, elsewhere, environment_of(own, more=False))
    assert path.parent == Path(sys.base_prefix) / "bin"


def test_what_mlci_brings_is_told_from_what_it_does_not():
    more = beyond_mlci()
    assert "pytest" in more  # of the tests, not of mlci
    assert not more & {"mlci", "pydantic", "pydantic-core", "duckdb", "narwhals", "scikit-learn", "numpy", "pip"}
