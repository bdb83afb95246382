"""Pipelines of real projects in real repositories: what they leave, where, and twice."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
STEPS = """
import csv, json, os, pathlib, random, sys
from shop.rows import ROWS
random.seed(int(os.environ["MLCI_SEED"]))
out = pathlib.Path("out")
out.mkdir(exist_ok=True)
with (out / "clean.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["id", "price"])
    writer.writerows([n, round(random.random() + 1, 6)] for n in range(ROWS))
(out / "model.json").write_text(json.dumps({"weights": [random.random() for _ in range(3)]}))
"""
CONFIG = """version: 1
pipeline:
  sample:
    run: [python -m shop.steps --rows 20, 'python -c "print(1)"']
    outputs: [out/clean.csv, out/*.json]
data:
  clean:
    path: out/clean.csv
    pipeline: sample
    expect:
      - expect_table_row_count_to_equal: {value: 20}
      - expect_column_values_to_be_between: {column: price, min_value: 1, max_value: 2}
"""


class Project:
    def __init__(self, folder):
        self.folder = folder
        self.write(
            {
                "mlci.yaml": CONFIG,
                "src/shop/__init__.py": "",
                "src/shop/rows.py": "ROWS = 20\n",
                "src/shop/steps.py": STEPS,
                ".gitignore": "*.log\nsecret/\n",
            }
        )

    def write(self, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def git(self, *words):
        subprocess.run(["git", *words], cwd=self.folder, env={**os.environ, **IDENTITY}, check=True)

    def run(self, *words):
        done = subprocess.run(
            [sys.executable, "-m", "mlci", *(words or ("run",))],
            cwd=self.folder,
            env={**os.environ, **IDENTITY},
            capture_output=True,
            text=True,
            check=False,
        )
        results = json.loads((self.folder / "mlci-report" / "results.json").read_text())
        return done, {check["id"]: check for gate in results["gates"] for check in gate["checks"]}


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "ein Laden")
    made.git("init", "-q", "-b", "main")
    made.git("add", "-A")
    made.git("commit", "-qm", "one")
    return made


def test_a_healthy_pipeline_passes_and_its_outputs_are_data(project):
    done, checks = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    named = ["code.pipeline.sample", *(f"code.pipeline.sample.{part}" for part in ("outputs", "tree", "repeat"))]
    assert {name: checks[name]["status"] for name in named} == dict.fromkeys(named, "passed")
    assert [name for name, check in checks.items() if name.startswith("data.clean.") and check["status"] == "passed"]
    status = subprocess.run(["git", "status", "--porcelain"], cwd=project.folder, capture_output=True, check=True)
    assert status.stdout == b""
    assert not (project.folder / "out").exists()


PLANTED = {
    "it crashes": (STEPS + "raise SystemExit('no price')\n", "", "sample", "no price"),
    "an output is missing": (
        STEPS + "(out / 'clean.csv').unlink()\n",
        "",
        "sample.outputs",
        "out/clean.csv not written",
    ),
    "an output is empty": (
        STEPS + "(out / 'model.json').write_text('')\n",
        "",
        "sample.outputs",
        "out/model.json empty",
    ),
    "it leaves a file": (STEPS + "pathlib.Path('left.txt').write_text('x')\n", "", "sample.tree", "left left.txt"),
    "it changes a file": (
        STEPS + "pathlib.Path('src/shop/rows.py').write_text('ROWS = 21')\n",
        "",
        "sample.tree",
        "changed or removed src/shop/rows.py",
    ),
    "its seed is not used": (
        STEPS.replace('int(os.environ["MLCI_SEED"])', "None"),
        "",
        "sample.repeat",
        "out/clean.csv differs in row 1, column price",
    ),
    "it writes elsewhere": (
        STEPS + "pathlib.Path(r'{project}', 'far.txt').write_text('x')\n",
        "",
        "sample.project",
        "wrote to the project itself, outside of its working folder: far.txt",
    ),
    "it takes too long": (
        STEPS + "import time; time.sleep(60)\n",
        "    timeout: 1\n",
        "sample",
        "did not end within 1 s",
    ),
}


@pytest.mark.parametrize(("steps", "config", "check", "says"), PLANTED.values(), ids=PLANTED)
def test_what_is_wrong_is_found(project, steps, config, check, says):
    steps = steps.replace("{project}", str(project.folder))
    project.write({"src/shop/steps.py": steps, "mlci.yaml": CONFIG.replace("data:\n", f"{config}data:\n", 1)})
    done, checks = project.run("code")
    assert done.returncode == 1, done.stdout + done.stderr
    assert checks[f"code.pipeline.{check}"]["status"] == "failed"
    assert says in checks[f"code.pipeline.{check}"]["reason"]


def test_what_git_ignores_may_be_left(project):
    project.write({"src/shop/steps.py": STEPS + "pathlib.Path('run.log').write_text('x')\n"})
    assert project.run("code")[0].returncode == 0


def test_a_warning_does_not_block(project):
    project.write(
        {
            "src/shop/steps.py": STEPS + "raise SystemExit(4)\n",
            "mlci.yaml": CONFIG.replace("data:\n", "    severity: warning\ndata:\n", 1),
        }
    )
    done, checks = project.run("code")
    assert (done.returncode, checks["code.pipeline.sample"]["status"]) == (0, "warned")


def test_expectations_of_an_output_fail_with_its_row(project):
    project.write({"src/shop/steps.py": STEPS.replace("random.random() + 1", "random.random() - 5")})
    done, checks = project.run("data")
    assert done.returncode == 1
    broken = checks["data.clean.expect_column_values_to_be_between.price"]
    assert broken["status"] == "failed"
    assert len(broken["details"]["rows"]) == 20


def test_an_asset_of_a_pipeline_that_fails_is_errored(project):
    project.write({"src/shop/steps.py": "raise SystemExit(1)"})
    done, checks = project.run("data")
    assert done.returncode == 3
    assert "the pipeline sample, which did not run to its end" in checks["data.clean.file"]["reason"]


def test_numbers_may_be_off_by_the_tolerance(project):
    steps = (
        STEPS + "import time\nnumber = 1 + time.time_ns() % 1000 * 1e-12\n(out / 'n.json').write_text(str(number))\n"
    )
    project.write({"src/shop/steps.py": steps})
    assert project.run("code")[0].returncode == 1
    project.write({"mlci.yaml": CONFIG.replace("data:\n", "    tolerance: 1.0e-6\ndata:\n", 1)})
    assert project.run("code")[0].returncode == 0
    project.write({"mlci.yaml": CONFIG.replace("data:\n", "    same: [out/clean.csv]\ndata:\n", 1)})
    assert project.run("code")[0].returncode == 0


def test_what_git_ignores_is_copied_where_it_is_included(project):
    steps = STEPS + "assert pathlib.Path('secret/raw.csv').read_text() == 'x'\n"
    project.write({"src/shop/steps.py": steps, "secret/raw.csv": "x"})
    assert project.run("code")[0].returncode == 1
    project.write({"mlci.yaml": CONFIG.replace("data:\n", "    include: [secret]\ndata:\n", 1)})
    assert project.run("code")[0].returncode == 0
    project.write({"mlci.yaml": CONFIG.replace("data:\n", "    include: [secret, gone]\ndata:\n", 1)})
    done, checks = project.run("code")
    assert done.returncode == 3
    assert "`include` names gone, which is not there" in checks["code.pipeline.sample"]["reason"]


def test_a_condition_that_is_not_met_leaves_it_out(project):
    project.write({"mlci.yaml": CONFIG.replace("data:\n", "    when: {changed: [src]}\ndata:\n", 1)})
    project.git("add", "-A")
    project.git("commit", "-qm", "two")
    project.git("switch", "-qc", "change")
    project.write({"README.md": "x"})
    project.git("add", "-A")
    project.git("commit", "-qm", "three")
    done, checks = project.run("code", "--base", "main")
    assert (done.returncode, checks["code.pipeline.sample"]["status"]) == (0, "skipped")
    project.write({"src/shop/rows.py": "ROWS = 20  # changed\n"})
    done, checks = project.run("code", "--base", "main")
    assert (done.returncode, checks["code.pipeline.sample"]["status"]) == (0, "passed")


def test_a_commit_hook_does_not_run_it(project):
    project.write({"src/shop/steps.py": "raise SystemExit(1)"})
    done = subprocess.run(
        [sys.executable, "-m", "mlci", "data", "src/shop/steps.py"],
        cwd=project.folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
