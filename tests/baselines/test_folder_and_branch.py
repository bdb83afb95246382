"""Bundles in a folder and on a branch: the nearest is found, writers at once lose nothing, the oldest go."""

import os
import subprocess
import sys

import pytest

from mlci.baselines.ladder import Search, climb
from mlci.baselines.past import stored_until
from mlci.baselines.stores import opened
from mlci.errors import CannotRun

pytestmark = pytest.mark.slow

WRITER = """
import os, sys
from pathlib import Path
from mlci import git
from mlci.baselines.base import Base
from mlci.baselines.stores import Setup, opened
from mlci.config.baselines import Baseline
from mlci.config.model import Config

kind, root, folder, keep, *commits = sys.argv[1:]
setup = Setup(
    config=Config(version=1, project="p"),
    settings=Baseline(store=kind, folder=folder, keep=int(keep)),
    repository=git.find(Path(root), os.environ),
    root=Path(root),
    environ={},
    base=Base(commit=commits[0], note=""),
)
print("ready", flush=True)
sys.stdin.readline()
for commit in commits:
    opened(kind, setup).save(f"bundle of {commit}".encode() * 1000, commit)
"""


def write_at_once(kind, roots, folder, commits, *, keep=100):
    """Let a process for each root save its commits, all beginning together."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, kind, str(root), str(folder), str(keep), *own],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for root, own in zip(roots, commits, strict=True)
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout.readline() == "ready\n", writer.stderr.read()
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors


def named(start, n):
    return [f"{start}{at:039x}" for at in range(n)]


@pytest.fixture
def remote(tmp_path, git_in):
    folder = tmp_path / "remote.git"
    folder.mkdir()
    git_in(folder, "init", "-q", "--bare", "-b", "main")
    return folder


@pytest.fixture
def clones(tmp_path, remote, make_project, git_in):
    """Two clones of one remote."""
    first = make_project(tmp_path / "first")
    first.git("remote", "add", "origin", str(remote))
    first.git("push", "-q", "origin", "main")
    git_in(tmp_path, "clone", "-q", str(remote), "second")
    return first, tmp_path / "second"


@pytest.mark.parametrize("kind", ["folder", "branch"])
def test_the_nearest_commit_is_found_and_how_far_it_is_behind(project, make_bundle, kind):
    settings = {"store": kind, "folder": "../kept"}
    store = opened(kind, project.setup(**settings))
    ((rung, found),) = store.look()
    assert (found, rung.broken) == (None, False)
    assert f"it has none of {project.commits[0][:10]} and the 3 commits before it (0 of other commits)" in rung.note
    for at in (1, 3):
        store.save(make_bundle(project.commits[at]), project.commits[at])
    found = climb(Search(setup=project.setup(**settings), recompute=None))
    assert found.stored.commit == project.commits[1]
    assert found.receipt.commits_behind == 1
    assert found.predicted["m"].stored
    assert climb(Search(setup=project.setup(at=2, **settings), recompute=None)).stored.commit == project.commits[3]


@pytest.mark.parametrize("kind", ["folder", "branch"])
def test_a_broken_bundle_is_refused_and_the_one_before_it_taken(project, make_bundle, kind):
    setup = project.setup(store=kind, folder="../kept")
    store = opened(kind, setup)
    good, foreign = make_bundle(project.commits[3]), make_bundle(project.commits[1], project="another")
    for at, raw in ((3, good), (1, foreign), (0, good[:-40])):
        store.save(raw, project.commits[at])
    found = climb(Search(setup=setup, recompute=None))
    assert found.stored.commit == project.commits[3]
    assert [rung.found for rung in found.receipt.rungs] == [False, False, True]
    assert "refused: it is no zip file" in found.receipt.rungs[0].note
    assert 'refused: it is of the project "another"' in found.receipt.rungs[1].note


def test_only_broken_bundles_are_an_error_and_the_next_store_is_tried(project, make_bundle):
    opened("folder", project.setup(store="folder", folder="../kept")).save(b"broken", project.commits[0])
    alone = climb(Search(setup=project.setup(store="folder", folder="../kept"), recompute=None))
    assert alone.stored is None
    assert "refused" in alone.error
    both = project.setup(store=("folder", "branch"), folder="../kept")
    opened("branch", both).save(make_bundle(project.commits[0]), project.commits[0])
    found = climb(Search(setup=both, recompute=None))
    assert found.receipt.source.startswith("branch mlci-baseline")
    assert [rung.broken for rung in found.receipt.rungs] == [True, False]


@pytest.mark.parametrize("kind", ["folder", "branch"])
def test_a_bundle_under_another_commits_name_is_refused(project, make_bundle, kind):
    setup = project.setup(store=kind, folder="../kept")
    opened(kind, setup).save(make_bundle(project.commits[2]), project.commits[0])
    ((rung, found),) = opened(kind, setup).look()
    assert found is None
    assert "another commit" in rung.note


def test_writers_of_one_folder_at_once_lose_nothing(project, tmp_path):
    commits = [named(start, 15) for start in "abc"]
    write_at_once("folder", [project.folder] * 3, tmp_path / "kept", commits)
    kept = {path.name: path.read_bytes() for path in (tmp_path / "kept" / "p").iterdir()}
    expected = {f"{commit}.zip": f"bundle of {commit}".encode() * 1000 for own in commits for commit in own}
    assert kept == expected


def test_writers_who_forget_at_once_keep_as_many_as_they_should(project, tmp_path):
    write_at_once("folder", [project.folder] * 2, tmp_path / "kept", [named("a", 20), named("b", 20)], keep=7)
    names = {path.name for path in (tmp_path / "kept" / "p").iterdir()}
    assert len(names) == 7
    assert {f"{named(start, 20)[-1]}.zip" for start in "ab"} & names


def test_two_clones_that_push_at_once_lose_nothing(clones, remote, tmp_path, git_in):
    first, second = clones
    commits = [named("a", 5), named("b", 5)]
    write_at_once("branch", [first.folder, second], tmp_path, commits)
    names = git_in(remote, "ls-tree", "-r", "--name-only", "mlci-baseline").splitlines()
    assert sorted(names) == sorted(f"p/{commit}.zip" for own in commits for commit in own)
    assert git_in(remote, "rev-list", "--count", "mlci-baseline") == "10"
    for name in names:
        commit = name[2:-4]
        assert git_in(remote, "show", f"mlci-baseline:{name}") == f"bundle of {commit}" * 1000


def test_two_runs_in_one_repository_without_a_remote_lose_nothing(project, tmp_path):
    commits = [named("a", 5), named("b", 5)]
    write_at_once("branch", [project.folder] * 2, tmp_path, commits)
    names = project.git("ls-tree", "-r", "--name-only", "mlci-baseline").splitlines()
    assert len(names) == 10


def test_the_branch_touches_neither_work_tree_nor_index_nor_history(clones, make_bundle):
    first, _ = clones
    (first.folder / "staged").write_text("1")
    first.git("add", "staged")
    (first.folder / "staged").write_text("2")
    before = [first.git(*asked) for asked in (["status", "--porcelain"], ["rev-parse", "HEAD"], ["diff", "--cached"])]
    hook = first.folder / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    opened("branch", first.setup(store="branch")).save(make_bundle(first.commits[0]), first.commits[0])
    after = [first.git(*asked) for asked in (["status", "--porcelain"], ["rev-parse", "HEAD"], ["diff", "--cached"])]
    assert after == before
    assert first.git("rev-list", "--max-parents=0", "refs/mlci/origin/mlci-baseline") != first.commits[-1]
    assert first.git("branch", "--list", "mlci-baseline") == ""


def test_another_clone_reads_what_was_pushed_and_offline_what_it_fetched(clones, make_bundle, git_in):
    first, second = clones
    opened("branch", first.setup(store="branch")).save(make_bundle(first.commits[1]), first.commits[1])
    there = first.setup(store="branch")
    from dataclasses import replace

    from mlci import git

    there = replace(there, repository=git.find(second, os.environ), root=second)
    offline = replace(there, offline=True)
    assert climb(Search(setup=offline, recompute=None)).stored is None
    assert climb(Search(setup=there, recompute=None)).stored.commit == first.commits[1]
    git_in(second, "remote", "set-url", "origin", "/nowhere")
    assert climb(Search(setup=offline, recompute=None)).stored.commit == first.commits[1]
    found = climb(Search(setup=there, recompute=None))
    assert found.stored is None
    assert "cannot be fetched from origin" in found.error


def test_a_branch_that_may_not_be_pushed_to_is_an_error_at_once(clones, remote, make_bundle):
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    first, _ = clones
    with pytest.raises(CannotRun, match="cannot be pushed to origin"):
        opened("branch", first.setup(store="branch")).save(make_bundle(first.commits[0]), first.commits[0])


def test_the_branch_forgets_the_oldest(project, make_bundle):
    store = opened("branch", project.setup(store="branch", keep=3))
    for commit in named("a", 5):
        store.save(f"{commit}".encode(), commit)
    store.save(b"again", named("a", 5)[2])
    names = project.git("ls-tree", "-r", "--name-only", "mlci-baseline").splitlines()
    assert sorted(names) == sorted(f"p/{commit}.zip" for commit in named("a", 5)[2:])
    assert project.git("show", f"mlci-baseline:p/{named('a', 5)[2]}.zip") == "again"


def test_the_same_bundle_again_is_no_new_commit(project, make_bundle):
    store = opened("branch", project.setup(store="branch"))
    for _ in range(2):
        store.save(b"same", project.commits[0])
    assert project.git("rev-list", "--count", "mlci-baseline") == "1"


def test_a_folder_that_is_committed_is_refused(project, make_bundle):
    setup = project.setup(store="folder", folder="kept")
    opened("folder", setup).save(make_bundle(project.commits[0]), project.commits[0])
    assert climb(Search(setup=setup, recompute=None)).stored
    project.git("add", "kept")
    project.git("commit", "-qm", "mine")
    found = climb(Search(setup=setup, recompute=None))
    assert found.stored is None
    assert "is committed in git" in found.error


def test_projects_of_one_repository_do_not_meet(project, make_bundle, tmp_path):
    from dataclasses import replace

    from mlci.config.model import Config

    setup = project.setup(store="folder", folder="../kept")
    other = replace(setup, config=Config(version=1, project="a/b"))
    opened("folder", setup).save(make_bundle(project.commits[0]), project.commits[0])
    opened("folder", other).save(make_bundle(project.commits[0], project="a/b", value=0.5), project.commits[0])
    assert climb(Search(setup=setup, recompute=None)).stored.metrics[0].value == 0.9
    assert climb(Search(setup=other, recompute=None)).stored.metrics[0].value == 0.5


def test_a_hook_looks_at_no_store_elsewhere(project):
    setup = project.setup(store="artifact", offline=True, environ={"GITHUB_TOKEN": "t"})
    found = climb(Search(setup=setup, recompute=None))
    assert (found.stored, found.error) == (None, None)
    assert "as in a commit hook" in found.receipt.rungs[0].note


@pytest.mark.parametrize("kind", ["folder", "branch"])
def test_runs_that_were_saved_at_once_are_both_in_the_history_of_the_next(project, make_bundle, tmp_path, kind):
    setup = project.setup(store=kind, folder=str(tmp_path / "kept"))
    for at in (1, 3, 2):  # none of them knows of another
        opened(kind, setup).save(make_bundle(project.commits[at], value=0.1 * at), project.commits[at])
    opened(kind, setup).save(b"broken", "0" * 40)
    assert [run.commit for run in stored_until(setup)] == project.commits[1:4]
    assert [run.metrics[0].value for run in stored_until(setup)] == [0.1, 0.2, pytest.approx(0.3)]


def test_a_remote_that_wants_credentials_is_read_as_it_was_cloned(clones, make_bundle, git_in, tmp_path):
    from dataclasses import replace

    from mlci import git

    first, second = clones
    opened("branch", first.setup(store="branch")).save(make_bundle(first.commits[1]), first.commits[1])
    git_in(second, "fetch", "-q", "origin")
    helper = tmp_path / "git-remote-closed"
    helper.write_text("#!/bin/sh\necho \"fatal: could not read Username for 'https://example.com'\" >&2\nexit 128\n")
    helper.chmod(0o755)
    git_in(second, "remote", "set-url", "origin", "closed::nowhere")
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    there = replace(first.setup(store="branch"), repository=git.find(second, environ), root=second)
    assert climb(Search(setup=there, recompute=None)).stored.commit == first.commits[1]
    git_in(second, "update-ref", "-d", "refs/remotes/origin/mlci-baseline")
    git_in(second, "update-ref", "-d", "refs/mlci/origin/mlci-baseline")
    assert "could not read Username" in climb(Search(setup=there, recompute=None)).error
