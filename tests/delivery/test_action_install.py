"""action/install: mlci in an environment of its own, whatever the runner's Python and the job's variables are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASH = shutil.which("bash") or "/bin/bash"


def install(
    release: Path, temp: Path, *, extras: str = "", path: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the script as a step of the action would; its outputs are in `temp`/outputs."""
    temp.mkdir(exist_ok=True)
    given = {
        **os.environ,
        "PATH": path if path is not None else os.environ["PATH"],
        "GITHUB_ACTION_PATH": str(release),
        "GITHUB_OUTPUT": str(temp / "outputs"),
        "MLCI_EXTRAS": extras,
        "RUNNER_TEMP": str(temp),
        **environ,
    }
    script = [BASH, "--noprofile", "--norc", str(release / "action" / "install")]
    return subprocess.run(script, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def interpreter(temp: Path) -> str:
    lines = (temp / "outputs").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("python=")).removeprefix("python=")


def ask(python: str, code: str) -> str:
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_without_a_python_it_says_what_to_add(root: Path, tmp_path: Path) -> None:
    done = install(root, tmp_path / "temp", path=str(tmp_path / "nothing"))
    assert done.returncode == 3
    assert done.stdout == (
        "::error title=mlci::mlci needs a Python of 3.11 or later on the runner for itself. Add actions/setup-python.\n"
    )


@pytest.mark.parametrize("extras", ["model]; rm -rf x", "$(id)", "Model", "a b"])
def test_extras_that_are_no_names_are_refused(root: Path, tmp_path: Path, extras: str) -> None:
    done = install(root, tmp_path / "temp", extras=extras)
    assert done.returncode == 2
    assert "it must be names with commas between" in done.stdout


@pytest.fixture(scope="module")
def old_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment whose pip is too old to install for another interpreter, and its folder of programs."""
    folder = tmp_path_factory.mktemp("old")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pip==22.2"], check=True)
    return python.parent


@pytest.mark.slow
def test_an_old_pip_is_no_obstacle(release: Path, tmp_path: Path, old_pip: Path) -> None:
    done = install(release, tmp_path / "temp", path=str(old_pip))
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask(interpreter(tmp_path / "temp"), "import mlci; print(mlci.__file__)").startswith(str(tmp_path))


@pytest.mark.slow
def test_variables_for_the_projects_python_change_nothing(release: Path, tmp_path: Path) -> None:
    shadow = tmp_path / "shadow"
    (shadow / "yaml").mkdir(parents=True)
    (shadow / "yaml" / "__init__.py").write_text("raise ImportError('the wrong one')\n", encoding="utf-8")
    (shadow / "PyYAML-6.0.3.dist-info").mkdir()
    (shadow / "PyYAML-6.0.3.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0.3\n")
    temp = tmp_path / "temp"
    done = install(
        release,
        temp,
        PYTHONPATH=str(shadow),
        PIP_TARGET=str(tmp_path / "elsewhere"),
        PIP_USER="1",
        PIP_REQUIRE_VIRTUALENV="1",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask(interpreter(temp), "import yaml; print(yaml.__file__)").startswith(str(temp / "mlci"))
    assert ask(interpreter(temp), "import importlib.util as u; print(u.find_spec('sklearn'))") == "None"
    assert not (tmp_path / "elsewhere").exists()
    before = (temp / "mlci" / "pyvenv.cfg").stat().st_mtime_ns

    again = install(release, temp)
    assert again.returncode == 0, again.stdout + again.stderr
    assert (temp / "mlci" / "pyvenv.cfg").stat().st_mtime_ns == before
