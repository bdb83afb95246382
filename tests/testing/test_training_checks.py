"""Each training check over a step callback: planted bugs, a healthy model, what is left as it was, what is refused."""

import random
from dataclasses import fields, replace

import numpy as np
import pytest

from mlci.testing import NotApplicable, Training, TrainingCheckFailed, assert_no_better_than_chance, check_all
from mlci.testing.arrays import distance, relative_tolerance
from mlci.testing.batches import copied, rows, size
from mlci.testing.checks import CHECKS

SLOW = ("shuffled_labels_are_chance", "overfits_a_batch")
EVERY = [pytest.param(check, marks=[pytest.mark.slow] * (check in SLOW)) for check in CHECKS]


@pytest.fixture
def cases(planted):
    return planted("callback")


def said_by(check, training, **settings):
    with pytest.raises(TrainingCheckFailed) as caught:
        CHECKS[check](training, **settings)
    return str(caught.value)


@pytest.mark.parametrize("check", EVERY)
def test_a_planted_bug_is_caught_and_a_healthy_model_passes(check, cases):
    assert CHECKS[check](cases.healthy(check))
    with np.errstate(all="ignore"):
        measured, _, usually = said_by(check, cases.planted(check)).partition("\nUsually: ")
    assert measured.endswith(".")
    assert usually.endswith(".")


@pytest.mark.parametrize("check", EVERY)
def test_a_check_leaves_random_numbers_and_the_batch_as_they_were(check, cases):
    training = cases.healthy(check)
    inputs = copied(training.inputs)
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    CHECKS[check](training)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert distance(inputs, training.inputs) == 0


@pytest.mark.slow
def test_what_is_missing_makes_a_check_not_applicable_with_the_reason(cases):
    bare = replace(
        cases.HEALTHY, **{field.name: field.default for field in fields(Training) if field.name not in CALLBACK}
    )
    found = {outcome.name: outcome for outcome in check_all(bare)}
    skipped = {name for name, outcome in found.items() if outcome.status == "not applicable"}
    assert skipped == {
        "artifacts_written",
        "devices_agree",
        "early_stopping_stops",
        "frozen_parameters_stay",
        "gradients_reach_every_parameter",
        "learning_rate_in_bounds",
        "parameters_change",
        "preprocessing_sees_training_alone",
        "resumed_equals_uninterrupted",
        "saved_and_loaded_equal",
        "shuffled_labels_are_chance",
    }
    assert found["gradients_reach_every_parameter"].says == "not applicable: a step callback was given no `gradients`"
    assert {outcome.status for outcome in found.values()} == {"passed", "not applicable"}


CALLBACK = ("make", "step", "predict", "inputs", "targets", "classes", "absent")


@pytest.mark.slow
def test_all_checks_are_a_table_where_one_ends_with_an_error(cases):
    found = check_all(replace(cases.HEALTHY, save=lambda *_: 1 / 0), settings={"loss_falls": {"steps": 3}})
    assert not found.passed
    assert "errored         saved_and_loaded_equal" in str(found)
    assert "ZeroDivisionError: division by zero" in str(found)
    assert "after 3 steps" in str(found)
    assert check_all(cases.HEALTHY).passed


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"loss_fall": {}}, 'unknown training check "loss_fall" did you mean "loss_falls"?'),
        ({"loss_falls": {"step": 3}}, 'takes no setting "step" (it takes steps)'),
    ],
)
def test_a_misspelt_setting_is_refused(settings, says, cases):
    with pytest.raises(ValueError) as caught:
        check_all(cases.HEALTHY, settings=settings)
    assert says in str(caught.value)


def test_a_batch_of_one_or_of_other_sizes_is_refused(cases):
    with pytest.raises(ValueError, match="at least two"):
        replace(cases.HEALTHY, inputs=cases.ROWS[:1], targets=cases.LABELS[:1])
    with pytest.raises(ValueError, match="12 inputs and 11 targets"):
        replace(cases.HEALTHY, targets=cases.LABELS[:11])


def test_what_is_no_training_is_refused():
    with pytest.raises(TypeError, match="takes a Training, not dict"):
        CHECKS["finite"]({})


def test_a_leak_smaller_than_what_is_seen_at_a_glance_is_caught(cases):
    def predict(model, rows):
        return cases.scores(model, rows) + 1e-3 * rows.mean()

    assert "predictions of other places move by" in said_by(
        "no_leak_across_a_batch", replace(cases.HEALTHY, predict=predict)
    )


def test_rounding_is_no_leak(cases):
    def predict(model, rows):  # sums in another order for another size
        return cases.scores(model, rows) * np.float32(1 + 1e-7 * len(rows))

    assert CHECKS["one_input_equals_a_batch"](replace(cases.HEALTHY, predict=predict))


def test_a_model_that_does_not_see_its_inputs_shows_no_leak_and_does_not_pass(cases):
    constant = replace(cases.HEALTHY, predict=lambda model, rows: np.zeros((len(rows), 3)))
    assert "nothing can be told of others" in said_by("no_leak_across_a_batch", constant)
    assert "did not move" in said_by("resumed_equals_uninterrupted", constant)


@pytest.mark.parametrize(
    "check",
    [
        "batch_order_does_not_matter",
        "no_leak_across_a_batch",
        "one_input_equals_a_batch",
        "predictions_depend_on_inputs",
    ],
)
def test_predictions_that_are_not_one_for_each_input_are_named(check, cases):
    averaged = replace(cases.HEALTHY, predict=lambda model, rows: cases.scores(model, rows).mean(axis=0))
    assert "predictions for 12 inputs have shape (3,)" in said_by(check, averaged)


def test_a_layer_that_begins_at_zero_is_reached_later(cases):
    def late(model, rows, labels):
        found = cases.gradients(model, rows, labels)
        return found if model.momentum.any() else {**found, "weights": found["weights"] * 0}

    assert "2 of 2" in CHECKS["gradients_reach_every_parameter"](replace(cases.HEALTHY, gradients=late))
    assert "weights (zero)" in said_by(
        "gradients_reach_every_parameter", replace(cases.HEALTHY, gradients=late), steps=1
    )


def test_gradients_that_are_not_finite_are_named(cases):
    def broken(model, rows, labels):
        return {**cases.gradients(model, rows, labels), "bias": np.array([np.nan])}

    assert "not finite: bias" in said_by("gradients_reach_every_parameter", replace(cases.HEALTHY, gradients=broken))


def test_parameters_can_be_left_out_by_pattern(cases):
    training = cases.planted("parameters_change")
    assert "but not bias" in said_by("parameters_change", training)
    assert "1 of 1" in CHECKS["parameters_change"](training, but=["b*"])


def test_the_patience_holds_exactly_where_it_is_given(cases):
    assert CHECKS["early_stopping_stops"](cases.HEALTHY, patience=2)
    assert "2 after the best one with a patience of 3" in said_by("early_stopping_stops", cases.HEALTHY, patience=3)


def test_an_artifact_is_read_by_its_reader(cases):
    def reader(path):
        raise EOFError("no end")

    assert "model.json was written and cannot be read: EOFError: no end" in said_by(
        "artifacts_written", cases.HEALTHY, readers={"*.json": reader}
    )


def test_the_metric_to_overfit_by_is_ones_own(cases):
    def hits(targets, labels):
        return float((targets == labels).sum())

    assert "hits on one batch of 12 is 12" in CHECKS["overfits_a_batch"](
        cases.HEALTHY, metric=hits, target=12, tolerance=0
    )


@pytest.mark.slow
def test_the_false_alarm_rate_of_shuffled_labels_holds():
    random_numbers = np.random.default_rng(11)
    targets = np.arange(30) % 3

    def guess(_inputs, labels, seed):
        return labels, np.random.default_rng([seed, guess.run]).integers(0, 3, len(labels))

    alarms = 0
    for guess.run in range(200):
        try:
            assert_no_better_than_chance(
                guess, targets, targets, repeats=1, false_alarm_rate=0.1, seed=int(random_numbers.integers(1 << 30))
            )
        except TrainingCheckFailed:
            alarms += 1
    assert alarms <= 33  # 20 are expected at most; 33 would be exceeded once in a thousand times


def test_too_few_held_out_examples_are_refused_and_not_passed():
    with pytest.raises(ValueError, match="too few examples are held out"):
        assert_no_better_than_chance(
            lambda _inputs, labels, _: (labels[:3], labels[:3]), [0] * 9, [0, 1, 2] * 3, repeats=1
        )


@pytest.mark.slow
def test_a_regression_on_shuffled_targets_leaks_through_shared_rows():
    values = np.random.default_rng(0).normal(size=40)

    def nearest(_inputs, targets, _seed):
        return targets, targets + 0.5

    with pytest.raises(TrainingCheckFailed, match="Usually: something saw"):
        assert_no_better_than_chance(nearest, values, values, repeats=1)


def test_batches_of_any_kind_give_up_rows():
    batch = ({"a": np.arange(4), "b": [["x"], ["y"], ["z"], ["w"]]}, np.eye(4))
    taken = rows(batch, [2, 0])
    assert (size(batch), size(taken)) == (4, 2)
    assert taken[0]["a"].tolist() == [2, 0]
    assert taken[0]["b"] == [["z"], ["x"]]
    assert taken[1].tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
    again = copied(batch)
    again[0]["b"][0].append("more")
    assert batch[0]["b"][0] == ["x"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.5),
        ([np.nan, np.inf], [np.nan, np.inf], 0.0),
        ([np.nan], [1.0], np.inf),
        ([1.0], [1.0, 1.0], np.inf),
        (["a", "b"], ["a", "b"], 0.0),
        (["a"], ["b"], np.inf),
        ([], [], 0.0),
    ],
)
def test_how_far_arrays_lie_apart(one, other, expected):
    assert distance(one, other) == expected


def test_tolerances_follow_the_precision():
    wide, narrow, half = (relative_tolerance(float(np.finfo(kind).eps)) for kind in ("f8", "f4", "f2"))
    assert wide < 1e-9 < narrow < 1e-4 < half < 0.02


def test_not_applicable_is_a_skip_for_pytest_and_unittest(cases):
    with pytest.raises(NotApplicable) as caught:
        CHECKS["devices_agree"](replace(cases.HEALTHY, devices=lambda: ["cpu"]))
    assert type(caught.value).__mro__[1].__name__ == "SkipTest"
