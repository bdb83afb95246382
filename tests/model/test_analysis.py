"""Error analysis: what is told of the hold-out set, what of the data that may be looked at, and how it is drawn."""

from __future__ import annotations

import csv
import random

import numpy as np
import pytest

from mlci.config.analysis import Analyse
from mlci.config.models import Evaluate, Model
from mlci.errors import CannotRun, Where
from mlci.model.analysis.check import analysis
from mlci.model.analysis.clusters import clusters
from mlci.model.analysis.features import features, plane
from mlci.model.analysis.tables import calibration, confusion, residuals
from mlci.model.evaluation import read_evaluation
from mlci.model.measure import Measured
from mlci.model.paired import predicted
from mlci.model.predictions import Prediction
from mlci.reports.html import render
from mlci.reports.page.analysis import analyses_of
from mlci.results.model import Check, Gate, Results

EVALUATE = Evaluate(data="holdout.csv", input="text", id="id")


def test_a_confusion_matrix_counts_and_says_what_changed():
    found = confusion(["a", "a", "b"], ["a", "b", "b"], ["b", "b", "b"])
    assert found == {"labels": ["a", "b"], "counts": [[1, 1], [0, 1]], "change": [[1, -1], [0, 0]]}


def test_rare_labels_are_counted_together():
    labels = [f"l{at:02}" for at in range(20) for _ in range(20 - at)]
    found = confusion(labels, labels)
    assert (len(found["labels"]), found["labels"][-1]) == (16, "(all others)")
    assert sum(map(sum, found["counts"])) == len(labels)


def test_a_calibration_curve_has_the_accuracy_of_each_bin():
    found = calibration([0.91, 0.95, 0.31, 1.0], [True, False, False, True])
    assert [(one["n"], one["accuracy"]) for one in found] == [(1, 0.0), (3, pytest.approx(2 / 3))]
    assert found[1]["low"] < 2 / 3 < found[1]["high"]


def test_residuals_are_told_by_tenths_of_the_predictions():
    found = residuals([float(at + (at > 49)) for at in range(100)], [float(at) for at in range(100)])
    assert [one["median"] for one in found] == [0.0] * 5 + [1.0] * 5
    assert sum(one["n"] for one in found) == 100


def _planted(seed, n=600, rate=0.6):
    random_ = np.random.default_rng(seed)
    points, inside = random_.normal(0, 1, (n, 4)), np.arange(n) < 60
    points[inside] = random_.normal(0, 0.4, (60, 4)) + 3
    return points, inside, (random_.random(n) < np.where(inside, rate, 0.1)).astype(float)


@pytest.mark.slow
def test_a_planted_cluster_of_mistakes_is_found_and_none_in_random_ones():
    points, inside, errors = _planted(0)
    (found,) = clusters(points, errors)
    assert (found.inside & inside).sum() > 0.5 * found.inside.sum()
    assert clusters(points, np.random.default_rng(1).permutation(errors)) == ()
    assert [one.p_value for one in clusters(points, errors)] == [found.p_value]


@pytest.mark.slow
def test_random_mistakes_rarely_make_a_cluster_and_planted_ones_mostly():
    alarms = found = 0
    for seed in range(60):
        points, inside, errors = _planted(seed)
        alarms += bool(clusters(points, np.random.default_rng(seed).permutation(errors)))
        found += any((one.inside & inside).sum() > 20 for one in clusters(points, errors))
    assert alarms <= 7  # 3 are expected at 5 %
    assert found >= 54


def test_features_are_of_texts_numbers_and_categories():
    rows = [
        {"text": f"word{at} deploy model {at % 7}", "age": None if at == 3 else at, "tag": "ab"[at % 2]}
        for at in range(60)
    ]
    found = features(rows)
    assert found.shape[0] == 60
    assert np.isfinite(found).all()
    assert plane(found).shape == (60, 2)
    assert features([[1], [2]]).shape == (2, 1)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("analysis")
    rng = random.Random(0)
    for name, n in (("holdout.csv", 80), ("look.csv", 300)):
        with (root / name).open("w", newline="") as file:
            rows = [
                (f"{name}-{at}", f"{'refund money' if at % 5 == 0 else 'word'} {rng.random():.6f} SECRET {name}", "yes")
                for at in range(n)
            ]
            csv.writer(file).writerows([("id", "text", "label"), *rows])
    return root


def _said(evaluation):
    rng = random.Random(1)
    wrong = [rng.random() < (0.8 if "refund" in text else 0.05) for text in evaluation.inputs]
    return [
        Prediction("no", {"no": 0.9, "yes": 0.1}) if bad else Prediction("yes", {"no": 0.2, "yes": 0.8})
        for bad in wrong
    ]


def measured(data):
    evaluation = read_evaluation(EVALUATE, root=data)
    return Measured(
        name="m",
        model=Model(evaluate=EVALUATE),
        evaluation=evaluation,
        predictions=_said(evaluation),
        where=lambda *key: Where(path="mlci.yaml", line=len(key)),
    )


def found(data, asked, before=None):
    read = lambda: read_evaluation(Evaluate(data=asked.data, input="text", id="id"), root=data)  # noqa: E731
    return analysis(measured(data), asked, before, read, _said)


def results(check, *, show_values):
    return Results(
        schema=1, mlci="0", project="p", started="2026-01-01T00:00:00Z", duration_s=0, verdict="passed",
        gates=(Gate(name="model", status="passed", checks=(check,)),), show_values=show_values,
    )  # fmt: skip


def test_of_the_hold_out_set_there_are_aggregates_only(data):
    check = found(data, Analyse())
    assert check.status == "passed"
    assert "SECRET" not in str(check.details)
    assert set(check.details["analysis"][0]) == {"of", "n", "wrong", "confusion", "calibration"}


def test_the_change_since_the_baseline_is_told_where_examples_are_the_same(data):
    now = measured(data)
    before = predicted(now, ())
    part = found(data, Analyse(), before).details["analysis"][0]
    assert part["confusion"]["change"] == [[0, 0], [0, 0]]
    before.columns["label"] = ["no"] * len(now.evaluation)
    assert "change" not in found(data, Analyse(), before).details["analysis"][0]


def test_examples_come_from_the_analysed_data_and_show_where_values_may_be(data):
    check = found(data, Analyse(data="look.csv", examples=3))
    assert "holdout.csv-" not in str(check.details)
    mistakes = check.details["examples"]["mistakes"]
    assert len(mistakes) == 3
    assert mistakes[0]["confidence"] == 0.9
    assert check.details["analysis"][1]["clusters"][0]["mostly"][0].startswith("yes taken for no")
    assert "refund" in check.details["examples"]["clusters"][0][0]["input"]
    hidden, shown = (render(results(check, show_values=value)) for value in (False, True))
    assert "SECRET" not in hidden
    assert "SECRET" in shown
    assert hidden.count("<circle") > 300
    assert "Clusters of mistakes (1)" in hidden


def test_what_cannot_be_analysed_is_errored(data):
    assert found(data, Analyse(data="gone.csv")).status == "errored"
    with pytest.raises(CannotRun):
        read_evaluation(Evaluate(data="gone.csv"), root=data)


@pytest.mark.parametrize(
    "details",
    [
        {"analysis": 3},
        {"analysis": [3, {"of": ["x"], "confusion": {"labels": ["a"], "counts": [["<b>"]]}}]},
        {
            "analysis": [
                {"calibration": [{"n": 10**400, "confidence": "x"}], "residuals": "x", "clusters": [1], "map": [[1]]}
            ]
        },
        {
            "analysis": [
                {
                    "confusion": {"labels": ["<script>"], "counts": [[1]]},
                    "map": [[1, 2, 3, float("nan")]],
                    "clusters": [],
                }
            ]
        },
    ],
)
def test_untrusted_results_never_break_the_page(details):
    page = render(
        results(Check(id="model.m.analysis", status="passed", summary="s", details=details), show_values=True)
    )
    assert "<script>" not in page


def test_numbers_have_residuals_in_a_picture():
    part = {
        "of": "x.csv",
        "n": 20,
        "residuals": residuals([float(at) for at in range(20)], [at * 1.5 for at in range(20)]),
    }
    check = Check(id="model.m.analysis", status="passed", summary="s", details={"analysis": [part]})
    (one,) = analyses_of(results(check, show_values=False), show_values=False)
    (table,) = one.tables
    assert (table.title, len(table.rows), len(table.dots)) == ("Residuals", 10, 10)
