"""Slices that nobody declared: the gate names where a model is weak, and where it got worse."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from mlci.baselines.model import Found
from mlci.config.analysis import FindSlices
from mlci.config.models import Evaluate, Model
from mlci.errors import UsageError, Where
from mlci.model.evaluation import read_evaluation
from mlci.model.measure import Measured
from mlci.model.paired import predicted
from mlci.model.predictions import Prediction
from mlci.model.slice_checks import slice_checks
from mlci.results.model import Receipt

N = 1_200
ASKED = FindSlices()


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    rng = random.Random(3)
    root = tmp_path_factory.mktemp("slices")
    rows = [f"{at},{rng.choice(['nlp', 'mlops', 'vision', 'graphs'])},{rng.randint(1, 90)},yes" for at in range(N)]
    (root / "data.csv").write_text("\n".join(["id,tag,age,label", *rows]) + "\n")
    return read_evaluation(Evaluate(data="data.csv", id="id"), root=root)


def measured(evaluation, wrong):
    """A model that is wrong on each row with the probability that `wrong` gives it."""
    rng = random.Random(5)
    said = [Prediction("no" if rng.random() < wrong(row) else "yes") for row in evaluation.rows]
    return Measured(
        name="m",
        model=Model(evaluate=Evaluate(data="data.csv", id="id"), metrics={}),
        evaluation=evaluation,
        predictions=said,
        where=lambda *key: Where(path="mlci.yaml", line=len(key)),
    )


def even(_row):
    return 0.1


def weak(row):
    return 0.5 if row["tag"] == "mlops" else 0.1


def checks(now, before=None, asked=ASKED):
    found = None if before is None else Found(stored=None, receipt=Receipt(), predicted={"m": predicted(before, ())})
    return {check.id.rpartition(".")[2]: check for check in slice_checks(now, asked, found)}


def test_a_weak_slice_is_named(evaluation):
    check = checks(measured(evaluation, weak))["weak-slices"]
    assert check.status == "warned"
    assert "the model is weak: where tag = mlops (" in check.reason
    assert check.details["slices"][0]["sql"] == "\"tag\" = 'mlops'"


def test_the_label_is_no_feature_unless_it_is_asked_for(tmp_path):
    """A threshold predicts the flipped labels beyond it wrong, all of them: no news of the inputs."""
    rng = random.Random(11)
    rows = [(value := rng.random(), (value > 0.5) != (rng.random() < 0.1)) for _ in range(N)]
    text = "\n".join(f"{at},{value:.3f},{label}" for at, (value, label) in enumerate(rows))
    (tmp_path / "data.csv").write_text(f"id,x,label\n{text}\n")
    evaluation = read_evaluation(Evaluate(data="data.csv", id="id"), root=tmp_path)
    now = replace(measured(evaluation, even), predictions=[Prediction(str(value > 0.5)) for value, _ in rows])
    now = replace(now, evaluation=replace(evaluation, labels=[str(label) for _, label in rows]))
    assert checks(now)["weak-slices"].status == "passed"
    asked = replace(ASKED, columns=("x", "label"))
    assert "label" in checks(now, asked=asked)["weak-slices"].reason


def test_errors_everywhere_are_no_slice(evaluation):
    found = checks(measured(evaluation, even), measured(evaluation, even))
    assert {name: check.status for name, check in found.items()} == {
        "weak-slices": "passed",
        "slices-got-worse": "passed",
    }


def test_where_a_drop_lives_is_said_and_old_weakness_is_no_news(evaluation):
    found = checks(measured(evaluation, weak), measured(evaluation, even))
    assert found["slices-got-worse"].status == "warned"
    assert "all of it where tag = mlops" in found["slices-got-worse"].reason
    assert checks(measured(evaluation, weak), measured(evaluation, weak))["slices-got-worse"].status == "passed"


def test_examples_are_matched_by_id_and_changed_labels_left_out(evaluation):
    before = measured(evaluation, even)
    shuffled = predicted(before, ())
    order = random.Random(1).sample(range(N), N)
    columns = {name: [column[at] for at in order] for name, column in shuffled.columns.items()}
    now = measured(evaluation, even)
    found = Found(stored=None, receipt=Receipt(), predicted={"m": replace(shuffled, columns=columns)})
    assert [check.status for check in slice_checks(now, ASKED, found)] == ["passed", "passed"]
    columns["label"] = ["other"] * N
    assert [check.status for check in slice_checks(now, ASKED, found)] == ["passed", "inconclusive"]


def test_the_columns_to_look_at_can_be_named(evaluation):
    asked = FindSlices(columns=("age",), severity="error")
    assert checks(measured(evaluation, weak), asked=asked)["weak-slices"].status == "passed"
    named = FindSlices(columns=("tag",), severity="error")
    assert checks(measured(evaluation, weak), asked=named)["weak-slices"].status == "failed"
    with pytest.raises(UsageError, match='no column "tog", did you mean "tag"'):
        checks(measured(evaluation, weak), asked=FindSlices(columns=("tog",)))


def test_too_few_examples_are_said(evaluation):
    assert checks(measured(evaluation, weak), asked=FindSlices(min_size=601))["weak-slices"].status == "inconclusive"


def test_numbers_are_judged_by_their_distance(evaluation):
    labels = tuple(float(row["age"]) + 0.5 for row in evaluation.rows)
    rng = random.Random(2)
    said = [
        Prediction(label + rng.gauss(0, 10 if row["tag"] == "mlops" else 2))
        for label, row in zip(labels, evaluation.rows, strict=True)
    ]
    now = replace(measured(evaluation, even), evaluation=replace(evaluation, labels=labels), predictions=said)
    assert "mean absolute error" in checks(now)["weak-slices"].reason
