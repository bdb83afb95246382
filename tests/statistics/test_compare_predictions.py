"""The whole comparison: frames, matching, slices, suites, limits, verdicts."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from mlci.errors import UsageError
from mlci.statistics import Comparison, compare_predictions

N = 2_000
METRICS = ["accuracy", "f1", "roc_auc"]


def _columns(seed=0, *, flipped=0.02, worse=0.0):
    """Columns of a binary problem whose candidate flips predictions either way, and some more for the worse."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, N)
    before = np.where(random.random(N) < 0.1, 1 - label, label)
    after = np.where(random.random(N) < flipped, 1 - before, before)
    after = np.where((random.random(N) < worse) & (after == label), 1 - label, after)
    noise = random.random(N)
    shared = {
        "id": np.asarray([f"row-{i}" for i in range(N)], dtype=object),
        "label": label,
        "tag": random.choice(np.asarray(["nlp", "mlops", "vision"], dtype=object), N, p=[0.6, 0.395, 0.005]),
        "length": random.integers(10, 200, N),
    }
    return tuple({**shared, "prediction": p, "score": (p + noise) / 2} for p in (before, after))


def _gates(found, **wanted):
    return [g for g in found.gates if all(getattr(g, key) == value for key, value in wanted.items())]


FRAMES = {
    "mapping": dict,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy polars": lambda columns: pl.DataFrame(columns).lazy(),
    "pyarrow": pa.table,
    "duckdb": lambda columns: duckdb.connect().from_arrow(pa.table(columns)),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same_answer(kind):
    before, after = _columns(worse=0.03)
    expected = compare_predictions(before, after, metrics=METRICS, slices={"short": "length < 60 AND tag = 'nlp'"})
    found = compare_predictions(
        FRAMES[kind](before), FRAMES[kind](after), metrics=METRICS, slices={"short": "length < 60 AND tag = 'nlp'"}
    )
    assert found == expected
    assert found.verdict == "regression"
    assert [gate.slice for gate in found.gates] == [None, None, None, "short", "short", "short"]


def test_frames_of_two_kinds_can_be_compared():
    before, after = _columns()
    mixed = compare_predictions(pl.DataFrame(before), pd.DataFrame(after), metrics=METRICS, slices=["tag"])
    assert mixed == compare_predictions(before, after, metrics=METRICS, slices=["tag"])


@pytest.mark.parametrize("ids", [np.arange(N), np.asarray([f"row-{i}" for i in range(N)], dtype=object)])
def test_rows_are_matched_by_id_and_not_by_order(ids):
    before, after = ({**side, "id": ids} for side in _columns(worse=0.02))
    shuffled = np.random.default_rng(1).permutation(N)
    other = {name: column[shuffled] for name, column in after.items()}
    expected = compare_predictions(before, after, metrics=METRICS, slices=["tag"])
    found = compare_predictions(before, other, metrics=METRICS, slices=["tag"])
    for one, two in zip(found.gates, expected.gates, strict=True):
        assert (one.metric, one.slice, one.verdict) == (two.metric, two.slice, two.verdict)
        assert one.p_value == pytest.approx(two.p_value, rel=1e-9)


@pytest.mark.parametrize("ids", [np.arange(N), np.asarray([f"row-{i}" for i in range(N)], dtype=object)])
def test_unmatched_rows_are_counted_and_the_rest_is_judged(ids):
    before, after = ({**side, "id": ids} for side in _columns())
    one = {name: column[:-100] for name, column in before.items()}
    other = {name: column[30:] for name, column in after.items()}
    found = compare_predictions(one, other, metrics=["accuracy"])
    assert (found.n, found.only_in_baseline, found.only_in_candidate) == (N - 130, 30, 100)
    inside = [{name: column[30:-100] for name, column in side.items()} for side in (before, after)]
    assert found.gates == compare_predictions(*inside, metrics=["accuracy"]).gates


def test_rows_without_ids_are_matched_by_position():
    before, after = ({k: v for k, v in side.items() if k != "id"} for side in _columns())
    assert compare_predictions(before, after, metrics=["accuracy"], id=None).n == N
    with pytest.raises(UsageError, match="as many rows"):
        compare_predictions(before, {k: v[1:] for k, v in after.items()}, metrics=["accuracy"], id=None)


def _changed(side, **columns):
    return {**side, **columns}


BEFORE, AFTER = _columns()
TWICE = AFTER["id"].copy()
TWICE[5] = TWICE[4]
NO_ID = AFTER["id"].copy()
NO_ID[7] = None
RELABELLED = AFTER["label"].copy()
RELABELLED[:3] = 1 - RELABELLED[:3]
EMPTY = {name: column[:0] for name, column in AFTER.items()}
HALF = np.where(np.arange(N) == 3, np.nan, AFTER["score"])
WORDS = np.asarray(["no", "yes"], dtype=object)[AFTER["prediction"]]
NONE = AFTER["prediction"].astype(object)
NONE[11] = None

BAD = {
    "a repeated id": (_changed(AFTER, id=TWICE), {}, "1 of the candidate's 2000 examples repeat an id"),
    "a repeated number": (_changed(AFTER, id=np.zeros(N, int)), {}, "repeat an id"),
    "a missing id": (_changed(AFTER, id=NO_ID), {}, "1 of the candidate's 2000 examples have no id"),
    "a changed label": (_changed(AFTER, label=RELABELLED), {}, "3 of 2000 examples have another label"),
    "other ids": (_changed(AFTER, id=np.arange(N)), {}, "nothing to compare"),
    "no rows": (EMPTY, {}, "nothing to compare: 2000 examples before, 0 now"),
    "a missing label": (
        _changed(AFTER, label=np.where(np.arange(N) == 1, np.nan, AFTER["label"])),
        {},
        "1 of 2000 .* no label",
    ),
    "a missing prediction": (
        _changed(AFTER, prediction=NONE),
        {},
        "1 of 2000 examples have no prediction in the candidate",
    ),
    "a missing score": (_changed(AFTER, score=HALF), {}, "1 of 2000 examples have no score in the candidate"),
    "an infinite score": (
        _changed(AFTER, score=AFTER["score"] + np.where(np.arange(N) == 3, np.inf, 0)),
        {},
        "infinite score",
    ),
    "texts for numbers": (
        _changed(AFTER, prediction=WORDS),
        {},
        "labels are numbers, predictions numbers before and texts now",
    ),
    "no such column": (AFTER, {"label": "lable"}, 'no column "lable", did you mean "label"'),
    "no such cluster": (AFTER, {"cluster": "patient"}, 'no column "patient"'),
    "no such slice": (AFTER, {"slices": ["tga"]}, 'no column "tga"'),
    "a slice of ids": (AFTER, {"slices": ["id"]}, "2000 values, too many"),
    "a wrong expression": (AFTER, {"slices": {"short": "lenght < 60"}}, '"short" does not work'),
    "an unknown metric": (AFTER, {"metrics": ["acuracy"]}, 'unknown metric "acuracy", did you mean "accuracy"'),
    "no metric": (AFTER, {"metrics": []}, "nothing to compare"),
    "a negative limit": (AFTER, {"max_drop": -0.1}, "max_drop is -0.1"),
    "a limit that is no number": (AFTER, {"max_drop": {"accuracy": "two"}}, "max_drop of accuracy is 'two'"),
    "a limit of nothing": (AFTER, {"max_drop": {"acuracy": 0.1}}, 'names "acuracy"'),
    "a rate of 5": (AFTER, {"false_alarm_rate": 5}, "false_alarm_rate is 5"),
    "another requirement": (AFTER, {"require": "superiority"}, "superiority"),
    "no frame": ([1, 2], {}, "a list is no frame"),
    "an unmatched suite": (AFTER, {"suites": {"typos": ([True], [True, False])}}, '"typos" cannot be paired'),
    "an empty suite": (AFTER, {"suites": {"typos": ([], [])}}, 'no case of the suite "typos"'),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_compared_is_an_error_and_never_a_pass(kind):
    candidate, how, message = BAD[kind]
    with pytest.raises(UsageError, match=message) as raised:
        compare_predictions(BEFORE, candidate, **{"metrics": METRICS, **how})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("side", [0, 1])
def test_a_repeated_number_as_id_is_refused_on_either_side(side):
    frames = [{**BEFORE, "id": np.arange(N)}, {**AFTER, "id": np.arange(N)}]
    frames[side]["id"] = np.r_[np.arange(N - 1), 0]
    where = ("baseline", "candidate")[side]
    with pytest.raises(UsageError, match=f"1 of the {where}'s 2000 examples repeat an id"):
        compare_predictions(*frames, metrics=["accuracy"])


def test_a_missing_column_is_an_error_only_for_the_metric_that_needs_it():
    before, after = ({k: v for k, v in side.items() if k != "score"} for side in (BEFORE, AFTER))
    assert compare_predictions(before, after, metrics=["accuracy"]).n == N
    with pytest.raises(UsageError, match='no column "score"'):
        compare_predictions(before, after, metrics=["roc_auc"])


@pytest.mark.parametrize(
    "expression", ["id IN (SELECT content FROM read_text('/etc/hostname'))", "(SELECT count(*) FROM glob('/*')) > 0"]
)
def test_an_expression_sees_no_file(expression):
    with pytest.raises(UsageError, match="does not work"):
        compare_predictions(BEFORE, AFTER, metrics=["accuracy"], slices={"nosy": expression})


def test_slices_are_every_value_of_a_column():
    tag = BEFORE["tag"].copy()
    tag[:40] = None
    before, after = ({**side, "tag": tag} for side in (BEFORE, AFTER))
    found = compare_predictions(before, after, metrics=["accuracy"], slices=["tag"])
    assert [(gate.slice, gate.n) for gate in found.gates[1:]] == [
        ("tag is missing", 40),
        ("tag = mlops", int((tag == "mlops").sum())),
        ("tag = nlp", int((tag == "nlp").sum())),
    ]
    assert [(skipped.slice, skipped.reason) for skipped in found.skipped] == [
        ("tag = vision", "fewer than 20 examples")
    ]


def test_a_slice_is_judged_as_its_rows_alone():
    inside = BEFORE["tag"] == "nlp"
    alone = compare_predictions(*({k: v[inside] for k, v in side.items()} for side in (BEFORE, AFTER)), metrics=METRICS)
    whole = compare_predictions(BEFORE, AFTER, metrics=METRICS, slices=["tag"])
    for one, two in zip(alone.gates, _gates(whole, slice="tag = nlp"), strict=True):
        for name in ("baseline", "candidate", "p_value", "upper_bound"):
            assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-9)


def test_an_empty_slice_is_said():
    found = compare_predictions(BEFORE, AFTER, metrics=["accuracy"], slices={"long": "length > 9000", "null": "NULL"})
    assert [(s.slice, s.n, s.reason) for s in found.skipped] == [("long", 0, "no example"), ("null", 0, "no example")]


def test_a_slice_column_may_be_the_baselines_alone():
    after = {k: v for k, v in AFTER.items() if k != "tag"}
    shuffled = {k: v[::-1] for k, v in after.items()}
    expected = compare_predictions(BEFORE, AFTER, metrics=["accuracy"], slices=["tag"])
    assert compare_predictions(BEFORE, shuffled, metrics=["accuracy"], slices=["tag"]).gates == expected.gates


def test_nothing_changed_passes_everywhere():
    found = compare_predictions(BEFORE, BEFORE, metrics=[*METRICS, "log_loss", "f1_macro"], slices=["tag"])
    assert {(g.verdict, g.drop, g.p_value, g.upper_bound) for g in found.gates} == {("pass", 0.0, 1.0, 0.0)}
    assert (found.verdict, found.churn, found.blocks) == ("pass", 0.0, False)


def test_a_drop_within_the_limit_never_blocks_however_significant():
    before, after = _columns(worse=0.03)
    strict = compare_predictions(before, after, metrics=["accuracy"], max_drop=0.001)
    loose = compare_predictions(before, after, metrics=["accuracy"], max_drop=0.2)
    assert strict.gates[0].p_value == loose.gates[0].p_value < 1e-6
    assert (strict.verdict, loose.verdict) == ("regression", "pass")


def _few():
    """Sixty examples of which two have become wrong."""
    before = {name: column[:60] for name, column in BEFORE.items()}
    right = np.flatnonzero(before["prediction"] == before["label"])[:2]
    broken = before["prediction"].copy()
    broken[right] = 1 - broken[right]
    return before, {**before, "prediction": broken}


def test_a_large_drop_of_few_examples_is_inconclusive_and_says_how_many_it_takes():
    gate = compare_predictions(*_few(), metrics=["accuracy"]).gates[0]
    assert gate.drop == pytest.approx(2 / 60)
    assert gate.verdict == "inconclusive"
    assert gate.n_needed == pytest.approx(60 * (gate.mde / 0.01) ** 2, abs=1)
    assert f"{gate.n_needed:,} examples" in gate.reason


def test_non_inferiority_blocks_what_is_not_shown():
    few = _few()
    open_question = compare_predictions(*few, metrics=["accuracy"])
    assert (open_question.verdict, open_question.blocks) == ("inconclusive", False)
    assert compare_predictions(*few, metrics=["accuracy"], require="non-inferiority").blocks
    assert not compare_predictions(few[0], few[0], metrics=["accuracy"], require="non-inferiority").blocks


def test_limits_by_name_and_for_slices():
    before, after = _columns(worse=0.03)
    found = compare_predictions(
        before,
        after,
        metrics=["accuracy", "f1"],
        slices={"short": "length < 100"},
        max_drop={"accuracy": "50%"},
        slice_max_drop=0.3,
    )
    overall, shown = _gates(found, slice=None)
    assert overall.max_drop == pytest.approx(overall.baseline / 2)
    assert (shown.verdict, shown.adjusted_p_value, shown.max_drop) == ("shown", None, None)
    assert shown.drop is not None
    assert [gate.max_drop for gate in _gates(found, slice="short")] == [0.3, 0.3]


def test_adjusted_p_values_are_at_most_those_of_bonferroni_and_at_least_their_own():
    found = compare_predictions(
        *_columns(worse=0.005),
        metrics=METRICS,
        slices=["tag"],
        suites={"typos": ([True] * 90, [False] * 3 + [True] * 87)},
    )
    judged = [gate for gate in found.gates if gate.adjusted_p_value is not None]
    smallest = min(judged, key=lambda gate: gate.p_value / gate.level)
    share = smallest.level / found.false_alarm_rate
    assert smallest.p_value <= smallest.adjusted_p_value <= min(1, smallest.p_value / share) * (1 + 1e-9)


def test_a_slice_in_which_more_changed_has_no_smaller_share_of_the_rate_than_another_of_its_size():
    before, after = _columns()
    half = np.arange(N) % 2
    after["prediction"] = np.where((half == 0) & (np.arange(N) % 5 == 0), 1 - after["prediction"], after["prediction"])
    found = compare_predictions(
        {**before, "half": half}, {**after, "half": half}, metrics=["accuracy", "f1"], slices=["half"]
    )
    for metric in ("accuracy", "f1"):
        calm, moved = sorted(
            (gate for gate in found.gates if gate.slice and gate.metric == metric), key=lambda gate: gate.drop
        )
        assert moved.mde > 2 * calm.mde
        assert moved.level == pytest.approx(calm.level)


def test_limits_that_can_hardly_be_seen_broken_leave_the_rate_to_the_others():
    columns = _columns()
    found = compare_predictions(*columns, metrics=["accuracy", "f1"], max_drop={"accuracy": 0.01, "f1": 0.0001})
    seen, unseen = (gate.level for gate in found.gates)
    assert seen > 5 * unseen
    assert seen + unseen == pytest.approx(found.false_alarm_rate)


def test_a_metric_named_twice_over_costs_no_power():
    labels, names = [0, 1] * 500, ["accuracy", "f1_micro", "recall_micro", "precision_micro"]
    before, after = labels.copy(), labels.copy()
    for row in range(9):
        after[row] = 1 - labels[row]
    for row in range(100, 103):
        before[row] = 1 - labels[row]
    columns = [{"id": range(1000), "label": labels, "prediction": side} for side in (before, after)]
    (alone,) = compare_predictions(*columns, metrics=["accuracy"]).gates
    assert 0.03 < alone.adjusted_p_value < 0.06
    same = compare_predictions(*columns, metrics=names)
    exact = float(
        stats.binom.sf(8, 12, 0.5)
    )  # 9 or more of the 12 changed, by chance; Holm's would be four times as much
    assert [gate.adjusted_p_value for gate in same.gates] == pytest.approx([exact] * 4, abs=0.008)


def test_suites_alone_need_no_frames():
    passed = [True] * 50
    found = compare_predictions(None, None, metrics=(), suites={"negation": (passed, [False] * 8 + [True] * 42)})
    (gate,) = found.gates
    assert (gate.metric, gate.kind, gate.n, gate.verdict) == ("negation", "suite", 50, "regression")
    assert gate.p_value == 0.5**8 / 2


def test_suite_cases_are_matched_by_id_and_may_not_apply():
    before = {"a": True, "b": True, "c": None, "d": False, "gone": True}
    after = {"d": False, "a": False, "b": True, "c": True, "new": False}
    (gate,) = compare_predictions(None, None, metrics=(), suites={"s": (before, after)}).gates
    assert (gate.n, gate.baseline, gate.candidate) == (3, 2 / 3, 1 / 3)


def test_cases_of_one_template_count_once():
    before, after = [True] * 40, [False] * 20 + [True] * 20
    templates = [number // 20 for number in range(40)]
    alone, together = (
        compare_predictions(None, None, metrics=(), suites={"s": outcomes}).gates[0]
        for outcomes in ((before, after), (before, after, templates))
    )
    assert (alone.verdict, together.verdict) == ("regression", "inconclusive")


def test_examples_of_one_cluster_count_once():
    before, after = _columns()
    cluster = np.arange(N) // 500
    moved = np.where(cluster == 0, 1 - after["label"], before["prediction"])
    frames = ({**side, "prediction": p, "doc": cluster} for side, p in ((before, before["prediction"]), (after, moved)))
    one, other = frames
    assert compare_predictions(one, other, metrics=["accuracy", "f1"]).verdict == "regression"
    assert compare_predictions(one, other, metrics=["accuracy", "f1"], cluster="doc").verdict == "inconclusive"


def test_clusters_follow_their_rows():
    doc = np.arange(N) // 100
    before, after = ({**side, "doc": doc} for side in (BEFORE, AFTER))
    after["prediction"] = np.where(doc < 3, 1 - after["label"], before["prediction"])
    expected = compare_predictions(before, after, metrics=["accuracy"], cluster="doc").gates[0]
    shuffled, order = np.random.default_rng(5).permutation(N), np.random.default_rng(6).permutation(N)[:-2]
    one = {name: column[order] for name, column in before.items()}
    other = {name: column[shuffled] for name, column in after.items()}
    found = compare_predictions(one, other, metrics=["accuracy"], cluster="doc").gates[0]
    assert found.upper_bound == pytest.approx(expected.upper_bound, rel=0.01)


@pytest.mark.parametrize("metric", ["accuracy", "recall", "f1", "f1_macro", "roc_auc", "average_precision", "log_loss"])
def test_clusters_of_one_example_change_little(metric):
    before, after = ({**side, "own": np.arange(N)} for side in _columns(worse=0.01))
    plain = compare_predictions(before, after, metrics=[metric]).gates[0]
    clustered = compare_predictions(before, after, metrics=[metric], cluster="own").gates[0]
    assert clustered.upper_bound == pytest.approx(plain.upper_bound, rel=0.1)


def test_the_answer_is_the_same_each_time():
    random = np.random.default_rng(3)
    label = random.integers(0, 8, 400)
    before, after = (np.where(random.random(400) < 0.95, label, random.integers(0, 8, 400)) for _ in range(2))
    frames = [{"id": np.arange(400), "label": label, "prediction": side} for side in (before, after)]
    found = [compare_predictions(*frames, metrics=["f1_macro", "cohen_kappa"]) for _ in range(2)]
    assert found[0] == found[1]


def test_labels_of_other_types_are_compared_by_value():
    booleans = [
        {**side, "label": side["label"] == 1, "prediction": side["prediction"] == 1} for side in (BEFORE, AFTER)
    ]
    floats = [
        {**s, "label": s["label"].astype(float), "prediction": s["prediction"].astype(float)} for s in (BEFORE, AFTER)
    ]
    words = [
        {**s, **{k: np.asarray(["neg", "pos"], dtype=object)[s[k]] for k in ("label", "prediction")}}
        for s in (BEFORE, AFTER)
    ]
    expected = compare_predictions(BEFORE, AFTER, metrics=METRICS)
    for frames in (
        booleans,
        floats,
        words,
        [floats[0], BEFORE | {"prediction": AFTER["prediction"], "score": AFTER["score"]}],
    ):
        assert compare_predictions(*frames, metrics=METRICS).gates == expected.gates


def test_importing_the_package_loads_no_library():
    code = (
        "import sys, mlci, mlci.statistics; "
        "loaded = {'numpy', 'scipy', 'pandas', 'sklearn', 'duckdb', 'narwhals'} & set(sys.modules); print(loaded or '')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.slow
def test_comparing_loads_no_frame_library_of_its_own():
    code = (
        "import sys, numpy as np; from mlci.statistics import compare_predictions; "
        "f = {'id': np.arange(50), 'label': np.arange(50) % 2, 'prediction': np.arange(50) % 2}; "
        "compare_predictions(f, f, metrics=['accuracy', 'f1_macro']); "
        "print({'pandas', 'polars', 'sklearn', 'pyarrow'} & set(sys.modules) or '')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_missing_library_is_named_with_the_command_that_installs_it():
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "from mlci.errors import CannotRun\n"
        "try:\n    from mlci.statistics import compare_predictions\nexcept CannotRun as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "mlci[model]"' in done.stdout


def test_a_comparison_of_shown_metrics_alone_does_not_block():
    found = compare_predictions(*_columns(worse=0.05), metrics=["accuracy"], max_drop={})
    assert isinstance(found, Comparison)
    assert (found.verdict, found.blocks) == ("shown", False)
