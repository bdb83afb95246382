"""`mlci calibrate` on real models and commands."""

import subprocess
import sys

import pytest

from mlci.config.load import load

pytestmark = pytest.mark.slow
CONFIG = """version: 1  # ours
python: {python}
model:
  m:
    predict: model:predict
    evaluate: {{data: data.csv, input: x, label: y}}
    cache: true
    model-files: []
    metrics:
      accuracy: {{max-drop: 0.001}}  # too strict
"""
SAME = "def predict(inputs):\n    return [(x % 2) ^ (x % 10 == 0) for x in inputs]\n"
NOISY = """import os
import random


def predict(inputs):
    draw = random.Random(os.environ["MLCI_REPEAT"]).random
    return [(x % 2) ^ (draw() < 0.1) for x in inputs]
"""


@pytest.fixture
def calibrated(tmp_path):
    def run(model, *arguments, config=CONFIG):
        (tmp_path / "mlci.yaml").write_text(config.format(python=sys.executable))
        (tmp_path / "data.csv").write_text("x,y\n" + "".join(f"{x},{x % 2}\n" for x in range(300)))
        (tmp_path / "model.py").write_text(model)
        command = [sys.executable, "-m", "mlci", "calibrate", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_a_deterministic_model_is_said_to_be_one_and_limits_are_written(calibrated, tmp_path):
    done = calibrated(SAME, "--runs", "2", "--write")
    assert done.returncode == 0, done.stderr
    assert "2 runs gave the same numbers: there is no noise to measure." in done.stdout
    assert "Plain tolerance (stored aggregates): the present limits block" in done.stdout
    assert "mlci.yaml: 1 `max-drop` written" in done.stdout
    text = (tmp_path / "mlci.yaml").read_text()
    assert "# too strict" in text
    assert "# ours" in text
    limit = load(tmp_path / "mlci.yaml", start=tmp_path, use_cache=False).config.model["m"].metrics["accuracy"].max_drop
    assert 0.005 < limit < 0.05


def test_a_model_that_scatters_is_measured_and_pointed_to_its_history(calibrated, tmp_path):
    before = CONFIG.format(python=sys.executable)
    done = calibrated(NOISY, "--runs", "3")
    assert done.returncode == 0, done.stderr
    assert "3 runs differ; what is suggested is of 6 pairs of them." in done.stdout
    assert (tmp_path / "mlci.yaml").read_text() == before  # nothing is written unless asked for


def test_a_command_is_run_before_each(calibrated, tmp_path):
    (tmp_path / "train.py").write_text(
        "import json, os, pathlib\npathlib.Path('m.json').write_text(json.dumps({'f1': 0.8 + int(os.environ['MLCI_REPEAT']) / 100}))\n"
    )
    config = "version: 1\npython: {python}\nmetrics:\n  m.json: {{f1: {{direction: higher}}}}\n"
    done = calibrated(SAME, "--runs", "3", "--command", f"{sys.executable} train.py", "--write", config=config)
    assert done.returncode == 0, done.stderr
    assert "metrics.m.json.f1   0.82    0.01" in done.stdout
    assert "{max-drop: 0.042, direction: higher}" in (tmp_path / "mlci.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--runs", "1"], 2, "--runs 1: must be from 2 to 100"),
        (["--changed", "2"], 2, '"2" is no share between 0 and 1'),
        (["--command", f"{sys.executable} -c 'raise SystemExit(4)'"], 3, "ended with exit code 4"),
        (["--command", "no-such-program"], 3, "no-such-program"),
    ],
)
def test_what_cannot_be_run_is_said(calibrated, arguments, code, says):
    done = calibrated(SAME, *arguments)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_fails_is_no_calibration(calibrated):
    done = calibrated("def predict(inputs):\n    raise ValueError('no')\n", "--runs", "2")
    assert done.returncode == 3
    assert "the model gate could not run" in done.stderr
