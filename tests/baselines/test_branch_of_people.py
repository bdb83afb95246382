"""The branch store keeps off branches that people work on, and goes on with those of baselines."""

import os
from dataclasses import replace

import pytest

from mlci import git
from mlci.baselines.ladder import Search, climb
from mlci.baselines.stores import opened
from mlci.cli import main
from mlci.errors import UsageError

pytestmark = pytest.mark.slow
CONFIG = """version: 1
metrics: {m.json: {f1: {direction: higher}}}
baseline:
  store: branch
  branch: main
"""


@pytest.fixture
def pair(tmp_path, make_project, git_in):
    """A clone and the bare repository that it pushes to, which has its main branch."""
    remote = tmp_path / "remote.git"
    remote.mkdir()
    git_in(remote, "init", "-q", "--bare", "-b", "main")
    clone = make_project(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(remote))
    clone.git("push", "-q", "origin", "main")
    return clone, remote


def refused(setup, raw, commit, *, why):
    with pytest.raises(UsageError, match=why) as error:
        opened("branch", setup).save(raw, commit)
    assert error.value.key == "baseline.branch"
    found = climb(Search(setup=setup, recompute=None))
    assert (found.stored, found.error) == (None, None)
    assert "is no branch of baselines" in found.receipt.rungs[0].note


def in_clone(setup, folder):
    return replace(setup, repository=git.find(folder, os.environ), root=folder)


def orphan(project, name, **files):
    """Make a branch that shares no history with the others, and leave main checked out."""
    project.git("checkout", "-q", "--orphan", name)
    for path, text in files.items():
        (project.folder / path).write_text(text)
        project.git("add", path)
    project.git("commit", "-q", "--allow-empty", "-m", "first")
    project.git("checkout", "-q", "main")


def project_at(folder, make_project, monkeypatch):
    project = make_project(folder)
    (project.folder / "mlci.yaml").write_text(CONFIG)
    (project.folder / ".gitignore").write_text("m.json\nmlci-report\n")
    project.git("add", "-A")
    project.git("commit", "-qm", "all")
    (project.folder / "m.json").write_text('{"f1": 0.8}')
    monkeypatch.chdir(folder)
    return project


def test_save_to_the_checked_out_branch_is_refused_with_the_line_of_its_key(
    tmp_path, make_project, monkeypatch, capsys
):
    project = project_at(tmp_path / "project", make_project, monkeypatch)
    before = project.git("rev-parse", "main")
    assert main(["baseline", "save"]) == 2
    said = capsys.readouterr().err
    assert "mlci.yaml:5 baseline.branch: nothing was saved: main is no branch of baselines" in said
    assert "Name one that nobody works on" in said
    assert project.git("rev-parse", "main") == before


@pytest.mark.parametrize("name", ["main", "aside"])
def test_a_local_branch_that_shares_history_is_refused_without_any_file(project, make_bundle, name):
    project.git("branch", "aside", project.commits[2])
    before = project.git("rev-parse", name)
    setup = project.setup(store="branch", branch=name)
    refused(setup, make_bundle(project.commits[0]), project.commits[0], why="shares history")
    assert project.git("rev-parse", name) == before


def test_a_branch_of_the_remote_that_shares_history_is_refused(pair, make_bundle):
    clone, remote = pair
    clone.git("push", "-q", "origin", f"{clone.commits[1]}:refs/heads/release")
    setup = clone.setup(store="branch", branch="release")
    refused(setup, make_bundle(clone.commits[0]), clone.commits[0], why="shares history")
    assert clone.git("ls-remote", str(remote), "release").split()[0] == clone.commits[1]


def test_a_local_branch_that_was_not_pushed_yet_is_not_begun_anew_on_the_remote(pair, make_bundle):
    clone, remote = pair
    clone.git("branch", "topic")
    setup = clone.setup(store="branch", branch="topic")
    refused(setup, make_bundle(clone.commits[0]), clone.commits[0], why="shares history")
    assert clone.git("ls-remote", str(remote), "topic") == ""


@pytest.mark.parametrize("pushed", [False, True])
def test_a_branch_with_files_of_people_is_refused_though_it_shares_no_history(pair, make_bundle, pushed):
    clone, _ = pair
    orphan(clone, "pages", **{"index.html": "<p>"})
    if pushed:
        clone.git("push", "-q", "origin", "pages")
        clone.git("branch", "-D", "pages")
    setup = clone.setup(store="branch", branch="pages")
    refused(setup, make_bundle(clone.commits[0]), clone.commits[0], why="other files, as index.html")


def test_a_baseline_on_a_branch_of_people_is_not_taken(project, make_bundle):
    """As an earlier version left one there."""
    commit = project.commits[0]
    (project.folder / "p").mkdir()
    (project.folder / "p" / f"{commit}.zip").write_bytes(make_bundle(commit))
    project.git("add", "p")
    project.git("commit", "-qm", f"Baseline of {commit[:10]}")
    refused(project.setup(store="branch", branch="main"), make_bundle(commit), commit, why="shares history")
    (project.folder / "readme").write_text("x")
    project.git("add", "readme")
    project.git("commit", "-qm", "more")
    refused(project.setup(store="branch", branch="main"), make_bundle(commit), commit, why="other files, as readme")


def test_a_shallow_clone_refuses_a_branch_whose_common_history_it_lacks(pair, make_bundle, git_in, tmp_path):
    clone, remote = pair
    clone.git("checkout", "-qb", "develop", clone.commits[3])
    (clone.folder / "code.py").write_text("x")
    clone.git("add", "-A")
    clone.git("commit", "-qm", "work")
    clone.git("push", "-q", "origin", "develop")
    git_in(tmp_path, "clone", "-q", "--depth", "1", f"file://{remote}", "shallow")
    there = in_clone(clone.setup(store="branch", branch="develop"), tmp_path / "shallow")
    refused(there, make_bundle(clone.commits[0]), clone.commits[0], why="other files, as code.py")


def test_a_shallow_clone_goes_on_with_a_branch_of_baselines_of_projects_and_legs(pair, make_bundle, git_in, tmp_path):
    clone, remote = pair
    commit = clone.commits[0]
    git_in(tmp_path, "clone", "-q", "--depth", "1", f"file://{remote}", "shallow")
    there = in_clone(clone.setup(store="branch"), tmp_path / "shallow")
    for leg in (None, "py3.11", "windows / é"):
        opened("branch", clone.setup(store="branch", leg=leg)).save(make_bundle(commit, leg=leg, value=0.5), commit)
        opened("branch", replace(there, leg=leg)).save(make_bundle(commit, leg=leg), commit)
    other = replace(there, config=replace(there.config, project="tools/tagger é"))
    opened("branch", other).save(make_bundle(commit, project="tools/tagger é"), commit)
    assert git_in(remote, "rev-list", "--count", "mlci-baseline") == "7"
    for setup in (there, replace(there, leg="py3.11"), other):
        assert climb(Search(setup=setup, recompute=None)).stored.metrics[0].value == 0.9


def test_a_branch_of_baselines_may_say_what_it_is(project, make_bundle):
    orphan(project, "kept", **{"README.md": "Baselines of mlci."})
    setup = project.setup(store="branch", branch="kept")
    opened("branch", setup).save(make_bundle(project.commits[0]), project.commits[0])
    assert climb(Search(setup=setup, recompute=None)).stored
    assert project.git("show", "kept:README.md") == "Baselines of mlci."


def test_an_empty_branch_without_history_may_be_made_by_hand(project, make_bundle):
    orphan(project, "kept")
    setup = project.setup(store="branch", branch="kept")
    opened("branch", setup).save(make_bundle(project.commits[0]), project.commits[0])
    assert climb(Search(setup=setup, recompute=None)).stored.commit == project.commits[0]


def test_a_branch_of_baselines_that_is_checked_out_is_not_moved(project, make_bundle):
    setup = project.setup(store="branch")
    opened("branch", setup).save(make_bundle(project.commits[0]), project.commits[0])
    project.git("checkout", "-q", "mlci-baseline")
    refused(setup, make_bundle(project.commits[1]), project.commits[1], why="shares history")
    assert project.git("status", "--porcelain") == ""
