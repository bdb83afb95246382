"""Each loosened rule by itself blocks, and stands at the top of every report; with the label it passes."""

import pytest

pytestmark = pytest.mark.slow

LOOSE = ("loosened", "deleted", "edited")


def _lower_min(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.4, max-drop: 0.02")
    return "metrics.m.json.f1.min"


def _raise_max_drop(project):
    project.replace("mlci.yaml", "max-drop: 0.02", "max-drop: 0.2")
    return "metrics.m.json.f1.max-drop"


def _turn_severity(project):
    project.replace("mlci.yaml", "mostly: 0.5}", "mostly: 0.5, severity: warning}")
    return "data.tags.expect: expect_column_values_to_not_be_null(tag) severity"


def _allow_empty(project):
    project.replace("mlci.yaml", "    path: data/tags.csv\n", "    path: data/tags.csv\n    allow-empty: true\n")
    return "data.tags.allow-empty"


def _delete_expectation(project):
    project.replace("mlci.yaml", "      - expect_column_values_to_be_unique: {column: id}\n", "")
    return "data.tags.expect: expect_column_values_to_be_unique(id)"


def _delete_expectation_of_a_suite(project):
    project.replace("tests/tags.yaml", "- expect_column_to_exist: {column: tag}\n", "")
    return "tests/tags.yaml: expect_column_to_exist(tag)"


def _delete_behaviour_test(project):
    text = (project.folder / "tests/behaviour/words.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "praise" not in line]
    project.write("tests/behaviour/words.yaml", "\n".join(kept))
    return "tests/behaviour/words.yaml: praise"


def _delete_asset(project):
    text = (project.folder / "mlci.yaml").read_text(encoding="utf-8")
    project.write("mlci.yaml", text[: text.index("data:")] + text[text.index("model:") :])
    return "data.tags"


def _add_a_condition_that_no_file_meets(project):
    project.replace("mlci.yaml", "  pytest: [tests]\n", "  pytest: [tests]\n  when: {changed: [nowhere]}\n")
    return "code.when"


def _empty_suite(project):
    project.write("tests/nothing.yaml", "[]\n")
    project.replace("mlci.yaml", "suite: tests/tags.yaml", "suite: tests/nothing.yaml")
    return "tests/nothing.yaml: expect_column_to_exist(id)"


def _deselect_by_argument(project):
    project.replace("mlci.yaml", "pytest: [tests]", "pytest: [tests, -k, not good]")
    return "code.pytest"


def _deselect_by_ini(project):
    project.write("pytest.ini", "[pytest]\naddopts = -q --ignore=tests/test_shop.py\n")
    return "pytest.ini: addopts of pytest"


def _deselect_by_another_ini(project):
    project.write("tests/pytest.ini", "[pytest]\naddopts = --deselect tests/test_shop.py\n")
    return "tests/pytest.ini: addopts of pytest"


def _deselect_by_conftest(project):
    project.write("tests/conftest.py", "collect_ignore = ['test_shop.py']\n")
    return "tests/conftest.py: hooks of pytest and ignored files"


def _omit_more(project):
    project.replace(".coveragerc", "omit =", "omit =\n    shop/model.py")
    return ".coveragerc: omit of coverage"


def _exclude_by_pyproject(project):
    project.remove(".coveragerc")
    project.write("pyproject.toml", '[tool.coverage.report]\nexclude_also = ["def "]\n')
    return "pyproject.toml: exclude_also of coverage"


def _edit_baseline(project):
    project.replace("mlci-baseline.json", '"value": 0.8', '"value": 0.7')
    return "mlci-baseline.json"


def _add_waiver(project):
    waiver = "{metric: metrics.m.json.f1, max-loss: 0.5, reason: r, owner: o, until: '2999-01-01'}"
    project.write("waivers.yaml", f"- {waiver}\n")
    return "waivers"


def _shorten_never_break(project):
    project.replace("data/never.csv", "old days,bad\n", "")
    return "data/never.csv: 1 row gone or changed"


def _remove_slice(project):
    project.replace("mlci.yaml", "by: [tag, size]", "by: [tag]")
    return "model.topics.slices.by"


def _point_the_baseline_elsewhere(project):
    project.replace("mlci.yaml", "{store: file}", "{store: file, path: other.json}")
    return "baseline.path"


def _rename_the_label(project):
    project.replace("mlci.yaml", "waivers:", "rules-label: anything\nwaivers:")
    return "rules-label"


def _call_the_project_otherwise(project):
    project.replace("mlci.yaml", "version: 1\n", "version: 1\nproject: without-a-baseline\n")
    return "project"


def _lose_suites_of_a_pattern(project):
    project.replace("mlci.yaml", "behaviour/*.yaml", "behaviour/*.yml")
    return "tests/behaviour/words.yaml: praise"


def _link_the_suite_to_another(project):
    project.write("tests/weak.yaml", "- expect_column_to_exist: {column: id}\n")
    project.remove("tests/tags.yaml")
    (project.folder / "tests/tags.yaml").symlink_to("weak.yaml")
    return "tests/tags.yaml: expect_column_to_exist(tag)"


def _hide_the_configuration(project):
    project.git("mv", "mlci.yaml", "mlci.yml")
    project.replace("mlci.yml", "{min: 0.5, max-drop: 0.02", "{min: 0.1, max-drop: 0.02")
    return "metrics.m.json.f1.min"


def _leave_code_out_of_coverage(project):
    project.write("small/__init__.py", "A = 1\n")
    project.replace("mlci.yaml", "source: [shop]", "source: [small]")
    return "code.source"


CASES = [value for name, value in sorted(globals().items()) if name.startswith("_") and callable(value)]


@pytest.mark.parametrize("loosen", CASES, ids=lambda case: case.__name__.strip("_").replace("_", " "))
def test_a_loosened_rule_blocks_and_stands_at_the_top(project, loosen):
    what = loosen(project)
    done = project.pull_request()
    assert done.returncode == 1, done.stdout + done.stderr
    assert what in project.changes(*LOOSE)
    assert done.stdout.index("loosened\n") < done.stdout.index("Blocked: ")
    summary = project.report("summary.md")
    assert "### ❌ mlci: blocked" in summary
    assert summary.index("loosened\n") < summary.index("| Gate ")
    assert "Rules loosened" in project.report("report.html")
    assert 'testsuite name="rules"' in project.report("junit.xml")
    check = next(check for gate in project.results()["gates"] if gate["name"] == "rules" for check in gate["checks"])
    assert check["id"].startswith("rules.")
    assert check["status"] == "failed"


@pytest.mark.parametrize(
    "loosen", [_lower_min, _delete_asset, _edit_baseline, _add_waiver], ids=lambda case: case.__name__.strip("_")
)
def test_with_the_label_it_passes_and_is_still_listed(project, loosen):
    what = loosen(project)
    done = project.pull_request(labels=["bug", "mlci-rules"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert what in project.changes(*LOOSE)
    assert "loosened, let pass" in project.report("summary.md")
    assert "the label `mlci-rules` is set" in project.report("results.json")
