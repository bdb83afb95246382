"""Badges as shields.io reads them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mlci.reports.badges import MOST, badges
from mlci.reports.folder import write
from mlci.results.files import read
from mlci.results.merge import merge
from mlci.results.model import Metric, Results

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
NOTHING = Results(schema=1, mlci="0", project="p", started="", duration_s=0, verdict="passed")
NAME = re.compile(r"[a-z0-9_-]{1,100}\.json")


def of(results):
    found = {name: json.loads(text) for name, text in badges(results).items()}
    for name, badge in found.items():
        assert NAME.fullmatch(name)
        assert set(badge) == {"schemaVersion", "label", "message", "color"}
        assert badge["schemaVersion"] == 1
        assert badge["label"]
    return {name.removesuffix(".json"): (one["label"], one["message"], one["color"]) for name, one in found.items()}


def test_badges_of_a_run():
    found = of(read(GOLDEN / "failing.json"))
    assert found["verdict"] == ("mlci", "blocked", "red")
    assert found["coverage"] == ("coverage", "93.42%", "green")
    assert found["model-topics-accuracy"] == ("topics.accuracy", "0.8811", "red")
    assert found["model-topics-latency-p95-ms"] == ("topics.latency.p95-ms", "14.2", "blue")
    assert len(found) == 2 + sum(metric.slice is None for metric in read(GOLDEN / "failing.json").metrics)


@pytest.mark.parametrize(
    ("name", "said"), [("passing", "passing"), ("stopped", "could not run"), ("errored", "could not run")]
)
def test_verdicts(name, said):
    assert of(read(GOLDEN / f"{name}.json"))["verdict"][1] == said


def test_run_that_checked_nothing_is_not_green():
    assert of(NOTHING) == {"verdict": ("mlci", "nothing checked", "lightgrey")}


def test_coverage_is_never_rounded_up_and_the_lowest_of_all_legs():
    legs = [replace(NOTHING, cell=str(value), metrics=(Metric(name="code.coverage.total", value=value),)) for value in (94.999, 97.0)]  # fmt: skip
    assert of(merge(legs))["coverage"] == ("coverage", "94.99%", "green")


def test_names_of_hostile_numbers_stay_in_the_folder_and_apart(tmp_path):
    names = ["../../evil", "a/b", "a b", "A.b", "a.b", "verdict", "coverage", "", "\u202eabc", "x" * 5000, "x" * 5001, "é", "\ud800", ".", "con\x00"]  # fmt: skip
    hostile = replace(NOTHING, metrics=tuple(Metric(name=name, value=place) for place, name in enumerate(names)))
    found = of(hostile)
    assert len(found) == 1 + len(names)
    assert found["verdict"][0] == "mlci"
    assert "\u202e" not in json.dumps(list(found.values()), ensure_ascii=False)
    write(replace(hostile, metrics=hostile.metrics[:12]), tmp_path / "out")
    assert {path.parent for path in (tmp_path / "out" / "badges").rglob("*")} == {tmp_path / "out" / "badges"}
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -0.0])
def test_any_number_has_a_badge(value):
    found = of(replace(NOTHING, metrics=(Metric(name="code.coverage.total", value=value), Metric(name="a", value=value))))  # fmt: skip
    assert found["a"][1]


def test_badges_of_an_earlier_run_are_gone(tmp_path):
    write(read(GOLDEN / "failing.json"), tmp_path)
    write(NOTHING, tmp_path)
    assert [path.name for path in (tmp_path / "badges").iterdir()] == ["verdict.json"]


def test_many_numbers_are_limited():
    many = replace(NOTHING, metrics=tuple(Metric(name=f"a.{number}", value=1) for number in range(MOST + 50)))
    assert len(badges(many)) == MOST + 1
