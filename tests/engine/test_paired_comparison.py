"""A baseline computed at the merge-base is compared example by example: a drop must be more than chance."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
PERSON = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
CONFIG = """version: 1
model:
  m:
    predict: model:predict
    evaluate: {data: data.csv, input: x, label: y, id: id}
    metrics: {accuracy: {max-drop: 0.01}}
    slices: {even: x % 2 = 0}
    slice-metrics: {accuracy: {max-drop: 0.01}}
baseline: {recompute: true}
"""
ROWS = 200
MODEL = """WRONG = {wrong}

def predict(inputs):
    return [(x % 2) ^ (x in WRONG) for x in inputs]
"""


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ)


@pytest.fixture
def compared(tmp_path):
    def compare(*, before, now, config=CONFIG):
        (tmp_path / "mlci.yaml").write_text(config)
        rows = "".join(f"e{x},{x},{x % 2}\n" for x in range(ROWS))
        (tmp_path / "data.csv").write_text(f"id,x,y\n{rows}")
        (tmp_path / "model.py").write_text(MODEL.format(wrong=set(before) or "set()"))
        for command in (["init", "-qb", "main"], ["add", "-A"], ["commit", "-qm", "1"], ["switch", "-qc", "change"]):
            assert run(tmp_path, "git", *PERSON, *command).returncode == 0
        (tmp_path / "model.py").write_text(MODEL.format(wrong=set(now) or "set()"))
        assert run(tmp_path, "git", *PERSON, "commit", "--allow-empty", "-qam", "2").returncode == 0
        done = run(tmp_path, sys.executable, "-m", "mlci", "run", "--python", sys.executable)
        results = json.loads((tmp_path / "mlci-report" / "results.json").read_text())
        overall = next(change for change in results["comparison"]["changes"] if change["slice"] is None)
        return done, overall, results

    return compare


def test_a_drop_within_chance_is_inconclusive_and_does_not_block(compared):
    done, change, results = compared(before=range(1, 21), now=range(17, 42))  # 16 mended, 21 newly wrong: 2.5 points
    assert done.returncode == 0, done.stdout + done.stderr
    assert change["drop"] == pytest.approx(0.025)
    assert change["status"] == "inconclusive"
    assert change["p_value"] > 0.05
    assert change["reason"]
    assert "paired, example by example" in results["comparison"]["rule"]
    assert "inconclusive" in (done.stdout)


def test_a_drop_beyond_chance_blocks(compared):
    done, change, _ = compared(before=range(1, 11), now=range(1, 41))  # 30 newly wrong, none mended
    assert done.returncode == 1, done.stdout + done.stderr
    assert change["status"] == "failed"
    assert change["p_value"] < 0.001
    assert "model.m.accuracy is 0.15 worse: 0.95 → 0.8, at most 0.01 allowed (adjusted p = " in change["reason"]


def test_a_significant_drop_within_the_limit_passes(compared):
    done, change, _ = compared(
        before=range(1, 11), now=range(1, 41), config=CONFIG.replace("max-drop: 0.01", "max-drop: 0.2")
    )
    assert (done.returncode, change["status"]) == (0, "passed"), done.stdout


def test_a_drop_on_a_slice_alone_is_found(compared):
    done, _, results = compared(before=[], now=range(0, 40, 2))
    failed = [(one["metric"], one["slice"]) for one in results["comparison"]["changes"] if one["status"] == "failed"]
    assert ("model.m.accuracy", "even") in failed
    assert done.returncode == 1


def test_no_changed_prediction_is_no_drop(compared):
    done, change, _ = compared(before=range(5), now=range(5))
    assert (done.returncode, change["status"], change["drop"]) == (0, "passed", 0)


@pytest.mark.parametrize(("rate", "code"), [("0.05", 1), ("0.0000001", 0)])
def test_the_false_alarm_rate_decides_what_is_chance(compared, rate, code):
    config = CONFIG.replace("version: 1\n", f"version: 1\nfalse-alarm-rate: {rate}\n")
    done, _, _ = compared(before=range(1, 11), now=range(3, 25), config=config)  # 14 newly wrong, 2 mended
    assert done.returncode == code, done.stdout


def test_the_base_is_run_with_its_own_code_where_the_change_is_installed(tmp_path, lend_pytest):
    package = tmp_path / "src" / "installed"
    package.mkdir(parents=True)
    (tmp_path / "data.csv").write_text("id,x,y\n" + "".join(f"e{x},{x},{x % 2}\n" for x in range(ROWS)))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(
        "from installed import WRONG\n\n\ndef test_it():\n    assert not WRONG\n"
    )
    config = CONFIG.replace("model:predict", "installed:predict").replace("data.csv, input", "data.csv, input")
    (tmp_path / "mlci.yaml").write_text(config + "code: {pytest: [tests], source: [installed]}\n")
    (package / "__init__.py").write_text(MODEL.format(wrong="set()"))
    environment = tmp_path / ".venv"
    run(tmp_path, sys.executable, "-m", "venv", "--without-pip", str(environment))
    site = next((environment / "lib").glob("python*")) / "site-packages"
    (site / "editable.pth").write_text(f"{tmp_path / 'src'}\n")
    lend_pytest(environment)
    (tmp_path / ".gitignore").write_text(".venv\n__pycache__\n")
    for command in (["init", "-qb", "main"], ["add", "-A"], ["commit", "-qm", "1"], ["switch", "-qc", "change"]):
        assert run(tmp_path, "git", *PERSON, *command).returncode == 0
    (package / "__init__.py").write_text(MODEL.format(wrong=set(range(40))))
    run(tmp_path, "git", *PERSON, "commit", "-qam", "2")
    done = run(tmp_path, sys.executable, "-m", "mlci", "run")
    assert "model.m.accuracy is 0.2 worse: 1 → 0.8" in done.stdout, done.stdout + done.stderr
    coverage = next(
        change
        for change in json.loads((tmp_path / "mlci-report" / "results.json").read_text())["comparison"]["changes"]
        if change["metric"] == "code.coverage.total"
    )
    assert coverage["baseline"] > 0
