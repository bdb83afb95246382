"""Changes that loosen nothing pass without a word about rules, or with one that blocks nothing."""

import pytest

pytestmark = pytest.mark.slow

LOOSE = ("loosened", "deleted", "edited")


def _reformat(project):
    text = (project.folder / "mlci.yaml").read_text(encoding="utf-8")
    text = text.replace("{min: 0.5, max-drop: 0.05}", "\n        'max-drop': 5e-2\n        \"min\": 0.50  # a comment")
    text = text.replace(
        "m.json: {f1: {min: 0.5, max-drop: 0.02, direction: higher}}",
        "m.json:\n    f1: &one {direction: higher, severity: error, max-drop: 0.020, min: 5.0e-1}",
    )
    metrics = text[text.index("metrics:\n  m.json") : text.index("baseline:")]
    text = text.replace(metrics, "").replace("code:\n", f"{metrics}code:\n")  # other gates first
    text = text.replace("suite: tests/tags.yaml", "suite: [tests/tags.yaml]")
    project.write("mlci.yaml", text)
    project.write(
        "tests/tags.yaml", '- expect_column_to_exist: {"column": tag}\n\n- {expect_column_to_exist: {column: id}}\n'
    )
    project.write(
        "tests/behaviour/words.yaml",
        """lexicons:
  thing: [song, book, film]
tests:
- name: blame
  type: MFT
  template: "a poor {thing}"
  expect: {label: bad}
  max-failure-rate: 1.0e-1
- {name: praise, type: MFT, expect: {label: good}, template: "a good {thing}", severity: error}
""",
    )
    project.write("pytest.ini", "; quiet\n[pytest]\naddopts =\n    -q\n")
    project.write(".coveragerc", "[run]\nomit = shop/generated.py\n")
    project.write("data/never.csv", "text,label\nold days,bad\n\ngood old days,good\n")
    saved = (project.folder / "mlci-baseline.json").read_text(encoding="utf-8")
    project.write("mlci-baseline.json", saved.replace("\n", "\n  "))


def test_a_reformat_passes_in_silence(project):
    _reformat(project)
    done = project.pull_request()
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.results()["rule_changes"] == []
    assert "rules" not in [gate["name"] for gate in project.results()["gates"]]


def test_renamed_files_are_followed(project):
    for old, new in (
        ("tests/tags.yaml", "suites/of_tags.yaml"),
        ("tests/behaviour", "tests/conduct"),
        ("data/never.csv", "data/protected.csv"),
        ("data/tags.csv", "data/labels.csv"),
        ("m.json", "numbers.json"),
        ("shop", "store"),
        ("tests/test_shop.py", "tests/test_store.py"),
    ):
        (project.folder / new).parent.mkdir(exist_ok=True)
        project.git("mv", old, new)
        text = (project.folder / "mlci.yaml").read_text(encoding="utf-8")
        project.write("mlci.yaml", text.replace(f" {old}", f" {new}").replace(f"[{old}", f"[{new}"))
    assert "store.model:predict" in (project.folder / "mlci.yaml").read_text(encoding="utf-8")
    project.replace("mlci.yaml", "  tags:\n", "  labels:\n")
    done = project.pull_request()
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.changes(*LOOSE) == []
    assert "the name of data.tags" in project.changes("binding")
    assert "data.labels.path" in project.changes("binding")


@pytest.mark.parametrize("labels", [(), ("mlci-rules",)])
def test_a_model_under_another_name_is_compared_with_what_it_was(project, labels):
    project.replace("mlci.yaml", "  topics:\n", "  subjects:\n")
    project.write(
        "out/predictions.csv", "id,prediction\n" + "".join(f"{i},{i % 2 if i > 6 else 2}\n" for i in range(60))
    )
    done = project.pull_request(gates=("model",), labels=labels)
    assert done.returncode == 1, done.stdout + done.stderr
    assert project.changes(*LOOSE) == []
    assert "the name of model.topics" in project.changes("binding")
    found = {(one["metric"], one["slice"]): one for one in project.results()["comparison"]["changes"]}
    fallen = found["model.subjects.accuracy", None]
    assert (fallen["baseline"], fallen["status"]) == (1.0, "failed")
    assert not any(metric.startswith("model.topics") for metric, _ in found)


def test_a_model_renamed_in_a_merge_without_a_new_baseline_is_still_compared(project):
    project.git("checkout", "-q", "main")
    project.replace("mlci.yaml", "  topics:\n", "  subjects:\n")
    project.commit("rename")
    project.git("checkout", "-qb", "later")
    project.write(
        "out/predictions.csv", "id,prediction\n" + "".join(f"{i},{i % 2 if i > 6 else 2}\n" for i in range(60))
    )
    done = project.pull_request(gates=("model",))
    assert done.returncode == 1, done.stdout + done.stderr
    fallen = {one["metric"]: one for one in project.results()["comparison"]["changes"] if one["slice"] is None}
    assert (fallen["model.subjects.accuracy"]["baseline"], fallen["model.subjects.accuracy"]["status"]) == (
        1.0,
        "failed",
    )


def test_of_two_models_from_one_source_the_likest_is_the_renamed_one(project):
    again = "    predictions: out/predictions.csv\n    evaluate: {data: data/holdout.csv, label: label, id: id}\n"
    other = again.replace("holdout", "again")
    project.write("data/again.csv", (project.folder / "data" / "holdout.csv").read_text(encoding="utf-8"))
    project.replace(
        "mlci.yaml", "  topics:\n", f"  first:\n{other}    metrics: {{accuracy: {{min: 0.1}}}}\n  second:\n"
    )
    project.pull_request(gates=("model",))
    assert [change["after"] for change in project.results()["rule_changes"] if "name of" in change["what"]] == [
        "second"
    ]


def test_numbers_of_a_renamed_file_are_compared_with_what_they_were(project):
    lines = ["{", *(f'  "epoch {n}": {n},' for n in range(9)), '  "f1": 0.8', "}"]
    project.git("checkout", "-q", "main")
    project.write("m.json", "\n".join(lines))
    project.commit()
    project.git("checkout", "-q", "feature")
    project.git("merge", "-q", "main")
    project.git("mv", "m.json", "numbers.json")
    project.write("numbers.json", "\n".join(lines).replace("0.8", "0.7"))
    project.replace("mlci.yaml", "  m.json:", "  numbers.json:")
    done = project.pull_request()
    assert done.returncode == 1, done.stdout + done.stderr
    assert project.changes(*LOOSE) == []
    [fallen] = project.results()["comparison"]["changes"]
    assert (fallen["metric"], fallen["baseline"], fallen["status"]) == ("metrics.numbers.json.f1", 0.8, "failed")


def test_a_moved_project_is_followed(project):
    (project.folder / "inner").mkdir()
    for name in ("mlci.yaml", "shop", "tests", "data", "out", "m.json", "waivers.yaml", "mlci-baseline.json"):
        project.git("mv", name, f"inner/{name}")
    project.git("mv", ".coveragerc", "inner/.coveragerc")
    project.git("mv", "pytest.ini", "inner/pytest.ini")
    project.replace("inner/mlci.yaml", "min: 0.5, max-drop: 0.02", "min: 0.4, max-drop: 0.02")
    project.commit()
    done = project.mlci("run", "metrics", "--config", "inner/mlci.yaml", "--base", "main", "--out", "mlci-report")
    assert done.returncode == 1, done.stdout + done.stderr
    assert project.changes(*LOOSE) == ["metrics.m.json.f1.min"]


def test_what_tightens_is_in_force_at_once(project):
    project.replace("mlci.yaml", "{min: 0.5, max-drop: 0.02", "{min: 0.9, max-drop: 0.02")
    project.replace("mlci.yaml", "mostly: 0.5", "mostly: 0.6")
    project.replace("tests/behaviour/words.yaml", ", max-failure-rate: 0.1", "")
    project.replace("mlci.yaml", "total: 20", "total: 30, max-drop: 1")
    project.replace("mlci.yaml", "pytest: [tests]", "pytest: [tests, more]")
    project.replace(".coveragerc", "    shop/generated.py\n", "")
    done = project.pull_request()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "below the minimum of 0.9" in done.stdout
    assert project.changes(*LOOSE) == []
    assert "metrics.m.json.f1.min" in project.changes("tightened")
    assert "code.coverage.max-drop" in project.changes("added")


def test_new_checks_of_the_change_run(project):
    project.write("n.json", '{"loss": 3}')
    project.replace("mlci.yaml", "baseline: {", "  n.json: {loss: {max: 1}}\nbaseline: {")
    done = project.pull_request()
    assert done.returncode == 1
    assert "above the maximum of 1" in done.stdout
    assert project.changes(*LOOSE) == []
    assert project.changes("added") == ["metrics.n.json"]


def test_bindings_are_listed_and_pass(project):
    project.replace("mlci.yaml", "path: data/tags.csv", "path: data/tags.csv\n    encoding: latin-1")
    done = project.pull_request()
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.changes("binding") == ["data.tags.encoding"]
    assert "Other changes of rules and bindings" in project.report("summary.md")


def test_a_condition_that_grows_passes_and_one_that_nothing_meets_does_not(project):
    project.git("checkout", "-q", "main")
    project.replace("mlci.yaml", "  pytest: [tests]\n", "  pytest: [tests]\n  when: {changed: [shop]}\n")
    project.commit()
    project.git("checkout", "-q", "-B", "feature")
    project.replace("mlci.yaml", "changed: [shop]", "changed: [shop, tests]")
    assert project.pull_request().returncode == 0
    assert project.changes("tightened") == ["code.when"]
    project.replace("mlci.yaml", "changed: [shop, tests]", "changed: [shop, tests, '!shop/model.py']")
    assert project.pull_request().returncode == 1
    project.git("reset", "-q", "--hard", "main")
    project.git("mv", "shop", "store")
    assert project.pull_request().returncode == 1
    assert "code.when: no file that could meet it is left" in project.changes(*LOOSE)
