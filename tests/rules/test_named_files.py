"""Rules in files that `mlci.yaml` names: plugins, projects of Great Expectations, configuration of pytest, projects."""

import json

import pytest

pytestmark = pytest.mark.slow

LOOSE = ("loosened", "deleted", "edited")
PLUGIN = """from mlci.plugins import expectation


@expectation
def is_short(values):
    return [len(str(value)) < 5 for value in values]
"""
SUITE = {
    "expectation_suite_name": "tags",
    "expectations": [
        {"expectation_type": "expect_column_to_exist", "kwargs": {"column": "id"}, "meta": {}},
        {"expectation_type": "expect_column_values_to_be_between", "kwargs": {"column": "id", "min_value": 1}},
    ],
    "meta": {"great_expectations_version": "0.15.15"},
}


@pytest.fixture
def richer(project):
    """The project with plugins and a project of Great Expectations at the base."""
    project.git("checkout", "-q", "main")
    project.write("tests/plugins.py", PLUGIN)
    project.write("gx/great_expectations.yml", "config_version: 3\n")
    project.write("gx/expectations/tags.json", json.dumps(SUITE))
    project.write("gx/checkpoints/tags.yml", "name: tags\nvalidations: [{expectation_suite_name: tags}]\n")
    project.replace("mlci.yaml", "waivers:", "plugins: [tests.plugins]\ngreat-expectations: [gx]\nwaivers:")
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    return project


def test_a_plugin_that_always_passes(richer):
    richer.replace("tests/plugins.py", "len(str(value)) < 5", "True")
    assert richer.pull_request().returncode == 1
    assert richer.changes(*LOOSE) == ["tests/plugins.py: functions that decide what passes"]


def test_a_plugin_that_grows(richer):
    richer.write(
        "tests/plugins.py", f"{PLUGIN}\n\n@expectation\ndef is_long(values):\n    return [True] * len(values)\n"
    )
    assert richer.pull_request().returncode == 0
    assert richer.results()["rule_changes"] == []


def test_suites_of_a_project_of_great_expectations(richer):
    kept = {**SUITE, "expectations": SUITE["expectations"][:1], "meta": {}}
    richer.write("gx/expectations/tags.json", json.dumps(kept, indent=2))
    assert richer.pull_request().returncode == 1
    assert richer.changes(*LOOSE) == ["gx/expectations/tags.json: expect_column_values_to_be_between(id)"]


def test_an_expectation_of_a_project_that_is_stricter(richer):
    stricter = json.loads(json.dumps(SUITE).replace('"min_value": 1', '"min_value": 2, "max_value": 9'))
    stricter["expectations"].reverse()
    richer.write("gx/expectations/tags.json", json.dumps(stricter))
    assert richer.pull_request().returncode == 0
    assert richer.changes("tightened") == [
        "gx/expectations/tags.json: expect_column_values_to_be_between(id) min_value"
    ]


def test_a_checkpoint_that_is_gone_or_another(richer):
    richer.write("gx/checkpoints/tags.yml", "name: tags\nvalidations: []\n")
    assert richer.pull_request().returncode == 1
    assert richer.changes(*LOOSE) == ["gx/checkpoints/tags.yml"]
    richer.remove("gx/checkpoints/tags.yml")
    assert richer.pull_request().returncode == 1
    assert richer.changes("deleted") == ["gx/checkpoints/tags.yml"]


def test_a_pytest_that_is_configured_elsewhere(project):
    project.remove("pytest.ini")
    project.write("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-q"\nmarkers = ["slow"]\n')
    assert project.pull_request().returncode == 0
    assert project.results()["rule_changes"] == []
    project.write("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-q"\npython_files = ["check_*.py"]\n')
    assert project.pull_request().returncode == 1
    assert project.changes(*LOOSE) == ["pyproject.toml: python_files of pytest"]


def test_word_lists_and_rates_of_behaviour_tests(project):
    project.replace("tests/behaviour/words.yaml", "[film, book, song]", "[film]")
    project.replace("tests/behaviour/words.yaml", "max-failure-rate: 0.1", "max-failure-rate: 0.5")
    assert project.pull_request().returncode == 1
    assert set(project.changes(*LOOSE)) == {
        "tests/behaviour/words.yaml: lexicon thing",
        "tests/behaviour/words.yaml: blame max-failure-rate",
    }


def test_projects_that_are_left_out(project):
    project.git("checkout", "-q", "main")
    for name in ("one", "two"):
        project.write(f"services/{name}/mlci.yaml", "version: 1\nmetrics: {m.json: {f1: {min: 0.5}}}\n")
        project.write(f"services/{name}/m.json", '{"f1": 0.8}')
    project.write("mlci.yaml", "version: 1\nprojects: [services/*]\nfalse-alarm-rate: 0.05\n")
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    project.write("mlci.yaml", "version: 1\nprojects: [services/one]\nfalse-alarm-rate: 0.01\n")
    assert project.pull_request().returncode == 1
    assert set(project.changes(*LOOSE)) == {"project services/two", "false-alarm-rate"}
    assert project.pull_request(labels=["mlci-rules"]).returncode == 0
    project.git("reset", "-q", "--hard", "main")
    project.replace("services/two/mlci.yaml", "min: 0.5", "min: 0.4")
    project.git("mv", "services/one", "services/first")
    assert project.pull_request().returncode == 1
    found = [change for change in project.results()["rule_changes"] if change["kind"] in LOOSE]
    assert [(change["what"].rpartition("/")[2], change["where"]["path"]) for change in found] == [
        ("metrics.m.json.f1.min", "services/two/mlci.yaml")
    ]


def test_a_metric_of_the_projects_own(project):
    project.git("checkout", "-q", "main")
    project.write("shop/scores.py", "def half(labels, predictions):\n    return 0.5\n\n\ndef other():\n    return 1\n")
    project.replace(
        "mlci.yaml", "accuracy: {min: 0.5, max", "mine: {function: shop.scores:half}\n      accuracy: {min: 0.5, max"
    )
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    project.replace("shop/scores.py", "return 1", "return 2  # nothing that counts")
    assert project.pull_request().returncode == 0
    assert project.results()["rule_changes"] == []
    project.git("mv", "shop/scores.py", "shop/numbers.py")
    project.replace("mlci.yaml", "shop.scores:half", "shop.numbers:half")
    assert project.pull_request().returncode == 0
    assert project.changes("binding") == ["model.topics.metrics.mine.function"]
    project.replace("shop/numbers.py", "return 0.5", "return 1.0")
    assert project.pull_request().returncode == 1
    assert project.changes(*LOOSE) == ["shop/numbers.py: shop.numbers:half"]


def test_a_package_in_the_place_of_a_plugin(richer):
    richer.write("tests/plugins/__init__.py", PLUGIN.replace("len(str(value)) < 5", "True"))
    assert richer.pull_request().returncode == 1
    assert richer.changes(*LOOSE) == ["tests/plugins/__init__.py: in the place of tests/plugins.py"]


def test_a_configuration_of_coverage_that_arguments_name(project):
    project.git("checkout", "-q", "main")
    project.write("cov.ini", "[run]\nbranch = true\n")
    project.write("pytest.ini", "[pytest]\naddopts = -q --cov-config=cov.ini\n")
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    project.write("cov.ini", "[run]\nbranch = true\nomit = shop/*\n")
    assert project.pull_request().returncode == 1
    assert project.changes(*LOOSE) == ["cov.ini: omit of coverage"]


def test_a_baseline_that_is_gone(project):
    project.remove("mlci-baseline.json")
    assert project.pull_request().returncode == 1
    assert project.changes(*LOOSE) == ["mlci-baseline.json"]
