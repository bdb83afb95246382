"""What is filled into the templates, and what the files say that come out."""

import json

import pytest
import yaml

from mlci.errors import UsageError
from mlci.workflows.kinds import KINDS, kind_of
from mlci.workflows.template import Facts, filled

TEMPLATES = [template for kind in KINDS.values() for template in kind.files]


def loaded(template, **facts):
    return yaml.load(filled(template, Facts(**facts)), Loader=yaml.BaseLoader)


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_left_to_be_filled_in(template):
    for facts in (Facts(), Facts(folder="apps/x", branch="release/1")):
        assert "<<" not in filled(template, facts)


@pytest.mark.parametrize("branch", ["main", "release/1.x", "1.0", "on", "a b", 'qu"ote', "#1"])
def test_a_branch_stays_one_text_whatever_it_is_called(branch):
    assert loaded("pull-request.yml", branch=branch)["on"]["push"]["branches"] == [branch]


def test_the_folder_of_the_project_is_where_packages_are_installed_and_gates_run():
    steps = loaded("pull-request.yml", folder="apps/a b")["jobs"]["gates"]["steps"]
    assert steps[2]["working-directory"] == "apps/a b"
    assert steps[3]["with"]["working-directory"] == "apps/a b"
    assert loaded("gitlab.yml", folder="apps/a b")["mlci"]["script"][2] == "cd 'apps/a b'"
    assert "working-directory" not in json.dumps(loaded("pull-request.yml"))


def test_a_monorepo_has_a_leg_for_each_project():
    legs = loaded("monorepo.yml", projects=("a", "2.0", "b c"))["jobs"]["gates"]["strategy"]["matrix"]["project"]
    assert legs == ["a", "2.0", "b c"]


def test_a_copy_of_the_action_is_used_everywhere():
    text = "".join(filled(template, Facts(action="our/copy@abc", tag="")) for template in TEMPLATES)
    assert "uses: our/copy@abc\n" in text
    assert "uses: our/copy/publish@abc\n" in text
    assert "uses: our/copy/setup@abc\n" in text
    assert "mlci/mlci" not in text


def test_the_workflow_that_comments_names_the_one_that_runs():
    assert loaded("forks-comment.yml")["on"]["workflow_run"]["workflows"] == [loaded("forks.yml")["name"]]


def test_an_unknown_kind_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match='did you mean "matrix"'):
        kind_of("matrx")
    with pytest.raises(UsageError, match="The kinds are pull-request, forks"):
        kind_of("xyz")
