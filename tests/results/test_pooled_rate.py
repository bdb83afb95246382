"""Simulated pull requests without a regression: merged over several legs they are blocked no more often than stated."""

import json
import random
import subprocess
import sys

import pytest

from mlci.model.paired import Predicted, paired_changes
from mlci.results import files
from mlci.results.merge import merge
from mlci.results.model import Comparison, Gate, Metric, Results, worst
from mlci.results.status import verdict_of

pytestmark = pytest.mark.slow
N, LEGS, REPEATS, RATE = 400, 4, 400, 0.05
METRICS = [
    Metric(name=f"model.m.{name}", value=0.9, n=N, higher_is_better=True, max_drop=0.0)
    for name in ("accuracy", "f1_macro")
]
LABELS = [at % 2 for at in range(N)]


def said(draw, *, wrong):
    prediction = [one ^ (draw.random() < wrong) for one in LABELS]
    return Predicted(
        columns={"id": list(range(N)), "label": LABELS, "prediction": prediction}, slices={}, positive=1, order=range(N)
    )


def leg(name, draw, *, wrong=0.1):
    pair = said(draw, wrong=0.1), said(draw, wrong=wrong)
    changes = tuple(paired_changes(*pair, METRICS, false_alarm_rate=RATE))
    status = worst(change.status for change in changes)
    return Results(
        schema=1, mlci="0", project="p", started="2026-01-01T00:00:00+00:00", duration_s=1.0, cell=name,
        verdict=verdict_of([status]), gates=(Gate(name="model", status="passed"),),
        comparison=Comparison(status=status, reason=changes[0].reason, changes=changes),
    )  # fmt: skip


def test_harmless_changes_are_blocked_at_most_at_the_rate_over_all_legs():
    draw = random.Random(11)
    alone = together = 0
    for _ in range(REPEATS):
        legs = [leg(str(at), draw) for at in range(LEGS)]
        alone += any(one.verdict == "failed" for one in legs)
        together += merge(legs).verdict == "failed"
    noise = 3 * (RATE * (1 - RATE) * REPEATS) ** 0.5
    print(f"{alone / REPEATS:.1%} of {REPEATS} harmless changes blocked by a leg, {together / REPEATS:.1%} merged")
    assert alone > RATE * REPEATS + noise  # each leg for itself blocks too many
    assert 0 < together <= RATE * REPEATS + noise


def test_a_regression_in_one_leg_blocks_the_merged_report(tmp_path):
    draw = random.Random(5)
    legs = [leg("0", draw), leg("1", draw, wrong=0.2), leg("2", draw)]
    for at, one in enumerate(legs):
        files.write(tmp_path / f"{at}.json", one)
    names = [f"{at}.json" for at in range(3)]
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "report", *names, "--out", "merged"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    merged = json.loads((tmp_path / "merged" / "results.json").read_text())
    fell = [one for one in merged["comparison"]["changes"] if one["status"] == "failed"]
    assert done.returncode == 1, done.stdout + done.stderr
    assert {one["metric"] for one in fell} == {"1/model.m.accuracy", "1/model.m.f1_macro"}


def test_what_a_leg_alone_would_block_by_chance_passes_merged(tmp_path):
    draw = random.Random(7)
    legs = [leg(str(at), draw) for at in range(3)]
    while [one.verdict for one in legs].count("failed") != 1 or merge(legs).verdict == "failed":
        legs = [leg(str(at), draw) for at in range(3)]
    for at, one in enumerate(legs):
        files.write(tmp_path / f"{at}.json", one)

    def report(*names):
        command = [sys.executable, "-m", "mlci", "report", *names, "--out", "merged"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    done = report("0.json", "1.json", "2.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "over 3 legs that is no more than chance" in (tmp_path / "merged" / "summary.md").read_text()
    (bad,) = [at for at, one in enumerate(legs) if one.verdict == "failed"]
    assert report(f"{bad}.json").returncode == 1
