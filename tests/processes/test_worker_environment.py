"""What of the environment the project's code is given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlci.processes import worker_environment

SECRETS = {
    "GITHUB_TOKEN": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "HF_TOKEN": "x",
    "TF_API_KEY": "x",
    "MKL_PASSWORD": "x",
    "ACTIONS_RUNTIME_TOKEN": "x",
    "DATABASE_URL": "postgres://u:p@h/d",
    "HTTPS_PROXY": "http://user:password@proxy",
    "SSH_AUTH_SOCK": "/tmp/agent",
    "INPUT_TOKEN": "x",
}
POINTERS = {
    "GIT_DIR": ".git",
    "GIT_INDEX_FILE": ".git/index",
    "PYTHONPATH": "/hook/lib",
    "PYTHONHOME": "/hook",
    "PYTEST_ADDOPTS": "-k nothing",
    "COVERAGE_PROCESS_START": "x",
    "COV_CORE_SOURCE": "x",
    "PRE_COMMIT": "1",
    "__PYVENV_LAUNCHER__": "x",
}
NEEDED = {
    "HOME": "/home/u",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "HF_HOME": "/cache/hf",
    "OMP_NUM_THREADS": "2",
    "CUDA_VISIBLE_DEVICES": "0",
    "PYTHONHASHSEED": "0",
    "https_proxy": "http://proxy:3128",
    "TOKENIZERS_PARALLELISM": "false",
    "XDG_CACHE_HOME": "/cache",
}
SYSTEM = Path("/usr/bin/python3")


def test_secrets_and_pointers_elsewhere_are_left_out_and_what_programs_need_is_kept():
    env = worker_environment({**SECRETS, **POINTERS, **NEEDED, "PATH": "/usr/bin"}, passed=(), python=SYSTEM)
    assert env == {**NEEDED, "PATH": "/usr/bin"}


def test_names_given_are_passed_whatever_they_are():
    environ = {**SECRETS, **POINTERS, "PATH": "/usr/bin"}
    env = worker_environment(environ, passed=("HF_TOKEN", "PYTHONPATH", "NOT_SET"), python=SYSTEM)
    assert env == {"HF_TOKEN": "x", "PYTHONPATH": "/hook/lib", "PATH": "/usr/bin"}


def environment(folder: Path, marker: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    if marker == "conda-meta":
        (folder / marker).mkdir()
    else:
        (folder / marker).write_text("")
    return folder / "bin" / "python"


def test_the_projects_virtual_environment_is_active(tmp_path):
    python = environment(tmp_path / ".venv", "pyvenv.cfg")
    environ = {"PATH": f"/usr/bin{os.pathsep}{python.parent}", "VIRTUAL_ENV": "/hook", "CONDA_PREFIX": "/conda"}
    env = worker_environment(environ, passed=(), python=python)
    assert env == {"PATH": f"{python.parent}{os.pathsep}/usr/bin", "VIRTUAL_ENV": str(tmp_path / ".venv")}


def test_a_conda_environment_is_active(tmp_path):
    python = environment(tmp_path / "envs" / "ml", "conda-meta")
    env = worker_environment({"PATH": "/usr/bin"}, passed=(), python=python)
    assert env["CONDA_PREFIX"] == str(tmp_path / "envs" / "ml")
    assert env["CONDA_DEFAULT_ENV"] == "ml"


def test_the_hooks_own_programs_are_not_on_the_path(tmp_path):
    own = environment(tmp_path / "hook", "pyvenv.cfg").parent
    environ = {"PATH": os.pathsep.join([str(own), "/usr/local/bin", "/usr/bin"]), "VIRTUAL_ENV": str(own.parent)}
    env = worker_environment(environ, passed=(), python=SYSTEM, own=own.parent)
    assert env == {"PATH": f"/usr/local/bin{os.pathsep}/usr/bin"}


@pytest.mark.parametrize("path", ["/usr/bin", "/opt/tools"])
def test_a_plain_interpreter_is_found_by_its_name_without_moving_the_system_folders(path):
    env = worker_environment({"PATH": path}, passed=(), python=SYSTEM)
    assert env["PATH"] == ("/usr/bin" if path == "/usr/bin" else f"/usr/bin{os.pathsep}/opt/tools")
