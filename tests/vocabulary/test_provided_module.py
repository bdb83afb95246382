"""`mlci.plugins` in the worker: there where mlci is not, and nothing else of mlci."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.interpreter import Interpreter
from mlci.processes import Limits, Worker, WorkerFailed, worker_environment

pytestmark = pytest.mark.slow
LIMITS = Limits(timeout_s=30)


@pytest.fixture
def worker(tmp_path, bare):
    def started(python=bare):
        env = worker_environment(os.environ, passed=(), python=python)
        return Worker(Interpreter(path=python, why="the tests'"), cwd=tmp_path, limits=LIMITS, env=env)

    return started


@pytest.mark.parametrize(
    "line", ["import mlci.plugins as plugins", "from mlci import plugins", "from mlci.plugins import *"]
)
def test_every_form_of_import_finds_it(worker, tmp_path, line):
    use = "plugins.metric" if "*" not in line else "metric"
    (tmp_path / "own.py").write_text(f"{line}\n@{use}\ndef m(labels, predictions):\n    return 1\n")
    with worker() as started:
        (found,) = started.call("own", by="plugin_worker:describe_module")
    assert (found["kind"], found["name"], found["given"]) == ("metric", "m", ["labels", "predictions"])


def test_nothing_else_of_mlci_is_found(worker, tmp_path):
    (tmp_path / "own.py").write_text("def f():\n    import mlci.errors\n")
    with worker() as started, pytest.raises(WorkerFailed, match=r"No module named 'mlci.errors'"):
        started.call("own:f")


def test_an_installed_mlci_without_it_is_left_as_it_is(worker, tmp_path):
    (tmp_path / "mlci").mkdir()
    (tmp_path / "mlci" / "__init__.py").write_text("version = 'of long ago'\n")
    (tmp_path / "own.py").write_text(
        "import mlci\nfrom mlci.plugins import cases\n@cases\ndef c():\n    return [mlci.version]\n"
    )
    with worker() as started:
        assert started.call("own:c", "seed", [], {}, by="plugin_worker:generate") == {"cases": ["of long ago"]}


def test_modules_of_the_project_do_not_stand_before_the_standard_library(worker, tmp_path):
    for name in ("random", "inspect", "hashlib"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('the project\\'s own')\n")
    (tmp_path / "own.py").write_text("def c(rng):\n    return [rng.random()]\n")
    with worker() as started:
        assert len(started.call("own:c", "seed", ["rng"], {}, by="plugin_worker:generate")["cases"]) == 1


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.13"])
def test_the_two_files_compile_for_older_and_newer_pythons(version):
    """Only their syntax where that Python is not on this machine: the grammar of the one that is."""
    import ast

    for name in ("plugins", "plugin_worker", "plugin_metrics", "worker"):
        source = (Path(sys.modules["mlci"].__file__).parent / f"{name}.py").read_text()
        ast.parse(source, feature_version=tuple(map(int, version.split("."))))


def test_they_import_the_standard_library_alone(bare):
    folder = Path(sys.modules["mlci"].__file__).parent
    for name in ("plugins", "plugin_worker", "plugin_metrics"):
        code = f"import runpy; runpy.run_path({str(folder / f'{name}.py')!r})"
        subprocess.run([bare, "-I", "-c", code], check=True, cwd="/")
