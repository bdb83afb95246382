"""Pointers made by the real DVC and the real Git LFS."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.config.load import load
from mlci.gates import Context
from mlci.gates.data import run
from mlci.git import find

pytestmark = pytest.mark.slow

DATA = "x\n1\n"
EXPECT = "expect: [expect_column_to_exist: {column: x}]"


def sh(folder, *command):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    quiet = {"PATH": path, "DVC_NO_ANALYTICS": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c"}
    named = {**os.environ, **quiet, "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c"}
    subprocess.run(command, cwd=folder, env=named, check=True, capture_output=True)


def checks(root, assets):
    (root / "mlci.yaml").write_text(f"version: 1\ndata:\n{assets}")
    loaded = load(root / "mlci.yaml", start=root, use_cache=False)
    outcome = run(
        Context(
            root=root,
            config=loaded.config,
            where=loaded.where,
            find_python=lambda: None,
            out=root / "report",
            repository=find(root),
        )
    )
    return outcome.gate, {check.id: check for check in outcome.gate.checks}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("dvc")
    for name, content in {"data/x.csv": DATA, "data/parts/1.csv": DATA, "data/parts/sub/2.csv": "x\n2\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "out").mkdir()
    (root / "y.csv").write_text("no output of a stage\n")
    (root / "dvc.yaml").write_text(
        "stages: {prepare: {wdir: out, cmd: cp ../data/x.csv y.csv, deps: [../data/x.csv], outs: [y.csv]}}\n"
    )
    sh(root, "git", "init", "-q")
    sh(root, "dvc", "init", "-q")
    sh(root, "dvc", "add", "-q", "data/x.csv", "data/parts")
    sh(root, "dvc", "repro", "-q")
    return root


@pytest.fixture
def project(made, tmp_path):
    shutil.copytree(made, tmp_path / "project")
    return tmp_path / "project"


ASSETS = (
    f"  x: {{path: data/x.csv, {EXPECT}}}\n"
    f"  parts: {{path: data/parts, {EXPECT}}}\n"
    f"  one: {{path: data/parts/1.csv, {EXPECT}}}\n"
    f"  some: {{path: data/parts/**/*.csv, {EXPECT}}}\n"
    f"  y: {{path: out/y.csv, {EXPECT}}}\n"
)


@pytest.mark.parametrize("cache", [True, False])
def test_data_that_is_what_its_pointer_says(project, cache):
    if not cache:
        shutil.rmtree(project / ".dvc" / "cache")
    gate, found = checks(project, ASSETS)
    assert gate.status == "passed"
    assert {name for name in found if name.endswith(".pointer")} == {
        f"data.{name}.pointer" for name in ("x", "parts", "one", "some", "y")
    }


@pytest.mark.parametrize("cache", [True, False])
def test_data_that_is_not_what_its_pointer_says(project, cache):
    if not cache:
        shutil.rmtree(project / ".dvc" / "cache")
    for name in ("data/x.csv", "data/parts/1.csv", "out/y.csv"):
        (project / name).unlink()
        (project / name).write_text("x\n9\n")
    gate, found = checks(project, ASSETS)
    assert gate.status == "failed"
    for name in ("x", "parts", "one", "some", "y"):
        assert found[f"data.{name}.pointer"].status == "failed"
    assert "not the data that data/x.csv.dvc points to" in found["data.x.pointer"].reason
    assert "`dvc add x.csv`" in found["data.x.pointer"].reason
    assert "`dvc repro`" in found["data.y.pointer"].reason


def test_a_file_that_is_called_as_the_output_of_another_folder(project):
    _, found = checks(project, f"  y: {{path: y.csv, format: csv, {EXPECT}}}\n")
    assert "data.y.pointer" not in found


def test_a_new_file_in_a_folder_that_dvc_keeps(project):
    (project / "data/parts/3.csv").write_text(DATA)
    assert checks(project, ASSETS)[1]["data.parts.pointer"].status == "failed"


def test_data_that_is_not_there_is_skipped_or_an_error(project):
    for name in ("data/x.csv", "out/y.csv"):
        (project / name).unlink()
    shutil.rmtree(project / "data/parts")
    gate, found = checks(project, ASSETS)
    assert {check.status for check in found.values()} == {"skipped"}
    assert gate.status == "errored"
    assert "`dvc pull x.csv`" in found["data.x.file"].reason
    assert "parts.dvc points to data that is not checked out" in found["data.some.file"].reason
    (project / "here.csv").write_text(DATA)
    here = f"  here: {{path: here.csv, {EXPECT}}}\n"
    assert checks(project, ASSETS + here)[0].status == "passed"
    required = ASSETS.replace("{path", "{require-data: true, path")
    assert {check.status for check in checks(project, required)[1].values()} == {"errored"}


def test_a_pointer_with_a_merge_conflict(project):
    (project / "data/x.csv.dvc").write_text("outs:\n<<<<<<< HEAD\n- md5: 1\n")
    found = checks(project, ASSETS)[1]["data.x.pointer"]
    assert (found.status, found.where.path) == ("errored", "x.csv.dvc")


@pytest.fixture
def with_lfs(tmp_path):
    if not shutil.which("git-lfs"):
        pytest.skip("git-lfs is not installed")
    sh(tmp_path, "git", "init", "-q")
    sh(tmp_path, "git", "lfs", "install", "--local")
    sh(tmp_path, "git", "lfs", "track", "*.csv")
    (tmp_path / "x.csv").write_text(DATA)
    sh(tmp_path, "git", "add", ".")
    sh(tmp_path, "git", "commit", "-qm", "data")
    return tmp_path


def test_git_lfs(with_lfs):
    asset = f"  x: {{path: x.csv, {EXPECT}}}\n"
    assert checks(with_lfs, asset)[1]["data.x.pointer"].status == "passed"
    (with_lfs / "x.csv").write_text("x\n9\n")
    found = checks(with_lfs, asset)[1]["data.x.pointer"]
    assert found.status == "failed"
    assert "`git lfs checkout x.csv`" in found.reason
    (with_lfs / "x.csv").unlink()
    sh(with_lfs, "env", "GIT_LFS_SKIP_SMUDGE=1", "git", "checkout", "x.csv")
    assert checks(with_lfs, asset)[1]["data.x.file"].status == "skipped"
    required = asset.replace("{path", "{require-data: true, path")
    assert checks(with_lfs, required)[1]["data.x.file"].status == "errored"
