"""`mlci behaviour export`, `score` and `replay`, as a person runs them."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.errors import CannotRun
from mlci.model.behaviour.asked import asked_of, read_answers
from mlci.model.behaviour.cases import Case, Cases

pytestmark = pytest.mark.slow

SUITE = """\
tests:
  - {name: Long words, type: MFT, template: "{word}", expect: {label: long}}
  - {name: shouting, type: INV, examples: [abc, some words, longer words here], perturb: {case: {mode: upper}}}
  - {name: again, type: MFT, examples: [abc], expect: {label: short}}
lexicons: {word: [abcdefg, abc]}
"""
CONFIG = """\
version: 1
python: {python}
model:
  m: {{predict: "m:predict", behaviour: [suite.yaml]}}
show-values: true
"""
MODEL = """\
def predict(texts):
    return ["short" if len(text) < 5 or text.isupper() else "long" for text in texts]
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "m.py").write_text(MODEL)
    (tmp_path / "mlci.yaml").write_text(CONFIG.format(python=sys.executable))
    return tmp_path


def mlci(root, *words):
    done = subprocess.run([sys.executable, "-m", "mlci", *words], cwd=root, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def export(root, *words):
    done = mlci(root, "behaviour", "export", *words, "-o", "inputs.jsonl")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (root / "inputs.jsonl").read_text().splitlines()]


def say(text):
    return "short" if len(text) < 5 or text.isupper() else "long"


def results(root):
    found = json.loads((root / "mlci-report" / "results.json").read_text())
    return {check["id"]: (check["status"], check["reason"]) for check in found["gates"][0]["checks"]}


def test_every_input_is_written_once_with_an_id(project):
    lines = export(project)
    assert [line["input"] for line in lines] == [
        "abcdefg", "abc", "ABC", "some words", "SOME WORDS", "longer words here", "LONGER WORDS HERE",
    ]  # fmt: skip
    assert len({line["id"] for line in lines}) == len(lines)
    assert export(project) == lines
    assert export(project, "suite.yaml") == lines


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_predictions_made_elsewhere_are_judged_as_the_model_itself_would_be(project, form):
    own = mlci(project, "run", "model")
    wanted = results(project)
    wanted_rows = (project / "mlci-report" / "behaviour" / "m-suite.csv").read_text()
    rows = [{"id": line["id"], "prediction": say(line["input"])} for line in reversed(export(project))]
    path = project / f"said.{form}"
    if form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        import pandas as pd

        frame = pd.DataFrame(rows)
        frame.to_csv(path, index=False) if form == "csv" else frame.to_parquet(path)
    scored = mlci(project, "behaviour", "score", "--model", "m", "--predictions", path.name)
    assert (scored.returncode, own.returncode) == (1, 1)
    assert results(project) == wanted
    assert (project / "mlci-report" / "behaviour" / "m-suite.csv").read_text() == wanted_rows
    assert (project / "mlci-report" / "report.html").exists()


def test_a_suite_needs_no_configuration(project):
    (project / "mlci.yaml").unlink()
    lines = export(project, "suite.yaml")
    said = "".join(
        json.dumps({"id": line["id"], "label": "long", "probabilities": {"long": 1.0}}) + "\n" for line in lines
    )
    (project / "said.jsonl").write_text(said)
    done = mlci(project, "behaviour", "score", "suite.yaml", "--predictions", "said.jsonl")
    assert done.returncode == 1
    assert results(project)["model.scored.behaviour.suite.long-words"][0] == "passed"
    assert results(project)["model.scored.behaviour.suite.again"][0] == "failed"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda lines: lines[1:], "there is no prediction for 1 of 7 inputs: s"),
        (lambda lines: [*lines, lines[0]], "1 ids are given twice: s"),
        (lambda lines: [*lines, {**lines[0], "id": "nobody"}], "1 ids are of no input: nobody"),
        (
            lambda lines: [{**line, "id": f"s00000000-{at}"} for at, line in enumerate(lines)],
            "for other inputs (s00000000)",
        ),
        (lambda lines: [{"id": line["id"]} for line in lines], "said.jsonl:1: has neither `prediction` nor `label`"),
        (lambda lines: [{"prediction": "a"}], "said.jsonl:1: has no `id`"),
        (lambda lines: [{**line, "prediction": None} for line in lines], "is None, not a label or a number"),
        (lambda lines: [], "there is no prediction for 7 of 7 inputs"),
    ],
)
def test_predictions_that_do_not_fit_are_refused_with_the_reason(tmp_path, spoil, reason):
    asked = asked_of([Cases(cases=(Case(tuple("abcdefg"), "example 1"),))])
    lines = [{"id": name, "prediction": "long"} for name in asked.ids]
    path = tmp_path / "said.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in spoil(lines)))
    with pytest.raises(CannotRun) as caught:
        read_answers(asked, path, shown="said.jsonl")
    assert reason in str(caught.value)


def test_predictions_that_are_missing_are_an_errored_check(project):
    (line, *_) = export(project)
    (project / "said.jsonl").write_text(json.dumps({"id": line["id"], "prediction": "long"}))
    done = mlci(project, "behaviour", "score", "--predictions", "said.jsonl")
    assert done.returncode == 3
    assert "there is no prediction for 6 of 7 inputs: s" in results(project)["model.m.predictions"][1]


def test_a_file_that_is_no_json_or_is_not_there(project):
    (project / "said.jsonl").write_text("id,prediction\n")
    assert "said.jsonl:1: is not JSON" in mlci(project, "behaviour", "score", "--predictions", "said.jsonl").stdout
    done = mlci(project, "behaviour", "score", "--predictions", "none.csv")
    assert (done.returncode, "none.csv" in done.stdout) == (3, True)


def test_a_failing_example_is_replayed_by_its_id(project):
    done = mlci(project, "run", "model")
    rows = list(csv.DictReader((project / "mlci-report" / "behaviour" / "m-suite.csv").read_text().splitlines()))
    row = next(row for row in rows if row["test"] == "shouting")
    assert (row["original"], row["original_prediction"], row["prediction"]) == ("some words", "long", "short")
    assert row["id"] in (project / "mlci-report" / "summary.md").read_text()
    assert row["id"] in (project / "mlci-report" / "report.html").read_text()
    assert row["id"] in done.stdout
    again = mlci(project, "behaviour", "replay", row["id"])
    assert again.returncode == 1
    for part in (
        "shouting (suite.yaml:3), example 2",
        "some words\n          long",
        "SOME WORDS\n          short",
        "the case fails",
    ):
        assert part in again.stdout
    (project / "m.py").write_text("def predict(texts):\n    return ['long' for _ in texts]\n")
    again = mlci(project, "behaviour", "replay", row["id"], "--model", "m")
    assert (again.returncode, "the case passes" in again.stdout) == (0, True)
    (project / "m.py").write_text("def predict(texts):\n    raise ValueError('no weights here')\n")
    again = mlci(project, "behaviour", "replay", row["id"])
    assert (again.returncode, "no weights" in again.stderr) == (3, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["replay", "0123456789"], 'no case has the id "0123456789"'),
        (["replay", "0123456789", "--model", "n"], 'mlci.yaml has no model "n". There are m.'),
        (["export", "../suite.yaml", "-o", "x"], "must lie below"),
        (["export", "suite.yaml", "--model", "x", "-o", "x"], 'mlci.yaml has no model "x"'),
    ],
)
def test_what_is_asked_for_wrongly_is_said(project, words, says):
    done = mlci(project, "behaviour", *words)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_changed_images_are_exported_under_the_same_ids_wherever_they_lie(project):
    from PIL import Image

    Image.new("L", (8, 8), 200).save(project / "light.png")
    (project / "suite.yaml").write_text(
        "tests:\n  - {name: dim, type: INV, examples: [light.png], perturb: {brightness: {by: 0.5}}}\n"
    )
    first = export(project, "--out", "here")
    second = export(project, "--out", "there")
    assert [line["id"] for line in first] == [line["id"] for line in second]
    assert all((project / line["input"]).is_file() for line in second)
    (project / "said.jsonl").write_text(
        "".join(json.dumps({"id": line["id"], "prediction": line["input"][-9:]}) + "\n" for line in first)
    )
    done = mlci(project, "behaviour", "score", "--predictions", "said.jsonl")
    assert (done.returncode, results(project)["model.m.behaviour.suite.dim"][0]) == (1, "failed")
    assert Path(first[1]["input"]).name.startswith("light-")


def test_an_example_that_a_search_made_up_is_replayed_out_of_the_report(project):
    (project / "suite.yaml").write_text(
        "tests:\n  - {name: attack, type: adversarial, examples: [some words here], max-success-rate: 0}\n"
    )
    (project / "m.py").write_text(
        "def predict(texts):\n    return ['a' if t == 'some words here' else 'b' for t in texts]\n"
    )
    mlci(project, "run", "model")
    (row, *_) = csv.DictReader((project / "mlci-report" / "behaviour" / "m-suite.csv").read_text().splitlines())
    again = mlci(project, "behaviour", "replay", row["id"])
    assert (again.returncode, "the answer still turns" in again.stdout) == (1, True), again.stderr


def test_the_project_s_own_perturbations_are_used(project):
    (project / "own.py").write_text(
        "from mlci.plugins import perturbation\n\n\n@perturbation(of='text')\ndef shout(text, rng):\n"
        '    """Say it louder."""\n    return text + "!"\n'
    )
    with (project / "mlci.yaml").open("a") as file:
        file.write("plugins: [own]\n")
    (project / "suite.yaml").write_text("tests:\n  - {name: loud, type: INV, examples: [abc], perturb: shout}\n")
    assert [line["input"] for line in export(project)] == ["abc", "abc!"]


def test_a_search_is_skipped_where_there_are_predictions_alone_and_is_no_pass_by_itself(project):
    search = "  - {name: attack, type: adversarial, examples: [some words here], max-success-rate: 0}\n"
    (project / "suite.yaml").write_text(
        "tests:\n  - {name: long, type: MFT, examples: [long words], label: long}\n" + search
    )

    def score():
        lines = [{"id": line["id"], "prediction": say(line["input"])} for line in export(project)]
        (project / "said.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return mlci(project, "behaviour", "score", "--model", "m", "--predictions", "said.jsonl").returncode

    assert score() == 0
    status, reason = results(project)["model.m.behaviour.suite.attack"]
    assert (status, "a search asks the model itself" in reason) == ("skipped", True)
    (project / "suite.yaml").write_text(f"tests:\n{search}")
    assert score() == 3
    assert "nothing was checked" in results(project)["model.m.behaviour"][1]
