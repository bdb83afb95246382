"""Which predictions changed: counted, told apart, and listed."""

import csv

from mlci.decisions.churn import churn_of, write
from mlci.model.paired import Predicted
from mlci.results.decision import Churn


def said(ids, labels, predictions):
    return Predicted(columns={"id": ids, "label": labels, "prediction": predictions}, slices={}, positive=None)


def test_newly_wrong_and_newly_right_are_told_apart():
    before = said([1, 2, 3, 4, 5], list("aabbc"), list("abbac"))
    now = said([5, 4, 3, 2, 1], list("cbbaa"), list("abaab"))  # by id: b a a b a
    churn, changed = churn_of("m", before, now)
    assert churn == Churn(model="m", n=5, changed=5, newly_wrong=3, newly_right=2)
    assert [(one.change, one.id) for one in changed] == [
        ("newly wrong", 5), ("newly wrong", 3), ("newly wrong", 1), ("newly right", 4), ("newly right", 2),
    ]  # fmt: skip


def test_a_wrong_answer_in_place_of_another_is_neither():
    churn, changed = churn_of("m", said([1], ["a"], ["b"]), said([1], ["a"], ["c"]))
    assert (churn.changed, churn.newly_wrong, churn.newly_right, changed[0].change) == (1, 0, 0, "still wrong")


def test_no_change_is_no_churn():
    one = said([1, 2], ["a", "b"], ["a", "a"])
    assert churn_of("m", one, one) == (Churn(model="m", n=2, changed=0, newly_wrong=0, newly_right=0), ())


def test_numbers_on_a_scale_are_changed_and_not_wrong():
    churn, changed = churn_of("m", said([1, 2], [1.5, 2.5], [1.0, 2.5]), said([1, 2], [1.5, 2.5], [1.25, 2.5]))
    assert (churn.changed, churn.newly_wrong, changed[0].change) == (1, None, "changed")


def test_only_examples_that_both_runs_have_with_one_label_count():
    assert churn_of("m", said([1, 2], "ab", "ab"), said([2, 3], "xb", "bb")) is None


def test_they_are_listed_in_a_file_of_the_report_folder(tmp_path):
    _, changed = churn_of("m", said(["x,1", "y"], "ab", "ab"), said(["x,1", "y"], "ab", "bb"))
    files = write(tmp_path, {"a/../b": changed, "same": ()})
    assert list(files) == ["a/../b"]
    path = tmp_path / files["a/../b"]
    assert path.parent == tmp_path / "changed-examples"
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["change", "id", "label", "before", "now"],
            ["newly wrong", "x,1", "a", "a", "b"],
        ]
