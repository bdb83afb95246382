"""`mlci doctor` on real environments: what it finds is what the code gate then runs under."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TEST = "import pathlib, sys\ndef test_where():\n    pathlib.Path('where.txt').write_text(sys.prefix)\n"
CONFIG = "version: 1\ncode: {pytest: [tests], source: [tests]}\n"


def run(*words, cwd, env):
    return subprocess.run([*words], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def doctor(root, env):
    done = run(sys.executable, "-m", "mlci", "doctor", "--format", "json", cwd=root, env=env)
    found = {part["title"]: {each["name"]: each for each in part["findings"]} for part in json.loads(done.stdout)}
    return done.returncode, found


@pytest.fixture
def root(tmp_path):
    made = tmp_path / "Projekt mit Ümläuten"
    (made / "tests").mkdir(parents=True)
    (made / "tests" / "test_where.py").write_text(TEST)
    (made / "mlci.yaml").write_text(CONFIG)
    return made


@pytest.fixture
def env(tmp_path):
    """The environment of a hook: mlci's own is passed over, and no other is active."""
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    return {**kept, "PRE_COMMIT": "1", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def plain(root, env, _tmp_path):
    venv.create(root / ".venv", symlinks=True)
    return root / ".venv", env


def of_uv(root, env, _tmp_path):
    uv = pytest.importorskip("uv", reason="uv is not installed: `pip install --group delivery`").find_uv_bin()
    (root / "pyproject.toml").write_text("[project]\nname = 'p'\nversion = '0'\nrequires-python = '>=3.11'\n")
    for words in (("lock", "--offline"), ("sync", "--offline")):
        done = run(uv, *words, "--python", sys.executable, cwd=root, env=env)
        assert done.returncode == 0, done.stderr
    return root / ".venv", env


def of_poetry(root, env, tmp_path):
    tool = tmp_path / "poetry"
    venv.create(tool, with_pip=True, symlinks=True)
    asked = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "poetry")
    if run(tool / "bin" / "python", *asked, cwd=tmp_path, env=dict(os.environ)).returncode:
        pytest.skip("poetry cannot be installed: no package index is reachable")
    (root / "pyproject.toml").write_text(
        "[project]\nname = 'p'\nversion = '0'\nrequires-python = '>=3.11'\n[tool.poetry]\npackage-mode = false\n"
    )
    env = {**env, "PATH": f"{tool / 'bin'}{os.pathsep}{env['PATH']}"}
    done = run(tool / "bin" / "poetry", "env", "use", sys.executable, cwd=root, env=env)
    assert done.returncode == 0, done.stderr
    said = run(tool / "bin" / "poetry", "env", "info", "--path", cwd=root, env=env)
    return Path(said.stdout.strip().splitlines()[-1]), env


def of_conda(_root, env, tmp_path):
    made = tmp_path / "envs" / "ml"
    venv.create(made, symlinks=True)
    (made / "conda-meta").mkdir()
    return made, {**env, "CONDA_PREFIX": str(made), "CONDA_DEFAULT_ENV": "ml"}


@pytest.mark.parametrize("layout", [plain, of_uv, of_poetry, of_conda])
def test_what_the_doctor_finds_is_what_the_tests_run_under(root, env, tmp_path, lend_pytest, layout):
    place, env = layout(root, env, tmp_path)
    lend_pytest(place)
    code, found = doctor(root, env)
    assert code == 0, found
    here = found["the project's environment"]
    assert str(place / "bin") in here["python"]["says"] or ".venv/bin" in here["python"]["says"]
    assert here["pytest"]["state"] == here["pytest-cov"]["state"] == "fine"

    done = run(sys.executable, "-m", "mlci", "code", cwd=root, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert Path((root / "where.txt").read_text()).resolve() == place.resolve()


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        (None, " -m pip install pytest pytest-cov>=4.1"),
        ("uv.lock", "uv add --dev pytest pytest-cov>=4.1"),
        ("poetry.lock", "poetry add --group dev pytest pytest-cov>=4.1"),
    ],
)
def test_where_there_is_none_it_says_what_is_missing_and_how_to_get_it(root, env, tmp_path, lock, says):
    venv.create(tmp_path / "system", with_pip=True, symlinks=True)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git"))
    if lock:
        (root / lock).write_text("")
    env = {**env, "PATH": f"{tmp_path / 'system' / 'bin'}{os.pathsep}{tools}"}
    code, found = doctor(root, env)
    here = found["the project's environment"]
    assert code == 3
    assert "python on PATH" in here["python"]["says"]
    assert here["pytest"]["state"] == "missing"
    assert says in here["install"]["says"].replace("'", "")
    done = run(sys.executable, "-m", "mlci", "code", cwd=root, env=env)
    assert done.returncode == 3
    assert "pytest" in done.stdout


def test_every_project_is_looked_at_with_its_own_interpreter(tmp_path, env):
    for name in ("one", "two"):
        (tmp_path / "repo" / name).mkdir(parents=True)
        (tmp_path / "repo" / name / "mlci.yaml").write_text(CONFIG)
    venv.create(tmp_path / "repo" / "two" / ".venv", symlinks=True)
    subprocess.run(["git", "init", "-q", tmp_path / "repo"], check=True)
    _, found = doctor(tmp_path / "repo", env)
    assert ".venv in the project" in found["two: the project's environment"]["python"]["says"]
    assert ".venv" not in found["one: the project's environment"]["python"]["says"]


def test_hooks_that_nothing_calls_are_named(root, env):
    subprocess.run(["git", "init", "-q", root], check=True)
    hooks = "[{id: mlci-data}, {id: mlci-code}, {id: mlci, stages: [push, manual]}, {id: other}]"
    (root / ".pre-commit-config.yaml").write_text(f"repos: [{{repo: x, rev: v1, hooks: {hooks}}}]\n")
    (root / ".git" / "hooks" / "pre-commit").write_text("#!/bin/sh\n")
    _, found = doctor(root, env)
    hooks = found["hooks in .pre-commit-config.yaml"]
    assert hooks["mlci-data"] == {"name": "mlci-data", "says": "runs at pre-commit", "state": "fine", "fix": ""}
    for name in ("mlci-code", "mlci"):
        assert hooks[name]["fix"] == "pre-commit install --hook-type pre-push"
    assert set(hooks) == {"mlci-data", "mlci-code", "mlci"}


def test_without_a_configuration_it_still_says_what_there_is(tmp_path, env):
    done = run(sys.executable, "-m", "mlci", "doctor", cwd=tmp_path, env=env)
    assert done.returncode == 0
    assert "mlci.yaml  none in" in done.stdout
    assert "nothing is compared with a base" in done.stdout


def test_a_wrong_configuration_is_a_mistake(root, env):
    (root / "mlci.yaml").write_text("version: 1\ncod: {}\n")
    done = run(sys.executable, "-m", "mlci", "doctor", cwd=root, env=env)
    assert done.returncode == 2
    assert "mlci.yaml:2" in done.stderr


def test_an_interpreter_that_does_not_run_is_missing(root, env):
    (root / "mlci.yaml").write_text(f"{CONFIG}python: nowhere/python\n")
    code, found = doctor(root, env)
    assert code == 3
    assert "nowhere/python" in found["the project's environment"]["python"]["says"]
