"""Runs of MLflow and metrics files of DVC, made by these tools themselves, as baselines."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.baselines.ladder import Search, climb
from mlci.compare import compare
from mlci.config.baselines import DvcMetrics, MlflowRuns
from mlci.config.common import Limits
from mlci.config.model import Config
from mlci.config.models import MetricLimits, Model
from mlci.results.model import Metric

pytestmark = pytest.mark.slow


@pytest.fixture
def mlflow(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    module = pytest.importorskip("mlflow", reason="mlflow is not installed")
    module.set_tracking_uri((tmp_path / "runs").as_uri())
    yield module
    module.set_tracking_uri(None)


def log(mlflow, commit, *, end="FINISHED", experiment="topics", **metrics):
    mlflow.set_experiment(experiment)
    run = mlflow.start_run(tags={"mlflow.source.git.commit": commit})
    mlflow.log_metrics(metrics)
    mlflow.end_run(end)
    return run.info.run_id


def of_models(setup, *names, files=None):
    models = {name: Model(predict="m:f", metrics={"accuracy": MetricLimits(max_drop=0.01)}) for name in names}
    config = Config(version=1, project="p", model=models, metrics=files or {})
    return replace(setup, config=config)


def test_the_last_run_of_the_nearest_commit_is_taken(project, mlflow):
    log(mlflow, project.commits[3], accuracy=0.1)
    log(mlflow, project.commits[1], accuracy=0.2)
    run = log(mlflow, project.commits[1], accuracy=0.8, unused=1.0)
    log(mlflow, project.commits[0], end="FAILED", accuracy=0.3)
    setup = of_models(project.setup(store="mlflow", mlflow=MlflowRuns(tracking="../runs", experiment="topics")), "m")
    found = climb(Search(setup=setup, recompute=None))
    assert [(metric.name, metric.value) for metric in found.stored.metrics] == [("model.m.accuracy", 0.8)]
    assert (found.receipt.commit, found.receipt.commits_behind) == (project.commits[1], 1)
    assert run in found.receipt.source
    assert "evaluation data that mlci does not know" in found.receipt.rungs[0].note
    now = Metric(name="model.m.accuracy", value=0.7, n=100, higher_is_better=True, max_drop=0.01)
    comparison = compare([now], {"model.m.evaluate": "e"}, found)
    assert comparison.status == "failed"
    assert "plain tolerance" in comparison.rule


def test_names_may_be_given_and_several_models_are_told_apart(project, mlflow):
    log(mlflow, project.commits[0], **{"a.accuracy": 0.5, "val_acc": 0.6, "accuracy": 0.9})
    settings = MlflowRuns(tracking="../runs", metrics={"model.b.accuracy": "val_acc"})
    found = climb(
        Search(setup=of_models(project.setup(store="mlflow", mlflow=settings), "a", "b", "c"), recompute=None)
    )
    assert {metric.name: metric.value for metric in found.stored.metrics} == {
        "model.b.accuracy": 0.6,
        "model.a.accuracy": 0.5,
    }


def test_no_run_no_folder_and_no_experiment_are_told_apart(project, mlflow):
    def said(**settings):
        setup = of_models(project.setup(store="mlflow", mlflow=MlflowRuns(**settings)), "m")
        found = climb(Search(setup=setup, recompute=None))
        assert found.stored is None
        return found.error, found.receipt.rungs[0].note

    log(mlflow, "f" * 40, accuracy=0.5)
    error, note = said(tracking="../runs")
    assert error is None
    assert "no run is tagged mlflow.source.git.commit with one of the 4 commits" in note
    assert "there is no folder" in said(tracking="../nothing")[0]
    assert not (project.folder.parent / "nothing").exists()
    assert 'there is no experiment "other"' in said(tracking="../runs", experiment="other")[0]
    log(mlflow, project.commits[0], loss=float("nan"))
    assert "none of the numbers" in said(tracking="../runs")[1]


def dvc(folder, *arguments):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


STAGES = """stages:
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py]
    metrics:
    - reports/kept.json: {{cache: {cache}}}
metrics:
- top.yaml
"""


@pytest.mark.parametrize("cache", ["false", "true"])
def test_metrics_files_are_read_at_the_merge_base(project, cache):
    pytest.importorskip("dvc", reason="dvc is not installed")
    folder = project.folder
    dvc(folder, "init", "-q")
    (folder / "dvc.yaml").write_text(STAGES.format(cache=cache))
    (folder / "top.yaml").write_text("accuracy: 0.75\n")
    script = "import json, os\nos.makedirs('reports', exist_ok=True)\njson.dump({'f1': {'macro': 0.8}}, open('reports/kept.json', 'w'))\n"
    (folder / "evaluate.py").write_text(script)
    dvc(folder, "repro", "-q")
    project.git("add", "-A")
    project.git("commit", "-qm", "base")
    project.commits = project.git("rev-list", "HEAD").split()
    (folder / "evaluate.py").write_text(script.replace("0.8", "0.1"))
    dvc(folder, "repro", "-q")
    (folder / "top.yaml").write_text("accuracy: 0.1\n")
    files = {"reports/kept.json": {"f1.macro": Limits(max_drop=0.01, direction="higher")}}
    setup = of_models(project.setup(store="dvc"), "m", files=files)
    found = climb(Search(setup=setup, recompute=None))
    assert {metric.name: metric.value for metric in found.stored.metrics} == {
        "model.m.accuracy": 0.75,
        "metrics.reports/kept.json.f1.macro": 0.8,
    }
    assert "DVC's metrics files at" in found.receipt.source
    named = DvcMetrics(files=("reports/kept.json",), metrics={"model.m.accuracy": "reports/kept.json:f1.macro"})
    other = climb(Search(setup=of_models(project.setup(store="dvc", dvc=named), "m"), recompute=None))
    assert [(metric.name, metric.value) for metric in other.stored.metrics] == [("model.m.accuracy", 0.8)]


def test_what_cannot_be_read_is_refused_and_what_is_not_there_is_not(project):
    def look(text):
        (project.folder / "dvc.yaml").write_text("metrics: [m.json]\n")
        (project.folder / "m.json").write_text(text)
        project.git("add", "-A")
        project.git("commit", "-qm", "x")
        project.commits = project.git("rev-list", "HEAD").split()
        return climb(Search(setup=of_models(project.setup(store="dvc"), "m"), recompute=None))

    first = climb(Search(setup=of_models(project.setup(store="dvc"), "m"), recompute=None))
    assert (first.stored, first.error) == (None, None)
    assert "dvc.yaml lists no metrics file" in first.receipt.rungs[0].note
    assert "refused: m.json" in look("{").error
    assert "none of the numbers" in look('{"accuracy": "high"}').receipt.rungs[0].note
