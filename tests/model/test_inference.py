"""Checks of inference: for each a model with the fault, and one without it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mlci import git
from mlci.baselines.base import Base
from mlci.config.baselines import Baseline
from mlci.config.inference import Inference, Latency, SizeLimits
from mlci.config.model import Config
from mlci.config.models import Evaluate, Model
from mlci.errors import Where
from mlci.gates import Context
from mlci.gates.model import run
from mlci.interpreter import Interpreter

pytestmark = pytest.mark.slow

MODELS = """
import math, random, time

def healthy(texts):
    return [{"label": "long" if len(text) > 5 else "short",
             "probabilities": {"long": p, "short": 1 - p}} for text in texts for p in [1 / (1 + math.exp(5 - len(text)))]]

def padded(texts):  # the answer depends on the longest text of the batch
    longest = max(map(len, texts))
    return [{"label": "long" if p > 0.5 else "short", "probabilities": {"long": p, "short": 1 - p}}
            for text in texts for p in [(len(text) + longest) / (4 + 2 * longest)]]

def dropout(texts):
    return [random.random() for _ in texts]

def nan(texts):
    return [float("nan") if len(text) == 3 else 0.5 for text in texts]

def unnormalised(texts):
    return [{"label": "a", "probabilities": {"a": 0.5, "b": 0.3}} for _ in texts]

def shape(texts):
    return [[0.1, 0.2, 0.7] for _ in texts]

def fragile(texts):
    return [text.split()[0] for text in texts]

def narrow(texts):
    return [str(text.encode("ascii")) and "a" for text in texts]

def short(texts):
    if max(map(len, texts)) > 512:
        raise IndexError("index out of range in self")
    return ["a" for _ in texts]

def numbers(texts):
    return [len(text) * 1.0 for text in texts]

def broken(texts):
    raise RuntimeError("no weights")

def slow(texts):
    time.sleep(0.03)
    return ["a"] * len(texts)

def large(texts):
    return [len(bytearray(300_000_000)) and "a" for _ in texts]
"""


def gate(root, function, *, config=None, settings=(), **model):
    (root / "models.py").write_text(MODELS) if not (root / "models.py").exists() else None
    lines = [f"{'x' * (at % 9 + 1)} y,{'long' if at % 2 else 'short'}" for at in range(40)]
    (root / "data.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    built = Model(**{"predict": f"models:{function}", "evaluate": Evaluate(data="data.csv", input="text"), **model})
    outcome = run(
        Context(
            root=root,
            config=Config(version=1, model={"m": built}, **(config or {})),
            where=lambda *key: Where(path="mlci.yaml"),
            find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"),
            out=root / "out",
            **dict(settings),
        )
    )
    return {check.id.removeprefix("model.m."): check for check in outcome.gate.checks}, outcome


def test_a_healthy_model_passes_every_check(tmp_path):
    found, outcome = gate(tmp_path, "healthy", inference=Inference(labels=("long", "short")))
    assert {name: check.status for name, check in found.items()} == dict.fromkeys(
        [
            "inference.loads", "inference.output", "inference.repeatability", "inference.batch-invariance",
            "inference.robust.empty", "inference.robust.long", "inference.robust.unicode",
        ],
        "passed",
    )  # fmt: skip
    assert outcome.gate.status == "passed"


@pytest.mark.parametrize(
    ("predict", "check", "reason"),
    [
        ("padded", "batch-invariance", "of 32 inputs have another answer when asked alone, input 1 by"),
        ("dropout", "repeatability", "32 of 32 inputs have another answer when asked again"),
        ("nan", "output", "is NaN"),
        ("unnormalised", "output", "has probabilities that sum to 0.8, not 1"),
        ("shape", "output", "is a list of 3, not a label and its probabilities"),
        ("fragile", "robust.empty", "2 of 2 empty texts are not answered; an empty text: models:fragile raised IndexError"),
        ("narrow", "robust.unicode", "UnicodeEncodeError"),
        ("short", "robust.long", "IndexError: index out of range in self"),
        ("healthy", "robust.missing", "a missing value: models:healthy raised TypeError"),
    ],
)  # fmt: skip
def test_each_fault_is_found(tmp_path, predict, check, reason):
    kinds = ("empty", "long", "unicode") + (("missing",) if "missing" in check else ())
    found, outcome = gate(tmp_path, predict, inference=Inference(robust_to=kinds))
    assert found[f"inference.{check}"].status == "failed"
    assert reason in found[f"inference.{check}"].reason
    assert outcome.gate.status == "failed"


def test_a_model_of_files_need_not_answer_texts(tmp_path):
    (tmp_path / "pictures").mkdir()
    names = [f"pictures/{at}.png" for at in range(4)]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "opens.py").write_text("def predict(paths): return [str(open(path).read()) for path in paths]\n")
    (tmp_path / "list.csv").write_text("\n".join(["text,label", *(f"{name},x" for name in names)]))
    found, _ = gate(
        tmp_path, "", predict="opens:predict", inference=Inference(), evaluate=Evaluate(data="list.csv", input="text")
    )
    statuses = {name: check.status for name, check in found.items()}
    assert statuses["inference.output"] == "passed"
    assert statuses["inference.robust.empty"] == statuses["inference.robust.long"] == "skipped"


def test_numbers_and_labels_outside_of_what_there_may_be(tmp_path):
    found, _ = gate(tmp_path, "numbers", inference=Inference(robust_to=(), max=5))
    assert found["inference.output"].reason.endswith("above the maximum of 5")
    found, _ = gate(tmp_path, "healthy", inference=Inference(robust_to=(), labels=("long", "brief")))
    assert "is 'short', which is not one of `labels`" in found["inference.output"].reason
    found, _ = gate(tmp_path, "healthy", inference=Inference(robust_to=(), labels=("a",), severity="warning"))
    assert found["inference.output"].status == "warned"


def test_a_model_that_does_not_load_or_answer_is_errored(tmp_path):
    found, outcome = gate(tmp_path, "broken", inference=Inference(robust_to=()))
    assert found["inference.output"].status == "errored"
    assert "RuntimeError: no weights" in found["inference.output"].reason
    found, outcome = gate(tmp_path, "nowhere", inference=Inference())
    assert found["inference.loads"].status == outcome.gate.status == "errored"
    assert 'has no "nowhere"' in found["inference.loads"].reason
    found, _ = gate(tmp_path, "healthy", inference=Inference(), evaluate=Evaluate(data="none.csv"))
    assert found["inference.inputs"].status == "errored"


def test_times_are_held_to_their_limits(tmp_path):
    wide = Latency(p50_ms=10_000, p95_ms=10_000, p99_ms=10_000, throughput=0.01, calls=20, warm_up=1)
    found, outcome = gate(tmp_path, "slow", latency=wide)
    assert {check.status for check in found.values()} == {"passed"}
    assert {metric.name.rpartition(".")[2] for metric in outcome.metrics} == {
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "throughput",
    }
    assert all(metric.n == 20 for metric in outcome.metrics)
    found, _ = gate(tmp_path, "slow", latency=Latency(p50_ms=1, p95_ms=1, throughput=1000, calls=60, warm_up=1))
    assert {name: check.status for name, check in found.items()} == {
        "latency.p50": "failed", "latency.p95": "failed", "latency.p99": "passed", "latency.throughput": "failed",
    }  # fmt: skip
    assert "above the maximum of 1 ms" in found["latency.p95"].reason
    found, _ = gate(tmp_path, "slow", latency=Latency(p50_ms=1, calls=3, warm_up=0))
    assert found["latency.p50"].status == "inconclusive"


def test_the_time_of_a_model_that_fails_is_errored(tmp_path):
    found, _ = gate(tmp_path, "broken", latency=Latency(p50_ms=10))
    assert (found["latency"].status, "no weights" in found["latency"].reason) == ("errored", True)


def test_memory_is_that_of_the_model_s_own_process(tmp_path):
    limits = SizeLimits(max="200MB", max_drop="10%")
    found, outcome = gate(tmp_path, "healthy", peak_memory=limits)
    assert found["peak-memory"].status == "passed"
    (metric,) = outcome.metrics
    assert (metric.name, metric.max_drop, metric.higher_is_better) == ("model.m.peak_memory_mb", "10%", False)
    found, _ = gate(tmp_path, "large", peak_memory=limits)
    assert found["peak-memory"].status == "failed"
    assert found["peak-memory"].details["value"] > 300


def test_the_size_of_files_is_held_to_its_limit(tmp_path):
    (tmp_path / "weights").mkdir()
    for at in range(3):
        (tmp_path / "weights" / f"{at}.bin").write_bytes(b"x" * 400_000)
    found, outcome = gate(tmp_path, "healthy", size="1MB", model_files=("weights",))
    assert found["size"].reason == "the size of the model in MB is 1.2, above the maximum of 1"
    assert outcome.metrics[0].name == "model.m.size_mb"
    found, _ = gate(tmp_path, "healthy", size="1.2MB", model_files=("weights/*.bin",))
    assert found["size"].status == "passed"
    found, _ = gate(tmp_path, "healthy", size="1MB", model_files=("none*",))
    assert found["size"].status == "errored"


def repository(root, before, now):
    """A repository whose model sleeps `before` milliseconds at the base, and `now` in the work tree."""

    def write(milliseconds):
        (root / "timed.py").write_text(
            textwrap.dedent(f"""
            import time
            def predict(texts):
                time.sleep({milliseconds} / 1000)
                return ["a"] * len(texts)
            """)
        )

    def call(*words):
        return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()

    write(before)
    (root / "data.csv").write_text("text,label\nx,a\n")
    call("init", "-q")
    call("add", ".")
    call("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "base")
    commit = call("rev-parse", "HEAD")
    write(now)
    return {"repository": git.find(root), "find_base": lambda: Base(commit=commit, note="")}


@pytest.mark.parametrize(("now", "status"), [(5, "passed"), (60, "failed")])
def test_a_model_is_measured_in_turns_with_that_of_the_base(tmp_path, now, status):
    latency = Latency(max_drop="300%", calls=20, rounds=10, warm_up=1)
    found, _ = gate(
        tmp_path, "", predict="timed:predict", latency=latency,
        config={"baseline": Baseline(recompute=True)}, settings=repository(tmp_path, 5, now),
    )  # fmt: skip
    check = found["latency.max-drop"]
    assert (check.status, check.details["rounds"]) == (status, 10)
    if status == "failed":
        assert "more than 300% slower in 10 of 10 rounds" in check.reason


def test_without_a_base_there_is_nothing_to_be_measured_in_turns_with(tmp_path):
    latency = Latency(max_drop="20%", calls=3, warm_up=0)
    found, _ = gate(tmp_path, "healthy", latency=latency)
    assert found["latency.max-drop"].status == "skipped"
    assert "`baseline: {recompute: true}`" in found["latency.max-drop"].reason


def test_a_base_that_is_broken_does_not_block_the_change_that_mends_it(tmp_path):
    settings = repository(tmp_path, 1, 1)  # which has no models.py
    latency, config = Latency(max_drop="20%", calls=3, warm_up=0), {"baseline": Baseline(recompute=True)}
    found, _ = gate(tmp_path, "healthy", latency=latency, config=config, settings=settings)
    assert found["latency.max-drop"].status == "inconclusive"
    assert (
        "the base's model cannot be asked: models:healthy: cannot be imported: No module"
        in found["latency.max-drop"].reason
    )
