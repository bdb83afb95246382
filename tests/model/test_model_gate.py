import csv
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from mlci.config.common import Limits
from mlci.config.model import Config
from mlci.config.models import Evaluate, MetricLimits, Model
from mlci.errors import UsageError, Where
from mlci.gates import Context
from mlci.gates.model import run
from mlci.interpreter import Interpreter
from mlci.model.paired import paired_changes

PREDICT = """\
def predict(texts):
    return [{"label": "long" if len(text) > 5 else "short",
             "probabilities": {"long": min(len(text) / 10, 1), "short": 1 - min(len(text) / 10, 1)}} for text in texts]
"""
ROWS = [
    (at, "x" * (at % 10 + 1), "long" if at % 10 >= 5 or at % 10 == 0 else "short", "ab"[at % 2]) for at in range(60)
]


@pytest.fixture
def project(tmp_path):
    """A project with a model that is right on 9 of 10 of its 60 examples."""
    (tmp_path / "m.py").write_text(PREDICT)
    write(tmp_path / "data.csv", ["id", "text", "size", "group"], ROWS)
    return tmp_path


def write(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


EVALUATE = Evaluate(data="data.csv", input="text", label="size", id="id")


def gate(root, files=None, **model):
    settings = {"predict": "m:predict", "evaluate": EVALUATE, **model}
    return run(
        Context(
            root=root,
            config=Config(version=1, model={"m": Model(**settings)}),
            where=lambda *key: Where(path="mlci.yaml", line=len(key)),
            find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"),
            out=root / "out",
            files=files,
        )
    )


def checks(outcome):
    return {check.id: check for check in outcome.gate.checks}


accuracy = partial(dict, metrics={"accuracy": Limits(min=0.8, max_drop=0.01)})


def test_a_metric_within_its_limit_passes_with_its_interval(project):
    outcome = gate(project, **accuracy())
    assert outcome.gate.status == "passed"
    check = checks(outcome)["model.m.accuracy"]
    assert check.summary == "accuracy is 0.9 (n = 60), at least 0.8 asked for"
    (metric,) = outcome.metrics
    assert (metric.name, metric.value, metric.n, metric.max_drop, metric.higher_is_better) == (
        "model.m.accuracy",
        0.9,
        60,
        0.01,
        True,
    )
    assert metric.interval == pytest.approx((0.7949, 0.9624), abs=1e-4)
    assert len(outcome.fingerprints["model.m.evaluate"]) == 32


def test_a_metric_below_its_limit_fails_or_warns_as_it_is_told(project):
    outcome = gate(project, metrics={"accuracy": Limits(min=0.95)})
    assert (outcome.gate.status, outcome.gate.reason) == (
        "failed",
        "accuracy is 0.9 (n = 60), below the minimum of 0.95",
    )
    assert checks(outcome)["model.m.accuracy"].where == Where(path="mlci.yaml", line=4)
    assert gate(project, metrics={"accuracy": Limits(min=0.95, severity="warning")}).gate.status == "warned"
    assert gate(project, metrics={"accuracy": Limits()}).gate.status == "passed"


@pytest.mark.slow
def test_a_metric_that_is_not_defined_is_errored(project):
    write(project / "data.csv", ["id", "text", "size"], [(at, "x", "short") for at in range(30)])
    outcome = gate(project, metrics={"roc_auc": Limits(min=0.5), "accuracy": Limits()})
    assert checks(outcome)["model.m.roc_auc"].status == "errored"
    assert "all 30 examples have the label 'short'" in checks(outcome)["model.m.roc_auc"].reason
    assert checks(outcome)["model.m.accuracy"].status == "passed"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(*("import nowhere", "nowhere"), marks=pytest.mark.slow),
        ("def predict(x): raise ValueError('no weights')", "no weights"),
        pytest.param(*("def predict(x): return x[:3]", "3 predictions for 60 inputs"), marks=pytest.mark.slow),
        ("def predict(x): return [float('nan')] * len(x)", "the prediction for row 1 is NaN"),
        ("def predict(x): return ['a'] * 59 + [None]", "the prediction for row 60 is None"),
        pytest.param(*("def predict(x): import sys; sys.exit(3)", "sys.exit"), marks=pytest.mark.slow),
        pytest.param(*("def predict(x): import os; os._exit(7)", "7"), marks=pytest.mark.slow),
        pytest.param(*("def predict(x): import os; os.abort()", "SIGABRT"), marks=pytest.mark.slow),
        pytest.param(*("def predict(x):\n    import time\n    time.sleep(60)", "within 1 s"), marks=pytest.mark.slow),
    ],
)
def test_a_model_that_cannot_answer_is_errored_and_no_metric_is_lost(project, code, reason):
    (project / "m.py").write_text(code)
    outcome = gate(project, timeout=1 if "sleep" in code else 60, **accuracy())
    found = checks(outcome)
    assert outcome.gate.status == "errored"
    assert reason in found["model.m.predict"].reason
    assert "\n" not in found["model.m.predict"].reason
    assert found["model.m.accuracy"].status == "errored"
    assert outcome.metrics == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such"),
        pytest.param(*("", "empty"), marks=pytest.mark.slow),
        ("id,txt,size\n1,a,short\n", 'no column "text", did you mean "txt"?'),
        ("id,text,size\n1,a,\n", 'label column "size" is empty in 1 of 1 rows: 1'),
        pytest.param(*("id,text,size\n1,a,short\n1,b,short\n", 'id column "id" names 1 rows'), marks=pytest.mark.slow),
    ],
)
def test_examples_that_cannot_be_used_are_errored(project, content, reason):
    (project / "data.csv").unlink()
    if content is not None:
        (project / "data.csv").write_text(content)
    outcome = gate(project, **accuracy())
    assert checks(outcome)["model.m.evaluate"].status == "errored"
    assert reason in checks(outcome)["model.m.evaluate"].reason
    assert checks(outcome)["model.m.accuracy"].status == "errored"


@pytest.mark.slow
def test_a_file_without_rows_is_not_a_pass(project):
    (project / "data.csv").write_text("id,text,size\n")
    assert gate(project, **accuracy()).gate.status == "failed"


def test_nothing_to_check_fails_unless_that_is_allowed(project):
    assert gate(project).gate.status == "failed"
    assert gate(project, allow_empty=True).gate.status == "skipped"


def test_slices_have_limits_of_their_own(project):
    outcome = gate(
        project,
        **accuracy(),
        slices={"by": ("group",), "tiny": "length(text) = 1", "small": "length(text) < 4", "none": "id < 0"},
        slice_metrics={"accuracy": Limits(min=0.85)},
        min_slice_size=10,
    )
    found = checks(outcome)
    assert found["model.m.accuracy.group=a"].status == "failed"
    assert (
        found["model.m.accuracy.group=a"].reason == "accuracy where group=a is 0.8 (n = 30), below the minimum of 0.85"
    )
    assert found["model.m.accuracy.group=b"].status == "passed"
    assert found["model.m.slices.tiny"].status == "inconclusive"
    assert "has 6 examples, too few" in found["model.m.slices.tiny"].reason
    assert found["model.m.slices.none"].status == "failed"
    assert {(metric.slice, metric.n) for metric in outcome.metrics} == {
        (None, 60),
        ("group=a", 30),
        ("group=b", 30),
        ("small", 18),
    }


@pytest.mark.parametrize("slices", [{"by": ("grp",)}, {"odd": "nope = 1"}])
def test_a_slice_that_does_not_fit_the_data_is_a_mistake_with_its_place(project, slices):
    with pytest.raises(UsageError, match=r"mlci.yaml:4 slices\."):
        gate(project, **accuracy(), slices=slices)


@pytest.mark.slow
def test_a_slice_that_does_not_fit_a_value_does_not_show_it(project):
    with pytest.raises(UsageError, match="does not fit a value") as caught:
        gate(project, **accuracy(), slices={"odd": "cast(text as integer) > 3"})
    assert "xx" not in str(caught.value)


def test_predictions_may_come_from_a_file_joined_by_id(project):
    rows = [(at, "long" if at % 10 >= 5 else "short", 0.9 if at % 10 >= 5 else 0.2) for at, *_ in reversed(ROWS)]
    write(project / "preds.csv", ["id", "prediction", "p_long"], rows)
    settings = {"predict": None, "predictions": "preds.csv", "probability": "p_long", "positive": "long"}
    metrics = {"accuracy": Limits(), "roc_auc": Limits()}
    outcome = gate(project, metrics=metrics, **settings)
    assert [round(metric.value, 4) for metric in outcome.metrics] == [0.9, 0.9167]
    write(project / "preds.csv", ["id", "prediction", "p_long"], [*rows, (999, "long", 0.5)])
    assert (
        "1 more in preds.csv are of no example"
        in checks(gate(project, metrics=metrics, **settings))["model.m.predict"].summary
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        pytest.param(*([(1, "long")], "no prediction for 59 of 60 examples"), marks=pytest.mark.slow),
        ([(at, "long") for at in [*range(60), 3]], '1 ids in the column "id" are given twice'),
        pytest.param(*([(f"n{at}", "long") for at in range(60)], "ids of one file are texts"), marks=pytest.mark.slow),
    ],
)
def test_predictions_that_do_not_join_are_errored(project, rows, reason):
    write(project / "preds.csv", ["id", "prediction"], rows)
    outcome = gate(project, predict=None, predictions="preds.csv", **accuracy())
    assert reason in checks(outcome)["model.m.predict"].reason
    assert outcome.gate.status == "errored"


@pytest.mark.slow
def test_prepare_runs_first_in_the_project_and_without_a_shell(project):
    (project / "m.py").rename(project / "source.py")
    command = f"{sys.executable} -c \"import shutil; shutil.copy('source.py', 'm.py')\""
    assert gate(project, prepare=command, **accuracy()).gate.status == "passed"
    outcome = gate(
        project, prepare=f"{sys.executable} -c 'print(1); raise SystemExit(\"no bucket; rm\")'", **accuracy()
    )
    check = checks(outcome)["model.m.prepare"]
    assert (outcome.gate.status, "exit code 1: no bucket; rm" in check.reason) == ("errored", True)
    assert "no bucket" in check.details["output"]
    assert checks(outcome)["model.m.accuracy"].status == "errored"


SUITE = """\
tests:
  - {name: Long words, type: MFT, template: "{word}", expect: {label: long}}
  - {name: typos, type: INV, data: data.csv, input: text, perturb: punctuation, expect: {same-prediction: {tolerance: 0.2}}}
lexicons: {word: [abcdefg, abc]}
"""


def test_behaviour_suites_become_checks_and_a_file_of_failing_examples(project):
    (project / "suite.yaml").write_text(SUITE)
    outcome = gate(project, behaviour=("*.yaml",))
    found = checks(outcome)
    failed = found["model.m.behaviour.suite.long-words"]
    assert (failed.status, failed.where) == ("failed", Where(path="suite.yaml", line=2))
    assert failed.reason == "Long words: 1 of 2 cases fail (50.0%), and none may"
    assert failed.details["examples"][0]["input"] == "abc"
    assert found["model.m.behaviour.suite.typos"].status == "passed"
    rows = list(csv.DictReader((project / "out" / "behaviour" / "m-suite.csv").read_text().splitlines()))
    assert [(row["test"], row["input"]) for row in rows] == [("Long words", "abc")]


@pytest.mark.slow
def test_one_input_that_breaks_the_model_costs_only_its_own_test(project):
    (project / "m.py").write_text(
        PREDICT + "    assert 0\n\n\ndef picky(texts):\n    assert 'abc' not in texts\n    return predict(texts)\n"
    )
    (project / "suite.yaml").write_text(SUITE)
    found = checks(gate(project, predict="m:picky", behaviour=("suite.yaml",)))
    assert found["model.m.behaviour.suite.long-words"].status == "errored"
    assert "AssertionError" in found["model.m.behaviour.suite.long-words"].reason
    assert found["model.m.behaviour.suite.typos"].status == "passed"


@pytest.mark.parametrize(
    ("pattern", "status"), [("nowhere/*.yaml", "failed"), ("nowhere.yaml", "errored"), ("empty.yaml", "failed")]
)
def test_a_suite_that_is_not_there_or_has_no_test_is_no_pass(project, pattern, status):
    (project / "empty.yaml").write_text("tests: []\n")
    assert gate(project, behaviour=(pattern,)).gate.status == status


def test_a_mistake_in_a_suite_is_one_of_usage(project):
    (project / "suite.yaml").write_text(SUITE.replace("perturb: punctuation", "perturb: punctation"))
    with pytest.raises(UsageError, match=r'suite.yaml:3 tests\[1\].perturb: .*did you mean "punctuation"'):
        gate(project, behaviour=("suite.yaml",))


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ("data.csv", "passed"),
        pytest.param(*("m.py", "passed"), marks=pytest.mark.slow),
        ("README.md", "skipped"),
        ("model.onnx", "passed"),
    ],
)
def test_a_run_limited_to_files_looks_only_at_models_that_they_feed(project, changed, status):
    outcome = gate(project, files=frozenset({project / changed}), **accuracy())
    assert outcome.gate.status == status


@pytest.mark.slow
def test_the_fingerprint_follows_the_data_and_not_its_order(project):
    before = gate(project, **accuracy()).fingerprints
    write(project / "data.csv", ["id", "text", "size", "group"], ROWS[::-1])
    assert gate(project, **accuracy()).fingerprints == before
    write(project / "data.csv", ["id", "text", "size", "group"], ROWS[1:])
    assert gate(project, **accuracy()).fingerprints != before


@pytest.mark.slow
def test_changed_images_that_fail_are_kept_beside_the_report(project):
    from PIL import Image

    for name, level in (("light", 200), ("grey", 120)):
        Image.new("L", (8, 8), level).save(project / f"{name}.png")
    (project / "m.py").write_text(
        "from PIL import Image\n\n\ndef predict(paths):\n"
        "    return ['light' if Image.open(path).getpixel((0, 0)) > 100 else 'dark' for path in paths]\n"
    )
    (project / "suite.yaml").write_text(
        "tests:\n  - {name: dim, type: INV, examples: [light.png, grey.png], perturb: {brightness: {by: 0.7}}}\n"
    )
    outcome = gate(project, behaviour=("suite.yaml",))
    assert checks(outcome)["model.m.behaviour.suite.dim"].reason == "dim: 1 of 2 cases fail (50.0%), and none may"
    (kept,) = (project / "out" / "behaviour" / "m-suite-images").iterdir()
    assert kept.name.startswith("grey-")
    assert str(kept) in (project / "out" / "behaviour" / "m-suite.csv").read_text()


def test_suites_are_called_apart_and_each_is_run_once(project):
    for folder in ("a", "b"):
        (project / folder).mkdir()
        (project / folder / "s.yaml").write_text("tests: [{name: t, type: MFT, examples: [x], label: short}]")
    with pytest.raises(UsageError, match='the suites a/s.yaml and b/s.yaml are both called "s"'):
        gate(project, evaluate=None, behaviour=("*/s.yaml",))
    found = checks(gate(project, evaluate=None, behaviour=("a/s.yaml", "a/*.yaml")))
    assert [name for name in found if name.endswith(".t")] == ["model.m.behaviour.s.t"]


def test_failing_examples_with_half_characters_are_written(project):
    (project / "s.jsonl").write_text('{"name": "t", "type": "MFT", "examples": ["a \\ud800 b"], "label": "long"}')
    outcome = gate(project, evaluate=None, behaviour=("s.jsonl",))
    assert checks(outcome)["model.m.behaviour.s.t"].status == "failed"
    assert "a \\ud800 b" in (project / "out" / "behaviour" / "m-s.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("pattern", ["", "/nowhere/*.yaml", "a**b/*.yaml"])
def test_a_pattern_that_can_match_nothing_is_no_pass(project, pattern):
    (found,) = checks(gate(project, evaluate=None, behaviour=(pattern,))).values()
    assert found.status in ("failed", "errored")


def test_a_suite_may_lie_outside_of_the_project(project, tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "s.yaml"
    path.write_text("tests: [{name: t, type: MFT, examples: [x], label: short}]")
    assert checks(gate(project, evaluate=None, behaviour=(str(path),)))["model.m.behaviour.s.t"].status == "passed"


def ranked(root, **limits):
    (root / "rank.py").write_text("def predict(rows):\n    return [float(row['score']) for row in rows]\n")
    write(
        root / "judged.csv",
        ["id", "query", "score", "label"],
        [(at, at // 5, at % 5, int(at % 5 > 2)) for at in range(50)],
    )
    evaluate = Evaluate(data="judged.csv", id="id", group="query")
    metrics = {name: MetricLimits(**said) for name, said in limits.items()}
    return gate(root, predict="rank:predict", evaluate=evaluate, metrics=metrics)


def test_rankings_are_measured_by_group_and_their_settings_are_remembered(tmp_path):
    found = ranked(tmp_path, ndcg={"min": 0.99}, first={"metric": "recall_at_k", "k": 1, "min": 0.6})
    assert {name: check.status for name, check in checks(found).items() if "predict" not in name} == {
        "model.m.ndcg": "passed",
        "model.m.first": "failed",
    }
    assert {metric.name: metric.value for metric in found.metrics}["model.m.first"] == 0.5
    assert found.fingerprints["model.m.first.settings"] == '["recall_at_k", {"k": 1}]'
    assert found.fingerprints["model.m.ndcg.settings"] == '["ndcg", {"k": null}]'


def test_rankings_of_two_runs_are_compared_by_group(tmp_path):
    asked = {"ndcg": {"max_drop": 0.01}, "first": {"metric": "recall_at_k", "k": 1, "max_drop": 0.01}}
    before = ranked(tmp_path, **asked)
    other = replace(before.predicted["m"], columns={**before.predicted["m"].columns, "prediction": [0.0] * 50})
    changes = list(paired_changes(before.predicted["m"], other, before.metrics, false_alarm_rate=0.05))
    assert {(change.metric, change.status) for change in changes} == {
        ("model.m.ndcg", "failed"),
        ("model.m.first", "failed"),
    }
