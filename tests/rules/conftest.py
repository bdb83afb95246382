"""A project in a git repository, whose change is judged through the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_IDENTITY = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
CONFIG = """version: 1
code:
  pytest: [tests]
  source: [shop]
  coverage: {total: 20}
data:
  tags:
    path: data/tags.csv
    suite: tests/tags.yaml
    expect:
      - expect_column_values_to_be_unique: {column: id}
      - expect_column_values_to_not_be_null: {column: tag, mostly: 0.5}
model:
  topics:
    predictions: out/predictions.csv
    evaluate: {data: data/holdout.csv, label: label, id: id}
    metrics:
      accuracy: {min: 0.5, max-drop: 0.05}
    slices: {by: [tag, size]}
  rules:
    predict: shop.model:predict
    behaviour: [tests/behaviour/*.yaml]
    evaluate: {data: data/texts.csv, input: text, label: label}
    never-break: data/never.csv
    metrics: {accuracy: {min: 0.5}}
metrics:
  m.json: {f1: {min: 0.5, max-drop: 0.02, direction: higher}}
baseline: {store: file}
waivers: waivers.yaml
"""
FILES = {
    "mlci.yaml": CONFIG,
    "shop/__init__.py": "",
    "shop/model.py": "def predict(texts):\n    return ['good' if 'good' in text else 'bad' for text in texts]\n",
    "tests/test_shop.py": "from shop.model import predict\n\n\ndef test_good():\n    assert predict(['good']) == ['good']\n",
    "tests/tags.yaml": "- expect_column_to_exist: {column: id}\n- expect_column_to_exist: {column: tag}\n",
    "tests/behaviour/words.yaml": """tests:
  - {name: praise, type: MFT, template: "a good {thing}", expect: {label: good}}
  - {name: blame, type: MFT, template: "a poor {thing}", expect: {label: bad}, max-failure-rate: 0.1}
lexicons: {thing: [film, book, song]}
""",
    "data/tags.csv": "id,tag\n1,a\n2,b\n3,a\n",
    "data/holdout.csv": "id,label,tag,size\n" + "".join(f"{i},{i % 2},{'ab'[i % 2]},{i % 3}\n" for i in range(60)),
    "out/predictions.csv": "id,prediction\n" + "".join(f"{i},{i % 2}\n" for i in range(60)),
    "data/texts.csv": "text,label\n" + "a good film,good\na poor film,bad\n" * 10,
    "data/never.csv": "text,label\ngood old days,good\nold days,bad\n",
    "m.json": '{"f1": 0.8}',
    "waivers.yaml": "[]\n",
    "mlci-baseline.json": "",
    ".coveragerc": "[run]\nomit =\n    shop/generated.py\n",
    "pytest.ini": "[pytest]\naddopts = -q\n",
}


class Project:
    """A repository with the branch `main`, and a change on top of it."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, name, old, new):
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new))

    def remove(self, name):
        (self.folder / name).unlink()

    def git(self, *arguments):
        environ = {**os.environ, **_IDENTITY}
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=environ, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-qm", message, "--allow-empty")

    def mlci(self, *arguments, **environ):
        return subprocess.run(
            [sys.executable, "-m", "mlci", *arguments],
            cwd=self.folder,
            env={**os.environ, **_IDENTITY, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def results(self):
        return json.loads((self.folder / "mlci-report" / "results.json").read_text(encoding="utf-8"))

    def report(self, name):
        return (self.folder / "mlci-report" / name).read_text(encoding="utf-8")

    def changes(self, *kinds):
        """Return what the changes of rules of some kinds are about."""
        return [change["what"] for change in self.results()["rule_changes"] if change["kind"] in kinds]

    def pull_request(self, *, labels=(), gates=("metrics",)):
        """Commit the change and run mlci as in the workflow of a pull request."""
        self.commit()
        payload = {"pull_request": {"number": 1, "labels": [{"name": label} for label in labels]}}
        event = self.folder.parent / "event.json"
        event.write_text(json.dumps(payload), encoding="utf-8")
        return self.mlci(
            "run", *gates, GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=str(event), GITHUB_BASE_REF="main"
        )


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    """A project with all kinds of rules, whose baseline was saved, on a branch of its own."""
    made = Project(tmp_path_factory.mktemp("rules") / "project")
    for name, text in FILES.items():
        if text or name.endswith(".py"):
            made.write(name, text)
    made.git("init", "-q", "-b", "main")
    made.commit("first")
    saved = made.mlci("baseline", "save")
    assert saved.returncode == 0, saved.stderr
    made.commit("baseline")
    made.git("checkout", "-q", "-b", "feature")
    return made


@pytest.fixture
def project(_template, tmp_path):
    """A copy of the project with all kinds of rules, on the branch of a change."""
    import shutil

    shutil.copytree(_template.folder, tmp_path / "project")
    return Project(Path(tmp_path / "project"))
