"""Profiles in the baseline: kept, found at the merge-base, compared with, and without rows."""

import json
import random
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

CONFIG = """version: 1
data:
  people: {{path: people.csv, drift: {{baseline: true}}}}
model:
  ages:
    predict: said:predict
    evaluate: {{data: holdout.csv, label: label, id: id}}
    metrics: {{accuracy: {{}}}}
    drift: {drift}
baseline: {{store: file{recompute}}}
"""
MODEL = """def predict(rows):
    return [
        {"label": "old" if (p := min(1.0, max(0.0, row["age"] / 80 + SHIFT))) >= 0.5 else "young",
         "probabilities": {"old": p, "young": 1 - p}}
        for row in rows
    ]

SHIFT = 0.0
"""


def people(seed, rows=1500, shift=0.0):
    rng = random.Random(seed)
    lines = [f"{at},{rng.gauss(40 + shift, 12):.1f},{rng.choice(['Oslo', 'Rome'])}" for at in range(rows)]
    lines[7] = "7,213.7,Ultima Thule"
    return "\n".join(["id,age,city", *lines]) + "\n"


def holdout():
    rng = random.Random(9)
    ages = [rng.gauss(40, 12) for _ in range(800)]
    return (
        "\n".join(
            ["id,age,label", *(f"{at},{age:.1f},{'old' if age > 40 else 'young'}" for at, age in enumerate(ages))]
        )
        + "\n"
    )


@pytest.fixture
def project(tmp_path):
    class Project:
        root = tmp_path

        def git(self, *arguments):
            command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
            subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

        def mlci(self, *arguments):
            command = [sys.executable, "-m", "mlci", *arguments, "--python", sys.executable]
            return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

        def checks(self, code, *arguments):
            done = self.mlci("run", *arguments)
            assert done.returncode == code, done.stdout + done.stderr
            results = json.loads((tmp_path / "mlci-report" / "results.json").read_text())
            return {check["id"]: check for gate in results["gates"] for check in gate["checks"]}

        def write(self, *, drift="{}", recompute=False):
            settings = CONFIG.format(drift=drift, recompute=", recompute: true" if recompute else "")
            (tmp_path / "mlci.yaml").write_text(settings)
            (tmp_path / "people.csv").write_text(people(1))
            (tmp_path / "holdout.csv").write_text(holdout())
            (tmp_path / "said.py").write_text(MODEL)

        def commit(self):
            self.git("init", "-q", "-b", "main")
            self.git("add", "-A")
            self.git("commit", "-qm", "one")
            self.git("checkout", "-qb", "change")
            self.git("commit", "-q", "--allow-empty", "-m", "two")

    return Project()


def test_data_and_predictions_are_compared_with_the_committed_profile(project):
    project.write()
    saved = project.mlci("baseline", "save")
    assert "2 numbers and 2 profiles saved" in saved.stdout, saved.stdout + saved.stderr
    text = (project.root / "mlci-baseline.json").read_text()
    assert "Ultima Thule" not in text
    assert "213.7" not in text
    assert '"Oslo"' in text
    project.commit()
    same = project.checks(0)
    assert same["data.people.drift.age"]["summary"].startswith("`age` is as in the baseline")
    assert same["model.ages.prediction-drift"]["status"] == "passed"
    assert same["model.ages.prediction-drift.probability"]["status"] == "passed"

    (project.root / "people.csv").write_text(people(2, shift=6))
    (project.root / "said.py").write_text(MODEL.replace("SHIFT = 0.0", "SHIFT = 0.1"))
    found = project.checks(1)
    assert found["data.people.drift.age"]["reason"].startswith("`age` shifted up: PSI")
    assert found["data.people.drift.city"]["status"] == "passed"
    assert found["model.ages.prediction-drift"]["status"] == "warned"
    assert "`prediction` changed: PSI" in found["model.ages.prediction-drift"]["reason"]
    assert found["model.ages.prediction-drift.probability"]["status"] == "warned"


def test_base_is_profiled_anew(project):
    project.write(drift="{severity: error}", recompute=True)
    project.commit()
    (project.root / "people.csv").write_text(people(2, shift=6))
    (project.root / "said.py").write_text(MODEL.replace("SHIFT = 0.0", "SHIFT = 0.1"))
    found = project.checks(1)
    assert found["data.people.drift.age"]["status"] == "failed"
    assert found["model.ages.prediction-drift"]["status"] == "failed"


def test_what_cannot_be_compared_is_said(project):
    project.write()
    project.commit()
    none = project.checks(0)
    assert none["data.people.drift"]["reason"] == "there is no baseline to compare with"
    assert (none["data.people.drift"]["status"], none["model.ages.prediction-drift"]["status"]) == ("inconclusive",) * 2
    assert project.mlci("baseline", "save").returncode == 0
    project.git("add", "-A")
    project.git("commit", "-qm", "two")
    project.git("checkout", "-q", "main")
    project.git("merge", "-q", "change")
    project.git("checkout", "-qb", "later")
    (project.root / "holdout.csv").write_text(holdout().replace("\n5,", "\n5000,"))
    other = project.checks(0)["model.ages.prediction-drift"]
    assert (other["status"], other["reason"]) == ("inconclusive", "the baseline was computed on other evaluation data")


def test_profile_that_was_edited_is_an_error(project):
    project.write()
    project.mlci("baseline", "save")
    path = project.root / "mlci-baseline.json"
    path.write_text(path.read_text().replace('"counts": [', '"counts": [5, ', 1))
    project.commit()
    found = project.checks(3)["data.people.drift"]
    assert "is no profile" in found["reason"]
