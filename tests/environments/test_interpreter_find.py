"""Finding the project's interpreter in the layouts that projects have, from a hook's own environment and without one."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.environments import Own, choose
from mlci.errors import CannotRun, UsageError
from mlci.interpreter import find

pytestmark = pytest.mark.slow

SYSTEM = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"


def environment(folder: Path) -> Path:
    """Make the least virtual environment that runs: a link to an interpreter, and the file that marks it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(SYSTEM)
    (folder / "pyvenv.cfg").write_text(f"home = {SYSTEM.parent}\n")
    return folder / "bin" / "python"


def command(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def tools(tmp_path):
    """A folder at the head of PATH."""
    (tmp_path / "tools").mkdir()
    return tmp_path / "tools"


@pytest.fixture
def own(tmp_path) -> Own:
    """The environment that pre-commit has made for the hook."""
    python = environment(tmp_path / "py_env-python3")
    return Own(prefix=python.parent.parent, executable=python, is_virtual=True)


@pytest.fixture
def hook(own, tools):
    """What a hook finds in the environment: its own virtual environment active and first on PATH."""
    path = os.pathsep.join(map(str, [own.executable.parent, tools, "/usr/bin", "/bin"]))
    return {
        "PATH": path,
        "VIRTUAL_ENV": str(own.prefix),
        "PRE_COMMIT": "1",
        "PYTHONPATH": "/nowhere",
        "GIT_DIR": ".git",
    }


@pytest.fixture
def path_python(tools) -> Path:
    (tools / "python").symlink_to(SYSTEM)
    return tools / "python"


@dataclasses.dataclass
class Machine:
    """A project, what a hook finds around it, and the Python on PATH."""

    folder: Path
    root: Path
    tools: Path
    hook: dict[str, str]
    own: Own
    path_python: Path

    def choose(self, **environ: str) -> Path:
        return choose(self.root, {**self.hook, **environ}, self.own)[0]


@pytest.fixture
def machine(request, tmp_path) -> Machine:
    names = ("root", "tools", "hook", "own", "path_python")
    return Machine(tmp_path, *(request.getfixturevalue(name) for name in names))


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_an_environment_in_the_project_is_taken_and_its_link_kept(root, hook, own, path_python, name):
    python = environment(root / name)
    assert choose(root, hook, own) == (python, f"{name} in the project")


def test_an_environment_that_a_file_names_is_taken(root, tmp_path, hook, own):
    python = environment(tmp_path / "elsewhere")
    (root / ".venv").write_text("../elsewhere\n")
    assert choose(root, hook, own)[0].resolve(strict=True) == python.resolve()
    assert ".." in choose(root, hook, own)[0].parts


def test_the_order_of_places(root, tmp_path, hook, own, path_python):
    active = environment(tmp_path / "active")
    named = environment(root / "uv-env")
    first, second, third = (environment(root / name) for name in (".venv", "venv", "env"))
    pixi = environment(root / ".pixi" / "envs" / "default")
    environ = {**hook, "UV_PROJECT_ENVIRONMENT": "uv-env", "VIRTUAL_ENV": str(tmp_path / "active")}
    for python in (active, named, first, second, third, pixi):
        assert choose(root, environ, own)[0] == python
        python.unlink()
        (python.parent.parent / "pyvenv.cfg").unlink()
    assert choose(root, environ, own)[0] == path_python


def test_pixis_default_environment_comes_first(root, hook, own):
    environment(root / ".pixi" / "envs" / "cuda")
    assert choose(root, hook, own)[0] == root / ".pixi" / "envs" / "cuda" / "bin" / "python"
    default = environment(root / ".pixi" / "envs" / "default")
    assert choose(root, hook, own)[0] == default


def test_pdms_interpreter_is_taken(root, tmp_path, hook, own):
    python = environment(tmp_path / "pdm-env")
    (root / ".pdm-python").write_text(str(python))
    assert choose(root, hook, own) == (python, "the interpreter that .pdm-python in the project names")


@pytest.mark.parametrize(
    ("tool", "file", "text", "prints"),
    [
        ("poetry env info --executable", "pyproject.toml", "[tool.poetry]\n", "bin/python"),
        ("poetry env info --executable", "poetry.lock", "", "bin/python"),
        ("pipenv --py", "Pipfile", "", "bin/python"),
        ("hatch env find default", "hatch.toml", "", ""),
        ("hatch env find default", "pyproject.toml", "[tool.hatch.envs.default]\n", ""),
    ],
)
def test_a_tool_is_asked_where_the_project_uses_it(machine, tool, file, text, prints):
    python = environment(machine.folder / "managed")
    name, _, arguments = tool.partition(" ")
    clean = '[ -z "$VIRTUAL_ENV$PYTHONPATH$GIT_DIR" ]'
    command(
        machine.tools,
        name,
        f'[ "$*" = "{arguments}" ] && {clean} && echo noise && echo {machine.folder}/managed/{prints}',
    )
    assert machine.choose() == machine.path_python
    (machine.root / file).write_text(text)
    assert machine.choose() == python


def test_a_tool_that_fails_is_passed_over(root, tools, hook, own, path_python):
    command(tools, "poetry", "echo no environment; exit 1")
    (root / "poetry.lock").write_text("")
    assert choose(root, hook, own)[0] == path_python


@pytest.mark.parametrize(("name", "taken"), [("ml", True), ("base", False)])
def test_a_conda_environment_is_taken_unless_it_is_the_base(machine, name, taken):
    folder = machine.folder / "conda" / name
    python = environment(folder)
    (folder / "conda-meta").mkdir()
    chosen = machine.choose(CONDA_PREFIX=str(folder), CONDA_DEFAULT_ENV=name)
    assert chosen == (python if taken else machine.path_python)


def test_pyenvs_version_is_taken_where_the_project_chooses_one(machine):
    python = environment(machine.folder / "versions" / "3.11")
    command(machine.tools, "pyenv", f'[ "$*" = "which python" ] && echo {python}')
    assert machine.choose() == machine.path_python
    (machine.root / ".python-version").write_text("3.11\n")
    assert machine.choose() == python


def test_an_environment_above_counts_within_the_repository_alone(root, tmp_path, hook, own, path_python):
    python = environment(tmp_path / ".venv")
    assert choose(root, hook, own)[0] == path_python
    (tmp_path / ".git").mkdir()
    assert choose(root, hook, own)[0] == python


def test_the_hooks_environment_is_taken_only_where_there_is_nothing_else(root, hook, own, path_python):
    assert choose(root, hook, own) == (path_python, "python on PATH")
    path, why = choose(root, {**hook, "PATH": str(own.executable.parent)}, own)
    assert path == own.executable
    assert why == "mlci's own Python, for want of another"


def test_mlcis_own_environment_is_taken_where_it_is_the_projects(root, hook):
    python = environment(root / ".venv")
    mine = Own(prefix=root / ".venv", executable=python, is_virtual=True)
    environ = {**hook, "VIRTUAL_ENV": str(mine.prefix)}
    assert choose(root, environ, mine) == (python, ".venv in the project")


def test_mlcis_own_environment_is_taken_where_a_person_has_activated_it(root, hook, own, path_python):
    del hook["PRE_COMMIT"]
    assert choose(root, hook, own) == (own.executable, "the active virtual environment")


def test_mlci_installed_beside_everything_else_is_no_reason_to_look_further(root, tools, path_python):
    mine = Own(prefix=SYSTEM.parent.parent, executable=SYSTEM, is_virtual=False)
    assert choose(root, {"PATH": str(tools)}, mine)[0] == path_python


def test_a_link_to_mlcis_own_environment_is_seen_through(root, tmp_path, hook, own, path_python):
    (tmp_path / "alias").symlink_to(own.prefix)
    environ = {**hook, "CONDA_PREFIX": str(tmp_path / "alias"), "CONDA_DEFAULT_ENV": "x"}
    path, why = choose(root, environ, own)
    assert path == path_python
    assert "mlci's own environment" in why


def test_a_broken_environment_is_passed_over_and_named(root, hook, own, path_python):
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to("/gone/python3")
    path, why = choose(root, hook, own)
    assert path == path_python
    assert (
        why
        == f"python on PATH; .venv in the project ({root}/.venv/bin/python) cannot be used: No such file or directory"
    )


def test_a_python_too_old_is_passed_over(root, tools, hook, own):
    command(tools, "python", "echo '[\"/x\", [3, 7]]'")
    (tools / "python3").symlink_to(SYSTEM)
    path, why = choose(root, hook, own)
    assert path == tools / "python3"
    assert "it is Python 3.7, and 3.8 is the oldest" in why


def test_where_nothing_runs_the_places_are_named(root, tmp_path):
    gone = Own(prefix=tmp_path / "gone", executable=tmp_path / "gone" / "python", is_virtual=True)
    environment(root / "venv").unlink()
    (root / "venv" / "bin" / "python").symlink_to("/gone/python3")
    with pytest.raises(CannotRun, match="venv in the project") as caught:
        choose(root, {"PATH": str(tmp_path), "PRE_COMMIT": "1"}, gone)
    assert "`python`" in str(caught.value)


@pytest.mark.parametrize("configured", ["chosen/bin/python", "chosen", "./chosen/bin/python"])
def test_a_configured_interpreter_is_taken_before_all_others(root, hook, configured):
    environment(root / ".venv")
    python = environment(root / "chosen")
    found = find(root, configured=configured, environ=hook)
    assert (found.path, found.why) == (python, "configured")


def test_a_configured_command_is_looked_for_on_path(root, tools, hook):
    (tools / "python9").symlink_to(SYSTEM)
    assert find(root, configured="python9", environ=hook).path == tools / "python9"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no interpreter 'chosen'"),
        (lambda path: path.mkdir(), "there is no interpreter 'chosen'"),
        (lambda path: path.write_text("x"), "cannot be used: Permission denied"),
        (
            lambda path: (path.write_text("#!/bin/sh\necho oh >&2\n"), path.chmod(0o755)),
            "does not run as Python 3 (oh)",
        ),
    ],
)
def test_a_configured_interpreter_that_does_not_run_is_a_usage_error(root, hook, make, said):
    make(root / "chosen")
    with pytest.raises(UsageError) as caught:
        find(root, configured="chosen", environ=hook)
    assert said in str(caught.value)
    assert caught.value.key == "python"
    assert caught.value.exit_code == 2


def test_finding_nothing_to_do_stays_light():
    code = "import sys, mlci.gates; print(sorted({'subprocess', 'ctypes', 'yaml', 'pandas'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
