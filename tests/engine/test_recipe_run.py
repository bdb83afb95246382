"""A recipe end to end: trained with several seeds, saved to a real store, and judged by the noise of its trainings."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
PERSON = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
ROWS = 300
CONFIG = """version: 1
project: p
model:
  m:
    prepare: {prepare}
    estimand: recipe
    seeds: {seeds}
    predict: model:predict
    evaluate: {{data: data.csv, input: x, label: y, id: id}}
    metrics: {{accuracy: {{min: {minimum}, max-drop: 0.02}}}}
    slices: {{low: x < 150}}
    slice-metrics: {{accuracy: {{max-drop: 0.04}}}}
baseline: {{{baseline}}}
"""
TRAIN = """import json, os, random, sys
draw = random.Random({salt!r} + (sys.argv[1] if len(sys.argv) > 1 else os.environ["MLCI_SEED"]))
share = {share}
json.dump([x for x in range({rows}) if draw.random() < share], open("weights.json", "w"))
"""
MODEL = """import json
WRONG = set(json.load(open("weights.json")))


def predict(inputs):
    return [(x % 2) ^ (x in WRONG) for x in inputs]
"""


@pytest.fixture
def project(tmp_path):
    class Project:
        root = tmp_path / "project"

        def write(
            self, *, seeds="3", baseline="store: folder, folder: ../kept", prepare="python train.py", minimum=0.5
        ):
            text = CONFIG.format(seeds=seeds, baseline=baseline, prepare=prepare, minimum=minimum)
            (self.root / "mlci.yaml").write_text(text + f"python: {sys.executable}\n")

        def recipe(self, share, salt=""):
            (self.root / "train.py").write_text(TRAIN.format(share=share, salt=salt, rows=ROWS))

        def git(self, *arguments):
            subprocess.run(["git", *PERSON, *arguments], cwd=self.root, check=True, capture_output=True)

        def commit(self):
            self.git("add", "-A")
            self.git("commit", "-qm", "c", "--allow-empty")

        def mlci(self, *arguments):
            return subprocess.run(
                [sys.executable, "-m", "mlci", *arguments],
                cwd=self.root, capture_output=True, text=True, check=False, env=dict(os.environ),
            )  # fmt: skip

        def save(self):
            done = self.mlci("baseline", "save")
            assert done.returncode == 0, done.stdout + done.stderr

        def run(self):
            done = self.mlci("run", "--base", "main")
            results = json.loads((self.root / "mlci-report" / "results.json").read_text())
            changes = {one["slice"]: one for one in results["comparison"]["changes"]}
            return done, results, changes

    found = Project()
    found.root.mkdir()
    found.write()
    (found.root / "model.py").write_text(MODEL)
    (found.root / "data.csv").write_text("id,x,y\n" + "".join(f"e{x},{x},{x % 2}\n" for x in range(ROWS)))
    (found.root / ".gitignore").write_text("__pycache__\nmlci-report\nweights.json\n.mlci-cache\n")
    found.git("init", "-qb", "main")
    return found


@pytest.mark.parametrize("store", ["store: folder, folder: ../kept", "store: file", "recompute: true"])
def test_a_worse_recipe_blocks_and_other_seeds_of_the_same_do_not(project, store):
    project.write(baseline=store)
    project.recipe(0.1)
    project.commit()
    if "recompute" not in store:
        project.save()
        project.commit()
    if "folder" in store:  # the base asks for other seeds since then
        project.write(baseline=store, seeds="[11, 12, 13]")
        project.commit()
    else:
        project.recipe(0.1, salt="another ")
    project.git("switch", "-qc", "change")
    done, results, changes = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert changes[None]["p_value"] is not None
    assert len({one["said"] for one in results["trainings"]["m"]}) == 3
    project.recipe(0.3)
    done, results, changes = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert (changes[None]["status"], changes["low"]["status"]) == ("failed", "failed")
    assert "3 trainings before and 3 now" in done.stdout
    assert "3 trainings before and 3 now" in (project.root / "mlci-report" / "summary.md").read_text()
    mean = sum(one["values"][0][2] for one in results["trainings"]["m"]) / 3
    assert changes[None]["candidate"] == pytest.approx(mean)


def test_the_history_of_a_paired_store_tells_the_noise_of_slices_too(project):
    project.write(seeds="[1, 2]")
    for run in range(2):
        project.recipe(0.1, salt=f"run {run} ")
        project.commit()
        project.save()
    project.git("switch", "-qc", "change")
    project.recipe(0.3)
    done, _, changes = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert {part: one["status"] for part, one in changes.items()} == {None: "failed", "low": "failed"}
    assert changes["low"]["basis"] == "4 trainings before and 2 now"
    project.recipe(0.1, salt="another ")
    done, _, changes = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    project.git("checkout", "-q", "train.py")
    done, _, changes = project.run()
    assert {one["status"] for one in changes.values()} == {"passed"}  # the same models as at the base


def test_limits_are_on_the_mean_and_the_seed_may_stand_in_the_command(project):
    project.write(prepare="python train.py '{seed}'", minimum=0.95)
    project.recipe(0.1)
    done = project.mlci("run", "-v")
    assert done.returncode == 1
    assert "accuracy, mean over 3 seeds, is 0.9" in " ".join(done.stdout.split())
    assert "m was trained with 3 seeds: 1, 2, 3" in " ".join(done.stdout.split())


def test_a_training_that_takes_no_seed_is_told_and_judged_as_a_model(project):
    project.write(prepare="python train.py fixed")
    project.recipe(0.1)
    project.commit()
    project.save()
    project.git("switch", "-qc", "change")
    project.recipe(0.3)
    done, _, changes = project.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 seeds gave one and the same model" in " ".join(done.stdout.split())
    assert changes[None]["basis"] is None
    assert changes[None]["p_value"] < 0.001  # paired, example by example


def test_a_seed_that_cannot_be_trained_is_an_error(project):
    project.recipe(0.1)
    text = (project.root / "train.py").read_text()
    (project.root / "train.py").write_text(text + "if os.environ['MLCI_SEED'] == '2':\n    sys.exit('no memory')\n")
    project.commit()
    done = project.mlci("run")
    assert done.returncode == 3
    assert "the model m gave no numbers with seed 2" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("seeds: 3", "seeds: 1", "must be 2 to 100 seeds"),
        ("seeds: 3", "seeds: [4, 4]", "names a seed twice"),
        ("seeds: 3", "seeds: [-1, 4]", "must be numbers from 0"),
        ("estimand: recipe", "estimand: model", "belongs to `estimand: recipe`"),
    ],
)
def test_seeds_that_make_no_sense_are_refused_with_their_place(project, before, after, says):
    config = project.root / "mlci.yaml"
    config.write_text(config.read_text().replace(before, after))
    done = project.mlci("run")
    assert done.returncode == 2
    assert says in done.stderr
    assert "mlci.yaml:7 model.m.seeds" in done.stderr
