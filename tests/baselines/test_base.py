"""Which commit a change is compared with, in real repositories."""

import os
import subprocess

import pytest

from mlci import git
from mlci.baselines.base import find
from mlci.errors import CannotRun, UsageError

pytestmark = pytest.mark.slow

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def run_git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **IDENTITY}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder, text):
    (folder / "file").write_text(text)
    run_git(folder, "add", "-A")
    run_git(folder, "commit", "-qm", text)
    return run_git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "-q", "-b", "main")
    commit(folder, "one")
    return folder


def base_of(folder, ref=None, **environ):
    return find(git.find(folder, os.environ), ref=ref, environ=environ)


def test_a_branch_is_compared_with_where_it_left_main(repository):
    fork = run_git(repository, "rev-parse", "HEAD")
    run_git(repository, "switch", "-qc", "change")
    commit(repository, "two")
    run_git(repository, "switch", "-q", "main")
    commit(repository, "three")
    run_git(repository, "switch", "-q", "change")
    assert base_of(repository).commit == fork
    assert base_of(repository, "main").commit == fork


def test_on_main_it_is_the_parent_or_head_under_changes(repository):
    assert base_of(repository).commit is None
    assert base_of(repository).note == "HEAD is the first commit"
    first = run_git(repository, "rev-parse", "HEAD")
    second = commit(repository, "two")
    assert base_of(repository).commit == first
    (repository / "file").write_text("changed")
    assert base_of(repository).commit == second


def test_a_merge_commit_of_a_pull_request_is_compared_with_its_first_parent(repository):
    run_git(repository, "switch", "-qc", "change")
    commit(repository, "two")
    run_git(repository, "switch", "-q", "main")
    (repository / "other").write_text("x")
    run_git(repository, "add", "-A")
    run_git(repository, "commit", "-qm", "other")
    main = run_git(repository, "rev-parse", "HEAD")
    run_git(repository, "merge", "-q", "--no-ff", "-m", "merge", "change")
    assert base_of(repository, GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main").commit == main


def test_a_merge_of_main_into_the_change_is_not_compared_with_the_change(repository):
    run_git(repository, "switch", "-qc", "change")
    commit(repository, "two")
    run_git(repository, "switch", "-q", "main")
    (repository / "other").write_text("x")
    run_git(repository, "add", "-A")
    run_git(repository, "commit", "-qm", "other")
    main = run_git(repository, "rev-parse", "HEAD")
    run_git(repository, "switch", "-q", "change")
    run_git(repository, "merge", "-q", "-m", "merge main", "main")
    assert base_of(repository, GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main").commit == main


def test_a_repository_of_someone_else_is_an_error_and_not_none(tmp_path, repository):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(CannotRun, match="does not trust .* safe.directory"):
        git.find(repository, {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(tmp_path)})


def test_a_work_tree_that_is_away_for_a_while_is_not_forgotten(repository, tmp_path):
    run_git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "mine"))
    (tmp_path / "mine").rename(tmp_path / "unplugged")
    with git.find(repository, os.environ).worktree("HEAD"):
        pass
    assert str(tmp_path / "mine") in run_git(repository, "worktree", "list")


def test_a_shallow_clone_without_the_base_is_broken_not_merely_empty(repository, tmp_path):
    commit(repository, "two")
    run_git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    for base in (
        base_of(tmp_path / "shallow", GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main"),
        base_of(tmp_path / "shallow"),
        base_of(tmp_path / "shallow", "release"),
    ):
        assert base.commit is None
        assert base.broken
        assert "fetch-depth: 0" in base.note


def test_outside_git_there_is_none(tmp_path):
    assert base_of(tmp_path).note == "not a git repository"
    with pytest.raises(UsageError, match="not a git repository"):
        base_of(tmp_path, "main")


def test_a_ref_that_is_unknown_or_an_option_is_refused(repository):
    for ref in ("nothing", "--upload-pack=evil"):
        with pytest.raises(UsageError, match="git knows no such commit"):
            base_of(repository, ref)


def test_the_variables_of_a_hook_are_kept_out(repository, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", "nowhere")
    assert git.find(repository, os.environ).commit("HEAD")


def test_a_worktree_holds_the_base_and_goes_away(repository):
    first = run_git(repository, "rev-parse", "HEAD")
    commit(repository, "two")
    with git.find(repository, os.environ).worktree(first) as tree:
        assert (tree / "file").read_text() == "one"
    assert not tree.exists()
    assert run_git(repository, "worktree", "list").count("\n") == 0
