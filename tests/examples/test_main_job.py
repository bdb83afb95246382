"""The main job on the examples: good passes, worse is blocked, what cannot run is told, a typo is found."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def say(capsys, what, done, line):
    with capsys.disabled():
        print(f"\n  {what:42} exit {done.returncode}  {line}", end="")


def test_both_examples_pass_as_they_are(example, capsys):
    for name in ("tabular", "sentiment"):
        done = example(name).mlci("run")
        say(capsys, f"mlci run in examples/{name}", done, done.stdout.splitlines()[-2])
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_that_makes_data_and_model_worse_is_blocked_and_the_summary_says_why(example, capsys):
    tabular = example("tabular")
    saved = tabular.mlci("baseline", "save")
    assert saved.returncode == 0, saved.stdout + saved.stderr
    tabular.commit("baseline")
    tabular.git("switch", "--quiet", "--create", "worse")
    subprocess.run([sys.executable, "degrade.py"], cwd=tabular.folder, check=True)
    tabular.commit("worse")
    done = tabular.mlci("run")
    say(capsys, "after the degrading change", done, done.stdout.splitlines()[-2])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "data.train.expect_column_values_to_not_be_null.diagnosis" in tabular.summary
    assert "data.train.expect_column_values_to_be_between.mean_radius" in tabular.summary
    assert (
        "<code>model.cancer.accuracy</code> **is 0.0629 worse: 0.9371 → 0.8741, at most 0.02 allowed**"
        in tabular.summary
    )
    rows = (tabular.folder / "mlci-report" / "failing-rows" / "train.csv").read_text().splitlines()
    assert len(rows) == 1 + 29 + 22  # a header, the rows without a diagnosis, those with a bad radius


def test_the_first_pull_request_is_compared_with_a_baseline_computed_at_its_base(example, capsys):
    tabular = example("tabular")
    tabular.replace("mlci.yaml", "baseline: {store: file}", "baseline: {recompute: true}")
    tabular.commit("recompute")
    tabular.git("switch", "--quiet", "--create", "worse")
    subprocess.run([sys.executable, "degrade.py"], cwd=tabular.folder, check=True)
    tabular.commit("worse")
    done = tabular.mlci("run", "model")
    say(capsys, "with the baseline computed at the base", done, done.stdout.splitlines()[-2])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "model.cancer.accuracy is 0.0629 worse: 0.9371 → 0.8741" in done.stdout
    assert tabular.git("worktree", "list").count("\n") == 0


def test_a_model_that_crashes_cannot_run(example, capsys):
    tabular = example("tabular")
    tabular.replace("cancer/model.py", "    model = _model()\n", "    import ctypes\n    ctypes.string_at(0)\n")
    done = tabular.mlci("run", "model")
    say(capsys, "predict crashes", done, done.stdout.splitlines()[-2])
    assert done.returncode == 3
    assert "SIGSEGV" in done.stdout
    assert "SIGSEGV" in tabular.summary


def test_a_misspelt_key_is_found_with_its_line_and_the_right_name(example, capsys):
    tabular = example("tabular")
    tabular.replace("mlci.yaml", "    predict:", "    predct:")
    done = tabular.mlci("run")
    say(capsys, "a misspelt key", done, done.stderr.splitlines()[0])
    assert done.returncode == 2
    assert 'mlci.yaml:26 model.cancer.predct: unknown key, did you mean "predict"?' in done.stderr


def test_the_demonstration_ends_well(capsys):
    demo = Path(__file__).resolve().parent.parent.parent / "examples" / "demo.py"
    done = subprocess.run([sys.executable, demo], capture_output=True, text=True, check=False)
    say(capsys, "make demo", done, done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mlci: blocked" in done.stdout
