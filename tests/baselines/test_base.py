"""Which commit a change is compared with, in real repositories."""

import os

import pytest

from mlci import git
from mlci.baselines.base import find
from mlci.errors import CannotRun, UsageError

pytestmark = pytest.mark.slow


def base_of(folder, ref=None, **environ):
    return find(git.find(folder, os.environ), ref=ref, environ=environ)


def test_a_branch_is_compared_with_where_it_left_main(work):
    fork = work.git("rev-parse", "HEAD")
    work.git("switch", "-qc", "change")
    work.commit("two")
    work.git("switch", "-q", "main")
    work.commit("three")
    work.git("switch", "-q", "change")
    assert work.base().commit == fork
    assert work.base("main").commit == fork


def test_on_main_it_is_the_parent_or_head_under_changes(work):
    assert work.base().commit is None
    assert work.base().note == "HEAD is the first commit"
    first = work.git("rev-parse", "HEAD")
    second = work.commit("two")
    assert work.base().commit == first
    work.write("file", "changed")
    assert work.base().commit == second


def test_a_merge_commit_of_a_pull_request_is_compared_with_its_first_parent(work):
    work.git("switch", "-qc", "change")
    work.commit("two")
    work.git("switch", "-q", "main")
    main = work.commit("x", "other")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "change")
    assert work.base(GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main").commit == main


def test_a_merge_of_main_into_the_change_is_not_compared_with_the_change(work):
    work.git("switch", "-qc", "change")
    work.commit("two")
    work.git("switch", "-q", "main")
    main = work.commit("x", "other")
    work.git("switch", "-q", "change")
    work.git("merge", "-q", "-m", "merge main", "main")
    assert work.base(GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main").commit == main


def test_a_repository_of_someone_else_is_an_error_and_not_none(tmp_path, work):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (work.folder, work.folder / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(CannotRun, match="does not trust .* safe.directory"):
        work.find(GIT_CONFIG_GLOBAL=os.devnull, HOME=str(tmp_path))


def test_a_work_tree_that_is_away_for_a_while_is_not_forgotten(work, tmp_path):
    work.git("worktree", "add", "-q", "--detach", str(tmp_path / "mine"))
    (tmp_path / "mine").rename(tmp_path / "unplugged")
    with work.find().worktree("HEAD"):
        pass
    assert str(tmp_path / "mine") in work.git("worktree", "list")


def test_a_shallow_clone_without_the_base_is_broken_not_merely_empty(work, tmp_path):
    work.commit("two")
    work.git("clone", "-q", "--depth", "1", f"file://{work.folder}", str(tmp_path / "shallow"))
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


def test_a_ref_that_is_unknown_or_an_option_is_refused(work):
    for ref in ("nothing", "--upload-pack=evil"):
        with pytest.raises(UsageError, match="git knows no such commit"):
            work.base(ref)


def test_the_variables_of_a_hook_are_kept_out(work, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", "nowhere")
    assert work.find().commit("HEAD")


def test_a_worktree_holds_the_base_and_goes_away(work):
    first = work.git("rev-parse", "HEAD")
    work.commit("two")
    with work.find().worktree(first) as tree:
        assert (tree / "file").read_text() == "one"
    assert not tree.exists()
    assert work.git("worktree", "list").count("\n") == 0
