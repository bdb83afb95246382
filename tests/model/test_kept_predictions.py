"""Predictions kept between runs: taken only where everything that they depend on is the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from mlci import git
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.errors import CannotRun, Where
from mlci.gates import Context
from mlci.interpreter import Interpreter
from mlci.model.kept import Store
from mlci.model.predictions import Prediction
from mlci.model.predictor import Predictor

pytestmark = pytest.mark.slow

MODEL = """
import helper

def predict(inputs):
    with open("calls.txt", "a") as file:
        file.write("%d\\n" % len(inputs))
    return [{"label": "a", "probabilities": {"a": 0.75, "b": 0.25}} for _ in inputs]
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "m.py").write_text(MODEL)
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "weights.bin").write_bytes(b"1")
    return tmp_path


def ask(root, inputs, settings=(), env=(), **model):
    said = []
    context = Context(
        root=root,
        config=Config(version=1, worker_env=tuple(env)),
        where=lambda *key: Where(path="mlci.yaml"),
        find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"),
        out=root / "out",
        progress=said.append,
        **dict(settings),
    )
    chosen = {"predict": "m:predict", "cache": True, "model_files": ("weights.bin",), **model}
    with Predictor(Model(**chosen), context) as predictor:
        return predictor.ask(inputs, lambda at: f"row {at}"), said


def asked(root):
    """The inputs that the model was really asked about since the last look."""
    file = root / "calls.txt"
    lines = file.read_text().split() if file.exists() else []
    file.unlink(missing_ok=True)
    return sum(map(int, lines))


def test_the_same_inputs_are_not_asked_again(project):
    first, _ = ask(project, ["x", "y"])
    assert asked(project) == 2
    again, _ = ask(project, ["y", "z", "x", "y"])
    assert (asked(project), again[0]) == (1, first[0])
    assert again[0] == Prediction("a", {"a": 0.75, "b": 0.25})
    assert (project / ".mlci-cache" / ".gitignore").read_text() == "*\n"


def touch(name, content):
    return lambda root: (root / name).write_text(content)


@pytest.mark.parametrize(
    "change",
    [touch("weights.bin", "2"), touch("helper.py", "x = 1"), touch("m.py", MODEL + "\n"), touch("new.py", "")],
)
def test_any_change_of_what_predictions_depend_on_asks_anew(project, change):
    ask(project, ["x"])
    asked(project)
    change(project)
    ask(project, ["x"])
    assert asked(project) == 1


def test_the_environment_that_the_worker_is_given_counts(project, monkeypatch):
    for value in ("1", "2"):
        monkeypatch.setenv("MODEL_VERSION", value)
        ask(project, ["x"], env=("MODEL_VERSION",))
    assert asked(project) == 2


def test_the_content_of_a_file_that_an_input_names_counts(project):
    for content in (b"1", b"1", b"2"):
        (project / "image.png").write_bytes(content)
        ask(project, ["image.png", {"path": "image.png"}])
    assert asked(project) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"a"', '"b"', 1),
        lambda text: text[:1] + "\x00\xff" + text[1:],
        lambda text: "",
    ],
)
def test_a_damaged_line_is_asked_again(project, damage):
    ask(project, ["x", "y"])
    asked(project)
    (file,) = (project / ".mlci-cache" / "predictions").iterdir()
    file.write_text(damage(file.read_text()))
    answers, _ = ask(project, ["x", "y"])
    assert 1 <= asked(project) <= 2
    assert {one.label for one in answers} == {"a"}


def test_without_the_setting_nothing_is_kept(project):
    ask(project, ["x"], cache=False)
    assert not (project / ".mlci-cache").exists()


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda root: (root / "weights.bin").unlink(), "no file matches weights.bin of `model-files`"),
        (
            lambda root: (root / "helper.py").write_text("import sys; sys.path.insert(0, '../aside'); import outer"),
            "outer.py, which is outside the project",
        ),
    ],
)
def test_what_is_not_known_is_not_kept_and_that_is_said(project, prepare, why):
    (project.parent / "aside").mkdir(exist_ok=True)
    (project.parent / "aside" / "outer.py").write_text("")
    prepare(project)
    for _ in range(2):
        _, said = ask(project, ["x"])
    assert asked(project) == 2
    assert any(why in line for line in said)


def test_a_cache_that_comes_with_the_repository_is_not_read(project):
    ask(project, ["x"])
    asked(project)
    for words in (["init", "-q"], ["add", "-f", ".mlci-cache"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    _, said = ask(project, ["x"], settings={"repository": git.find(project)})
    assert asked(project) == 1
    assert "predictions are not cached: .mlci-cache is committed in git, and must not be" in said


def test_a_model_that_fails_keeps_nothing_and_says_so_itself(project):
    (project / "helper.py").write_text("raise RuntimeError('no helper')")
    with pytest.raises(CannotRun, match="no helper"):
        ask(project, ["x"])
    assert not (project / ".mlci-cache").exists()


def test_every_kind_of_prediction_comes_back_as_it_was(tmp_path):
    kinds = {
        "a": Prediction(1, {1: 0.5, 2: 0.5}),
        "b": Prediction(True, {True: 1.0, False: 0.0}),
        "c": Prediction(2.5),
        "d": Prediction("x: 1", None, {"x": Prediction(1)}),
    }
    Store(tmp_path, "n").add(kinds)
    read = Store(tmp_path, "n")
    assert {key: read[key] for key in kinds} == kinds
    assert type(read["b"].label) is bool
