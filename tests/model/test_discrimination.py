"""A suite that never sees anything is said, once there is something that it should have seen."""

import json
import subprocess
import sys

import pytest

from mlci.baselines.model import Stored
from mlci.model.behaviour.discrimination import never_failed
from mlci.results.model import Metric

NAME = "model.m.behaviour.s.failure_rate"


def metric(name, value):
    return Metric(name=name, value=value, higher_is_better=True)


def stored(accuracy, rate=0.0):
    metrics = (metric("model.m.accuracy", accuracy), metric(NAME, rate))
    return Stored(schema=1, mlci="0.1.0", created="2026-01-01", metrics=metrics)


def said(history, now=0.0, accuracy=0.8):
    return never_failed(metric(NAME, now), [metric("model.m.accuracy", accuracy)], history, model="m")


def test_a_suite_that_saw_nothing_of_a_change_is_named():
    history = [stored(value) for value in (0.75, 0.8, 0.84, 0.8, 0.79)]
    assert said(history) == (
        "no case has failed in this run or in the 5 stored before it, while accuracy ran from 0.75 to 0.84: "
        "the suite does not tell these models apart"
    )


@pytest.mark.parametrize(
    ("history", "now"),
    [
        ([stored(value) for value in (0.75, 0.8, 0.84, 0.8)], 0.0),
        ([stored(0.8)] * 9, 0.0),
        ([*[stored(value) for value in (0.75, 0.8, 0.84, 0.8, 0.79)], stored(0.8, rate=0.1)], 0.0),
        ([stored(value) for value in (0.75, 0.8, 0.84, 0.8, 0.79)], 0.1),
        ([], 0.0),
    ],
    ids=["few runs", "no change", "a failure once", "a failure now", "nothing stored"],
)
def test_nothing_is_said_where_nothing_is_known(history, now):
    assert said(history, now) is None


SUITE = "tests: [{name: t, type: MFT, examples: [x], expect: {label: a}}, {name: u, type: MFT, examples: [y], expect: {label: b}}]\n"
CONFIG = """\
version: 1
model:
  m:
    predict: m:predict
    evaluate: {data: d.csv, input: text}
    metrics: {accuracy: {}}
    behaviour: [s.yaml]
baseline: {store: file}
"""


@pytest.mark.slow
def test_the_failure_rate_is_stored_and_the_history_is_read_from_git(tmp_path):
    def git(*words):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    def mlci(*words):
        return subprocess.run(
            [sys.executable, "-m", "mlci", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    (tmp_path / "mlci.yaml").write_text(CONFIG)
    (tmp_path / "s.yaml").write_text(SUITE)
    (tmp_path / "m.py").write_text("def predict(texts):\n    return ['b' if text == 'y' else 'a' for text in texts]\n")
    git("init", "-q", "-b", "main")
    (tmp_path / "d.csv").write_text("text,label\n" + "".join(f"t{at},{'a' if at < 9 else 'b'}\n" for at in range(10)))
    assert mlci("baseline", "save").returncode == 0
    store = tmp_path / "mlci-baseline.json"
    saved = json.loads(store.read_text())
    numbers = {one["name"]: one for one in saved["metrics"]}
    assert numbers[NAME]["value"] == 0
    for accuracy in (0.9, 0.8, 0.7, 0.8, 0.9):
        numbers["model.m.accuracy"]["value"] = accuracy
        store.write_text(json.dumps(saved))
        git("add", "-A")
        git("commit", "-qm", "baseline")
    done = mlci("run")
    assert done.returncode == 0
    assert (
        "no case has failed in this run or in the 5 stored before it, while accuracy ran from 0.7 to 0.9" in done.stdout
    )
