"""Metrics of the project's own in the model gate, run by real workers, and compared with a baseline computed anew."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from mlci.config.load import load
from mlci.engine import run as run_engine
from mlci.errors import ConfigError, UsageError
from mlci.gates.model import run
from mlci.interpreter import Interpreter
from mlci.request import Request

pytestmark = pytest.mark.slow

ROWS = [
    (at, "x" * (at % 10 + 1), "long" if at % 10 >= 5 or at % 10 == 0 else "short", "ab"[at % 2]) for at in range(60)
]
DATA = "id,text,size,group\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS)
PREDICT = """\
def predict(texts):
    return [{"label": "long" if len(text) > 5 else "short",
             "probabilities": {"long": min(len(text) / 10, 1), "short": 1 - min(len(text) / 10, 1)}} for text in texts]
"""
PLUGINS = """\
from mlci.plugins import metric


@metric(direction="lower")
def cost(labels, predictions, *, of_long: float = 1.0):
    '''What mistakes cost.'''
    with open("calls.txt", "a") as file:
        file.write("cost\\n")
    return [(of_long if label == "long" else 1) * (label != said) for label, said in zip(labels, predictions)]


@metric(direction="higher")
def share_of_long(labels, predictions):
    '''Share of predictions that are long.'''
    return sum(said == "long" for said in predictions) / len(predictions)


def sure(labels, predictions, probabilities, inputs):
    assert all(set(row) == {"long", "short"} for row in probabilities)
    assert all(set(text) == {"x"} for text in inputs)
    return sum(max(row.values()) for row in probabilities) / len(labels)


def only_short_slices(labels, predictions):
    if len(labels) < 60:
        raise ValueError("too few")
    return 1.0
"""
MODEL = "    evaluate: {data: data.csv, input: text, label: size, id: id}\n"


@pytest.fixture
def measure(project):
    def checks(
        metrics, more="", plugins=PLUGINS, predict=PREDICT, python=Path(sys.executable), settings="[tests.plugins]"
    ):
        config = f"plugins: {settings}\nmodel:\n  m:\n    predict: m:predict\n{MODEL}    metrics:\n"
        config += "".join(f"      {one}\n" for one in metrics) + more
        return run(project(config, {"data.csv": DATA, "tests/plugins.py": plugins, "m.py": predict}, python))

    return checks


def by_id(outcome):
    return {check.id.removeprefix("model.m."): check for check in outcome.gate.checks}


def test_a_metric_is_a_mean_over_examples_or_one_number(measure, tmp_path):
    outcome = measure(
        [
            "cost: {max: 0.05, settings: {of_long: 3}}",
            "share-of-long: {min: 0.4}",
            "sure: {function: 'tests.plugins:sure'}",
            "cost_once_more: {function: cost, max: 0.5}",
            "accuracy: {}",
        ],
        more="    slices: {by: [group]}\n    slice-metrics: {cost: {max: 0.5}}\n",
    )
    found = by_id(outcome)
    assert (found["cost"].status, found["cost"].details["n"]) == ("failed", 60)
    assert found["cost"].reason == "cost is 0.3 (n = 60), above the maximum of 0.05"
    assert found["cost"].details["interval_method"] == "Student's t"
    low, high = found["cost"].details["interval"]
    assert low < 0.3 < high
    assert found["cost.group=b"].summary == "cost where group=b is 0 (n = 30), at most 0.5 asked for"
    assert found["cost.group=a"].status == "failed"
    assert (found["share-of-long"].status, found["sure"].status) == ("passed", "passed")
    assert found["cost_once_more"].summary == "cost_once_more is 0.1 (n = 60), at most 0.5 asked for"
    metric = next(one for one in outcome.metrics if one.name == "model.m.cost" and one.slice is None)
    assert (metric.value, metric.higher_is_better) == (pytest.approx(0.3), False)
    assert (tmp_path / "calls.txt").read_text().split() == ["cost", "cost"]


def test_an_interpreter_without_mlci_runs_them_too(measure, bare):
    found = by_id(measure(["cost: {max: 0.5}"], python=bare))
    assert found["cost"].status == "passed"


def test_a_slice_on_which_it_fails_is_inconclusive(measure):
    metrics = ["only: {function: 'tests.plugins:only_short_slices'}"]
    found = by_id(measure(metrics, more="    slices: {by: [group]}\n"))
    assert found["only"].status == "passed"
    assert (found["only.group=a"].status, found["only.group=a"].reason) == ("inconclusive", "ValueError: too few")


def test_a_function_chooses_a_slice(measure):
    plugins = """\
    def in_group(rows, *, group: str = "a"):
        return [row["group"] == group and row["id"] >= 0 for row in rows]

    def fails(rows):
        raise ValueError("not these")
    """
    slices = (
        "a: {function: 'tests/plugins.py:in_group'}, b: {function: 'tests.plugins:in_group', settings: {group: b}}, "
        "c: {function: 'tests.plugins:fails'}, none: {function: 'tests.plugins:in_group', settings: {group: z}}, "
        "low: id < 30"
    )
    more = f"    slices: {{{slices}}}\n"
    found = by_id(measure(["accuracy: {}"], more=more, plugins=plugins, settings="[]"))
    assert [found[f"accuracy.{name}"].details["n"] for name in ("a", "b", "low")] == [30, 30, 30]
    assert (found["slices.c"].status, found["slices.none"].status) == ("errored", "failed")
    assert "raised ValueError: not these (tests/plugins.py:5)" in found["slices.c"].reason
    wrong = "    slices: {a: {function: 'tests.plugins:in_group', settings: {gruop: b}}}\n"
    with pytest.raises(UsageError, match='slice "a" has no setting "gruop", did you mean "group"'):
        measure(["accuracy: {}"], more=wrong, plugins=plugins, settings="[]")


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("cots: {}", 'unknown metric "cots", did you mean "cost"?'),
        ("acuracy: {}", 'did you mean "accuracy"?'),
        ("cost: {settings: {of_lnog: 2}}", 'metric "cost" has no setting "of_lnog", did you mean "of_long"?'),
        ("cost: {settings: {of_long: much}}", "of_long is 'much', which is no number"),
        ("sure: {function: 'tests.plugins:sure', max-drop: 0.1}", "has `max-drop` and no `direction`"),
    ],
)
def test_mistakes_are_usage_errors_with_their_line(measure, metric, says):
    with pytest.raises(UsageError) as caught:
        measure([metric])
    assert "mlci.yaml:8" in str(caught.value)
    assert says in str(caught.value)


def test_a_function_for_a_built_in_metric_is_refused(measure):
    with pytest.raises(ConfigError, match='"accuracy" is a built-in metric'):
        measure(["accuracy: {function: 'tests.plugins:sure'}"])


def test_each_way_to_fail_is_an_errored_check_of_its_own(measure):
    plugins = """\
    import os, signal, time

    def raises(labels, predictions): raise KeyError("x")
    def text(labels, predictions): return "much"
    def short(labels, predictions): return [1, 2]
    def texts(labels, predictions): return ["a"] * len(labels)
    def nan(labels, predictions): return float("nan")
    def nans(labels, predictions): return [float("nan")] * len(labels)
    def hangs(labels, predictions): time.sleep(60)
    def dies(labels, predictions): os.kill(os.getpid(), signal.SIGKILL)
    def needs(labels, predictions, probabilities): return 1
    """
    predict = "def predict(texts):\n    return ['long'] * len(texts)\n"
    names = ["raises", "text", "short", "texts", "nan", "nans", "hangs", "dies", "needs", "absent"]
    metrics = [f"{name}: {{function: 'tests/plugins.py:{name}'}}" for name in names]
    settings = "{modules: [], timeout: 2}"
    found = by_id(measure([*metrics, "accuracy: {}"], plugins=plugins, predict=predict, settings=settings))
    assert found["accuracy"].status == "passed"
    expected = {
        "raises": "raised KeyError: 'x'",
        "text": "answered a value of type str, not a number or a number for each example",
        "short": "gave 2 values for 60 examples",
        "texts": "answered a value of type str at position 0, not a number",
        "nan": "it is nan on these 60 examples",
        "nans": "it is nan on these 60 examples",
        "hangs": "did not answer within 2 s",
        "dies": "was killed by SIGKILL",
        "needs": "needs probabilities, and the model gives none",
        "absent": 'has no "absent"',
    }
    for name, says in expected.items():
        assert found[name].status == "errored"
        assert says in found[name].reason


def git(root, *arguments):
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def change(tmp_path):
    """Runs the engine on a change of a repository, against a baseline computed anew."""

    def compared(before, after, config):
        git(tmp_path, "init", "-q", "-b", "main")
        for name, text in {**before, "mlci.yaml": config}.items():
            (tmp_path / name).write_text(text)
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", "base")
        git(tmp_path, "checkout", "-qb", "change")
        for name, text in after.items():
            (tmp_path / name).write_text(text)
        git(tmp_path, "commit", "-qam", "change")
        request = Request(
            loaded=load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False),
            out=tmp_path / "out",
            environ={},
            find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"),
            base="main",
        )
        return {(one.metric, one.slice): one for one in run_engine(request).comparison.changes}

    return compared


NUMBERS = """\
def predict(rows):
    return [row["x"] + {noise} * ((row["id"] * 7919) % 13 - 6) for row in rows]
"""
CONFIG = """\
version: 1
baseline: {recompute: true}
plugins: [costs]
model:
  m:
    predict: m:predict
    evaluate: {data: data.csv, label: y, id: id, input: [x, id]}
    metrics:
      cost: {max-drop: 0.02}
      total: {max-drop: 0.02}
      mean_absolute_error: {max-drop: 0.02}
    slices: {large: x > 0.5}
    slice-metrics: {cost: {max-drop: 0.05}}
"""
COSTS = """\
from mlci.plugins import metric

@metric(direction="lower")
def cost(labels, predictions):
    return [abs(label - said) for label, said in zip(labels, predictions)]

@metric(direction="lower")
def total(labels, predictions):
    return sum(abs(label - said) for label, said in zip(labels, predictions)) / len(labels)
"""


def numbers():
    rng = random.Random(3)
    rows = [(at, round(rng.random(), 3)) for at in range(300)]
    return "id,x,y\n" + "".join(f"{at},{x},{x + round(rng.gauss(0, 0.02), 3)}\n" for at, x in rows)


def test_values_by_example_are_compared_paired_and_one_number_plainly(change):
    files = {"data.csv": numbers(), "m.py": NUMBERS.format(noise=0.001), "costs.py": COSTS}
    found = change(files, {"m.py": NUMBERS.format(noise=0.03)}, CONFIG)
    cost, total = found["model.m.cost", None], found["model.m.total", None]
    error = found["model.m.mean_absolute_error", None]
    assert (cost.status, total.status, error.status) == ("failed", "failed", "failed")
    assert cost.p_value is not None
    assert (cost.baseline, cost.candidate) == (pytest.approx(error.baseline), pytest.approx(error.candidate))
    assert cost.p_value == pytest.approx(error.p_value)
    assert total.p_value is None
    assert found["model.m.cost", "large"].p_value is not None


def test_another_function_is_not_comparable(change):
    files = {"data.csv": numbers(), "m.py": NUMBERS.format(noise=0.001), "costs.py": COSTS}
    found = change(files, {"costs.py": COSTS.replace("return [abs(", "return [2 * abs(")}, CONFIG)
    cost = found["model.m.cost", None]
    assert cost.status == "inconclusive"
    assert cost.reason.startswith("not comparable")
    assert found["model.m.total", None].status == "passed"
