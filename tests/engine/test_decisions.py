"""What blocks and what does not, end to end: the anchor, waivers, strictness, protected examples, history."""

import csv
import json
import os
import re
import subprocess
import sys

import pytest

from mlci.baselines import file
from mlci.baselines.model import Stored
from mlci.results.model import Metric

pytestmark = pytest.mark.slow
PERSON = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
ROWS = 400
CONFIG = """version: 1
model:
  m:
    predict: model:predict
    evaluate: {data: data.csv, input: x, label: y, id: id}
    metrics: {accuracy: {max-drop: 0.02}}
"""
MODEL = "WRONG = {wrong}\n\n\ndef predict(inputs):\n    return [(x % 2) ^ (x in WRONG) for x in inputs]\n"


@pytest.fixture
def project(tmp_path):
    class Project:
        root = tmp_path

        def run(self, *command):
            return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ)

        def git(self, *arguments):
            done = self.run("git", *PERSON, *arguments)
            assert done.returncode == 0, done.stderr

        def mlci(self, *arguments):
            return self.run(sys.executable, "-m", "mlci", *arguments)

        def start(self, config):
            (tmp_path / "mlci.yaml").write_text(CONFIG + config + f"python: {sys.executable}\n")
            (tmp_path / "data.csv").write_text("id,x,y\n" + "".join(f"e{x},{x},{x % 2}\n" for x in range(ROWS)))
            (tmp_path / ".gitignore").write_text("mlci-report\n__pycache__\n")
            self.git("init", "-qb", "main")

        def commit(self, wrong, *, save=False):
            (tmp_path / "model.py").write_text(MODEL.format(wrong=set(range(wrong)) or "set()"))
            if save:
                accuracy = Metric(name="model.m.accuracy", value=1 - wrong / ROWS, higher_is_better=True)
                stored = Stored(schema=1, mlci="0", created="2026-01-01T00:00:00+00:00", metrics=(accuracy,))
                file.write(tmp_path / "mlci-baseline.json", stored)
            self.git("add", "-A")
            self.git("commit", "-qm", f"{wrong} wrong", "--allow-empty")

        def results(self, *arguments):
            done = self.mlci("run", *arguments)
            return done, json.loads((tmp_path / "mlci-report" / "results.json").read_text())

    return Project()


def summary(project):
    return (project.root / "mlci-report" / "summary.md").read_text()


@pytest.mark.parametrize("how", ["{store: file, anchor: v1.0}", "{recompute: true, anchor: v1.0}"])
def test_small_drops_are_stopped_by_the_anchor_and_the_receipt_shows_both(project, how):
    project.start(f"baseline: {how}\n")
    save = "file" in how
    project.commit(0, save=save)
    project.git("tag", "v1.0")
    project.commit(7, save=save)
    project.git("switch", "-qc", "change")
    project.commit(14)
    done, results = project.results("--base", "main")
    (last,), (since,) = results["comparison"]["changes"], results["anchor"]["comparison"]["changes"]
    assert done.returncode == 1, done.stdout + done.stderr
    assert last["status"] in ("passed", "inconclusive")
    assert (since["status"], since["baseline"]) == ("failed", 1.0)
    assert "model.m.accuracy is 0.035 worse than at v1.0: 1 → 0.965, at most 0.02 allowed" in done.stdout
    assert results["baseline"]["source"] != results["anchor"]["baseline"]["source"]
    text = summary(project)
    assert "**Anchor:**" in text
    assert "**Baseline:**" in text
    assert "<summary>Since v1.0 (1)</summary>" in text
    page = (project.root / "mlci-report" / "report.html").read_text()
    assert "Since v1.0" in page
    assert 'name="anchor"' in (project.root / "mlci-report" / "junit.xml").read_text()


def test_a_change_within_the_limit_since_the_anchor_passes(project):
    project.start("baseline: {store: file, anchor: v1.0}\n")
    project.commit(0, save=True)
    project.git("tag", "v1.0")
    project.git("switch", "-qc", "change")
    project.commit(4)
    done, results = project.results("--base", "main")
    assert (done.returncode, results["anchor"]["comparison"]["status"]) == (0, "passed"), done.stdout
    assert "Since v1.0: 1 number compared, none beyond its limit" in done.stdout


def test_an_anchor_that_is_not_there_is_an_error_with_what_to_do(project):
    project.start("baseline: {store: file, anchor: v9}\n")
    project.commit(0, save=True)
    done, _ = project.results()
    assert done.returncode == 3
    assert "git knows no such tag or commit; fetch it" in done.stdout


def test_a_file_as_the_anchor_is_read_at_the_merge_base(project):
    project.start("baseline: {store: file, anchor: release.json}\n")
    project.commit(0, save=True)
    (project.root / "release.json").write_bytes((project.root / "mlci-baseline.json").read_bytes())
    project.commit(7, save=True)
    project.git("switch", "-qc", "change")
    (project.root / "release.json").write_text((project.root / "release.json").read_text().replace("1.0,", "0.5,"))
    project.commit(14)
    done, results = project.results("--base", "main")
    assert done.returncode == 1, done.stdout
    assert results["anchor"]["comparison"]["changes"][0]["baseline"] == 1.0


WAIVER = """waivers:
  - {{metric: model.m.accuracy, max-loss: {loss}, reason: the labels were mended, owner: ann, until: {until}}}
"""


@pytest.mark.parametrize(
    ("loss", "until", "code", "says"),
    [
        (0.1, "2999-01-01", 0, "a drop of 0.05 is let pass until 2999-01-01, up to 0.1 is accepted (ann: the labels"),
        (0.03, "2999-01-01", 1, "the drop is larger than it accepts"),
        (0.1, "2020-01-01", 1, "the waiver expired on 2020-01-01"),
    ],
)
def test_a_waiver_lets_a_drop_pass_up_to_its_loss_and_its_day(project, loss, until, code, says):
    project.start("baseline: {store: file}\n" + WAIVER.format(loss=loss, until=until))
    project.commit(0, save=True)
    project.git("switch", "-qc", "change")
    project.commit(20)  # five points
    done, results = project.results("--base", "main")
    assert done.returncode == code, done.stdout + done.stderr
    assert says in done.stdout
    assert results["comparison"]["changes"][0]["status"] == ("failed" if code else "warned")
    assert ("**Waiver:**" in summary(project)) == (not code)


@pytest.mark.parametrize(("until", "code"), [("2999-01-01", 0), ("2020-01-01", 1)])
def test_a_waiver_that_waives_nothing_warns_and_an_expired_one_fails(project, until, code):
    project.start("baseline: {store: file}\nwaivers: accepted.yaml\n")
    lines = WAIVER.format(loss=0.1, until=until).splitlines()[1:]
    (project.root / "accepted.yaml").write_text("\n".join(line[2:] for line in lines) + "\n")
    project.commit(0, save=True)
    project.git("switch", "-qc", "change")
    project.commit(1)
    done, results = project.results("--base", "main")
    assert done.returncode == code, done.stdout + done.stderr
    assert results["waivers"][0]["status"] == ("failed" if code else "warned")


def test_a_mistake_in_a_file_of_waivers_names_its_line(project):
    project.start("baseline: {store: file}\nwaivers: accepted.yaml\n")
    (project.root / "accepted.yaml").write_text("- metric: m\n  max-loss: -1\n  reason: r\n  owner: o\n  until: soon\n")
    project.commit(0, save=True)
    done = project.mlci("run")
    assert done.returncode == 2
    assert "accepted.yaml:2 [0].max-loss: must not be negative" in done.stderr
    assert "accepted.yaml:5 [0].until: must be a date" in done.stderr


@pytest.mark.parametrize(("require", "code"), [("no-regression", 0), ("non-inferiority", 1)])
def test_a_drop_that_cannot_be_ruled_out_blocks_where_that_is_asked_for(project, require, code):
    project.start(f"baseline: {{recompute: true, require: {require}}}\n")
    project.commit(30)
    project.git("switch", "-qc", "change")
    (project.root / "model.py").write_text(MODEL.format(wrong=set(range(15, 48))))
    project.git("commit", "-qam", "as many wrong, others")
    done, results = project.results("--base", "main")
    assert done.returncode == code, done.stdout + done.stderr
    assert ("not shown to be within its limit (non-inferiority)" in done.stdout) == bool(code)
    (churn,) = results["comparison"]["churn"]
    assert (churn["changed"], churn["newly_wrong"], churn["newly_right"]) == (33, 18, 15)
    assert "8.25% of 400 predictions changed: 18 newly wrong, 15 newly right" in done.stdout
    text = summary(project)
    assert "18 newly wrong" in text
    assert not re.search(r"\be47\b", text)
    with (project.root / "mlci-report" / churn["file"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows if row["change"] == "newly wrong"] == [f"e{x}" for x in range(30, 48)]


def protected(project, text, name="keep.csv"):
    (project.root / name).write_text(text)
    config = (project.root / "mlci.yaml").read_text()
    (project.root / "mlci.yaml").write_text(
        config.replace("    metrics: {accuracy: {max-drop: 0.02}}\n", f"    never-break: {name}\n")
    )


@pytest.mark.parametrize(
    ("text", "name", "code", "says"),
    [
        ("id\ne3\ne399\n", "keep.csv", 0, "2 protected examples predicted right"),
        ("id\ne399\ne1\ne2\n", "keep.csv", 1, "2 of 3 protected examples predicted wrong: rows 2, 3 of keep.csv"),
        ('{"id": "e1"}\n', "keep.jsonl", 1, "1 of 1 protected example predicted wrong: row 1 of keep.jsonl"),
        ("x,y\n1000,0\n1,1\n", "keep.csv", 1, "1 of 2 protected examples predicted wrong: row 2 of keep.csv"),
        ("id\ne399\nnone\n", "keep.csv", 3, "1 id of keep.csv is of no example in data.csv: row 2"),
        ("id\n", "keep.csv", 1, "nothing was checked: keep.csv names no example"),
        ("name\ne1\n", "keep.csv", 3, "it has neither ids nor inputs with labels"),
        (None, "keep.csv", 3, "keep.csv"),
    ],
)
def test_protected_examples_are_exact(project, text, name, code, says):
    project.start("")
    protected(project, text or "", name)
    if text is None:
        (project.root / name).unlink()
    project.commit(3)
    done, results = project.results("-v")
    assert done.returncode == code, done.stdout + done.stderr
    assert says in " ".join(done.stdout.split())
    assert not re.search(r"\be1\b", summary(project))
    checks = {check["id"]: check for gate in results["gates"] for check in gate["checks"]}
    if code == 1 and "wrong" in says:
        assert (project.root / "mlci-report" / checks["model.m.never-break"]["details"]["file"]).is_file()


def test_history_is_a_sparkline_on_the_page_and_in_the_console(project):
    project.start("baseline: {store: file}\n")
    for wrong in (8, 4, 0):
        project.commit(wrong, save=True)
    project.commit(1)
    done, results = project.results()
    assert done.returncode == 0, done.stdout
    (trend,) = results["history"]
    assert [point["value"] for point in trend["points"]] == [0.98, 0.99, 1.0, 0.9975]
    assert trend["spread"] == pytest.approx(0.01)
    assert "▁▅█▇" in (project.root / "mlci-report" / "report.html").read_text()
    shown = project.mlci("baseline", "show", "--history").stdout
    assert "model.m.accuracy   ▁▅█" in shown
    assert "0.98 to 1" in shown
