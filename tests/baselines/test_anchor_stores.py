"""The anchor in a store that keeps predictions: it is found with them, and never removed to make room."""

import pytest

from mlci.baselines.anchor import find_anchor
from mlci.baselines.ladder import Search
from mlci.baselines.stores import opened

pytestmark = pytest.mark.slow
SETTINGS = {
    "folder": {"store": "folder", "folder": "../kept"},
    "branch": {"store": "branch"},
}


def search(project, **settings):
    def recompute(commit):
        raise AssertionError(commit)

    return Search(setup=project.setup(**settings), recompute=recompute)


@pytest.mark.parametrize("store", SETTINGS)
def test_it_is_kept_beyond_the_newest_and_found_with_its_predictions(project, make_bundle, store):
    project.git("tag", "v1", project.commits[-1])
    settings = {**SETTINGS[store], "keep": 1, "anchor": "v1"}
    for commit in reversed(project.commits):
        opened(store, project.setup(**settings)).save(make_bundle(commit), commit)
    found = find_anchor(search(project, **settings), "v1")
    assert found.stored.commit == project.commits[-1]
    assert "m" in found.predicted
    assert found.receipt.source
    assert find_anchor(search(project, **settings), project.commits[1]).stored.commit == project.commits[-1]
    unpinned = {**settings, "anchor": None}
    opened(store, project.setup(**unpinned)).save(make_bundle(project.commits[0]), project.commits[0])
    assert find_anchor(search(project, **unpinned), "v1").error.startswith("the anchor v1 has no baseline")


def test_what_cannot_be_found_says_what_to_do(project):
    found = find_anchor(search(project, **SETTINGS["folder"]), "v9")
    assert "git knows no such tag or commit; fetch it" in found.error
    assert "no such file" in find_anchor(search(project, store="file"), "release.json").error
    (project.folder / "broken.json").write_text("{")
    assert "refused: broken.json: not JSON" in find_anchor(search(project, store="file"), "broken.json").error
