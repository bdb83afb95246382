"""The data diff where git holds pointers: of the real DVC, and of Git LFS."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

DVC = Path(sys.executable).with_name("dvc")
needs_dvc = pytest.mark.skipif(not DVC.exists(), reason="dvc is not installed: `pip install --group test`")
BEFORE = "id,tag\n1,nlp\n2,cv\n3,cv\n"
NOW = "id,tag\n1,nlp\n2,nlp\n4,cv\n5,cv\n"
CONFIG = (
    "version: 1\ndata:\n  tags:\n    path: {path}\n    key: id\n    diff: {{max-removed: 5}}\n    allow-empty: true\n"
)


def dvc(project, *arguments):
    environ = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_TEST": "1"}
    subprocess.run([DVC, "-q", *arguments], cwd=project.root, env=environ, check=True, capture_output=True)


def counts(change):
    return change.added, change.removed, change.changed


@pytest.fixture
def tracked(project):
    def make(path, what, *, before=BEFORE, now=NOW, setup=lambda: None):
        dvc(project, "init")
        setup()
        project.write(**{"mlci.yaml": CONFIG.format(path=path), path: before})
        dvc(project, "add", what)
        project.commit()
        project.branch()
        project.write(**{path: now})
        dvc(project, "add", what)
        project.commit()
        return project

    return make


@needs_dvc
def test_a_file_of_dvc_is_compared_with_the_cache(tracked):
    project = tracked("tags.csv", "tags.csv")
    assert project.git("ls-files").split() == [".dvc/.gitignore", ".dvc/config", ".dvcignore", ".gitignore", "mlci.yaml", "tags.csv.dvc"]  # fmt: skip
    gate = project.gate()
    assert [counts(change) for change in gate.data_changes] == [(2, 1, 1)]
    assert {check.status for check in gate.checks} == {"passed"}


@needs_dvc
def test_a_file_in_a_folder_of_dvc(tracked):
    (change,) = tracked("data/tags.csv", "data").gate().data_changes
    assert counts(change) == (2, 1, 1)


@needs_dvc
def test_the_same_pointer_is_no_change(tracked):
    gate = tracked("tags.csv", "tags.csv", now=BEFORE).gate()
    assert gate.data_changes == ()
    assert {check.status for check in gate.checks} == {"passed"}


@needs_dvc
def test_a_cache_somewhere_else(tracked, tmp_path, project):
    gate = tracked(
        "tags.csv", "tags.csv", setup=lambda: dvc(project, "cache", "dir", str(tmp_path / "elsewhere"))
    ).gate()
    assert [counts(change) for change in gate.data_changes] == [(2, 1, 1)]


@needs_dvc
def test_the_layout_of_older_versions(tracked):
    project = tracked("tags.csv", "tags.csv")
    cache = project.root / ".dvc" / "cache"
    for folder in (cache / "files" / "md5").iterdir():
        folder.rename(cache / folder.name)
    assert [counts(change) for change in project.gate().data_changes] == [(2, 1, 1)]


@needs_dvc
@pytest.mark.parametrize(("wdir", "path", "up"), [(".", "tags.csv", ""), ("work", "work/tags.csv", "../")])
def test_the_output_of_a_stage(project, wdir, path, up):
    dvc(project, "init")
    (project.root / wdir).mkdir(exist_ok=True)
    stage = f"stages:\n  make:\n    wdir: {wdir}\n    cmd: cp {up}SOURCE tags.csv\n    deps: [{up}SOURCE]\n    outs: [tags.csv]\n"
    project.write(
        mlci__yaml=CONFIG.format(path=path), one__txt=BEFORE, two__txt=NOW, dvc__yaml=stage.replace("SOURCE", "one.txt")
    )
    dvc(project, "repro")
    project.commit()
    project.branch()
    project.write(dvc__yaml=stage.replace("SOURCE", "two.txt"))
    dvc(project, "repro")
    project.commit()
    assert [counts(change) for change in project.gate().data_changes] == [(2, 1, 1)]


@needs_dvc
def test_data_that_is_not_in_the_cache_is_said_and_an_error_only_under_a_limit(tracked):
    project = tracked("tags.csv", "tags.csv")
    shutil.rmtree(project.root / ".dvc" / "cache")
    gate = project.gate()
    (change,) = gate.data_changes
    assert (change.compared, change.note.partition(";")[0]) == (False, "the base's data is not in the DVC cache")
    assert [check.status for check in gate.checks if not check.id.endswith(".pointer")] == ["errored"]


@needs_dvc
def test_a_file_that_moves_from_git_into_dvc(project):
    dvc(project, "init")
    project.commit(mlci__yaml=CONFIG.format(path="tags.csv"), tags__csv=BEFORE)
    project.branch()
    project.git("rm", "-q", "--cached", "tags.csv")
    project.write(tags__csv=NOW)
    dvc(project, "add", "tags.csv")
    project.commit()
    assert [counts(change) for change in project.gate().data_changes] == [(2, 1, 1)]


def test_a_pointer_cannot_name_a_file_outside_the_cache(project, tmp_path):
    (tmp_path / "secret").write_text(BEFORE)
    pointer = "outs:\n- md5: {md5}\n  path: tags.csv\n"
    project.commit(
        **{
            "mlci.yaml": CONFIG.format(path="tags.csv"),
            ".gitignore": "tags.csv\n",
            ".dvc/config": "",
            "tags.csv.dvc": pointer.format(md5="../../../../secret"),
        }
    )
    project.branch()
    project.commit(**{"tags.csv.dvc": pointer.format(md5="0a" * 16)})
    project.write(tags__csv=NOW)
    (change,) = project.gate().data_changes
    assert not change.compared


def stored(project, content):
    """Put `content` among the objects of Git LFS and return its pointer."""
    oid = hashlib.sha256(content.encode()).hexdigest()
    place = project.root / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_text(content)
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def test_a_pointer_of_git_lfs_is_followed_to_its_object(project):
    project.commit(mlci__yaml=CONFIG.format(path="tags.csv"), tags__csv=stored(project, BEFORE))
    project.branch()
    project.commit(tags__csv=NOW)
    assert [counts(change) for change in project.gate().data_changes] == [(2, 1, 1)]


def test_an_object_of_git_lfs_that_was_not_fetched_is_said(project):
    project.commit(mlci__yaml=CONFIG.format(path="tags.csv"), tags__csv=stored(project, BEFORE))
    project.branch()
    project.commit(tags__csv=NOW)
    shutil.rmtree(project.root / ".git" / "lfs")
    (change,) = project.gate().data_changes
    assert change.note == "the base's data is not among the objects of Git LFS that are here"
