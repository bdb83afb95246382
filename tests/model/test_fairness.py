"""Fairness: a model built to treat groups apart is found, one that does not is not, and small groups are said."""

import csv
import sys
from pathlib import Path
from random import Random

import pytest

from mlci.config.check import check
from mlci.config.common import Limits
from mlci.config.explain import Fairness
from mlci.config.model import Config
from mlci.config.models import Evaluate, Model
from mlci.errors import ConfigError, UsageError, Where
from mlci.gates import Context
from mlci.gates.model import run
from mlci.interpreter import Interpreter
from mlci.model.fairness import MEASURES
from mlci.model.fairness.rates import Rate, difference

FIELDS = ("id", "truth", "prediction", "group", "town")


def rows(seed, *, apart, size=800):
    """Examples of two groups; in group b the favourable prediction is rarer by `apart`, whatever is true."""
    rng = Random(seed)
    found = []
    for at in range(size):
        group, truth = rng.choice("ab"), rng.random() < 0.5
        said = (
            rng.random()
            < (0.8 if truth else 0.2) - (apart if group == "b" else 0) * 0.5 + (apart if group == "a" else 0) * 0.5
        )
        found.append((at, "yes" if truth else "no", "yes" if said else "no", group, rng.choice("xyz")))
    return found


def gate(folder, given, **fairness):
    with (folder / "data.csv").open("w", newline="") as file:
        csv.writer(file).writerows([FIELDS, *given])
    settings = {"by": ("group",), "metrics": {"demographic_parity_difference": Limits(max=0.1)}, "positive": "yes"}
    model = Model(
        predictions="data.csv", prediction="prediction", evaluate=Evaluate(data="data.csv", label="truth", id="id"),
        fairness=Fairness(**{**settings, **fairness}),
    )  # fmt: skip
    outcome = run(
        Context(
            root=folder, config=Config(version=1, model={"m": model}), where=lambda *key: Where(path="mlci.yaml", line=len(key)),
            find_python=lambda: Interpreter(path=Path(sys.executable), why="the tests'"), out=folder / "out",
        )
    )  # fmt: skip
    return {one.id: one for one in outcome.gate.checks}, {one.name: one for one in outcome.metrics}


NAME = "model.m.fairness.group.demographic_parity_difference"


@pytest.mark.slow
def test_over_20_seeds_the_unfair_model_is_found_and_the_fair_one_is_not(tmp_path):
    ends = {
        apart: [gate(tmp_path, rows(seed, apart=apart))[0][NAME].status for seed in range(20)] for apart in (0.0, 0.25)
    }
    assert ends[0.25] == ["failed"] * 20
    assert "failed" not in ends[0.0]
    assert ends[0.0].count("passed") >= 1  # the others say that so few examples cannot tell


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "demographic_parity_difference",
        "demographic_parity_ratio",
        "equal_opportunity_difference",
        "equal_opportunity_ratio",
        "equalized_odds_difference",
        "equalized_odds_ratio",
    ],
)
def test_the_values_are_those_of_fairlearn(tmp_path, name):
    oracle = getattr(pytest.importorskip("fairlearn.metrics", reason="group oracles"), name)
    given = rows(5, apart=0.2, size=300)
    _, metrics = gate(tmp_path, given, by=("town",), metrics={name: Limits()})
    truth, said = ([one[at] == "yes" for one in given] for at in (1, 2))
    found = metrics[f"model.m.fairness.town.{name}"]
    assert found.value == pytest.approx(oracle(truth, said, sensitive_features=[one[4] for one in given]))
    assert found.interval[0] <= found.value <= found.interval[1]
    assert found.higher_is_better == name.endswith("ratio")


@pytest.mark.slow
def test_the_interval_holds_the_true_difference_as_often_as_it_says():
    rng = Random(0)
    for sizes, shares in (((60, 60), (0.5, 0.3)), ((40, 80, 200), (0.2, 0.25, 0.6)), ((50, 50, 50), (0.5, 0.5, 0.5))):
        held = 0
        for _ in range(300):
            rates = {
                str(at): Rate(hits=sum(rng.random() < share for _ in range(size)), of=size)
                for at, (size, share) in enumerate(zip(sizes, shares, strict=True))
            }
            between = difference(rates, 0.95)
            held += between.low <= max(shares) - min(shares) <= between.high
        assert held >= 0.93 * 300


def test_a_failed_measure_says_by_how_much_and_shows_the_groups(tmp_path):
    checks, _ = gate(tmp_path, rows(1, apart=0.5))
    found = checks[NAME]
    assert found.reason.startswith("demographic_parity_difference between groups of group is 0.")
    assert found.reason.endswith("above 0.1")
    assert [row["group"] for row in found.details["groups"]] == ["a", "b"]
    assert "exact intervals" in found.details["interval_method"]


def test_small_groups_are_left_out_and_said(tmp_path):
    given = [*rows(1, apart=0.0), *[(1000 + at, "yes", "no", "c", "x") for at in range(7)]]
    checks, _ = gate(tmp_path, given)
    small = checks["model.m.fairness.group.groups"]
    assert (small.status, small.reason) == (
        "inconclusive", "1 group of group too small to compare: c (7); at least 30 examples are asked for",
    )  # fmt: skip
    assert checks[NAME].status in ("passed", "inconclusive")


@pytest.mark.slow
def test_one_group_alone_is_no_comparison(tmp_path):
    given = [(at, "yes", "yes", "a", "x") for at in range(60)]
    checks, metrics = gate(tmp_path, given)
    assert (checks[NAME].status, "nothing was compared" in checks[NAME].reason) == ("failed", True)
    assert metrics == {}
    checks, _ = gate(
        tmp_path, rows(1, apart=0, size=70), metrics={"equalized_odds_ratio": Limits(min=0.8, severity="warning")}
    )
    assert checks["model.m.fairness.group.equalized_odds_ratio"].status == "warned"


@pytest.mark.slow
def test_columns_may_make_groups_together(tmp_path):
    checks, _ = gate(tmp_path, rows(1, apart=0.5), by=(("group", "town"),))
    found = checks["model.m.fairness.group and town.demographic_parity_difference"]
    assert [row["group"] for row in found.details["groups"]] == ["a, x", "a, y", "a, z", "b, x", "b, y", "b, z"]


@pytest.mark.slow
def test_what_cannot_be_compared_is_said(tmp_path):
    with pytest.raises(UsageError, match='no column "grop", did you mean "group"'):
        gate(tmp_path, rows(1, apart=0), by=("grop",))
    three = [(at, "abc"[at % 3], "abc"[at % 3], "ab"[at % 2], "x") for at in range(90)]
    checks, _ = gate(tmp_path, three, positive=None)
    assert (checks[NAME].status, "there are 3" in checks[NAME].reason) == ("errored", True)
    assert "no label is the favourable one, 'maybe'" in gate(tmp_path, three, positive="maybe")[0][NAME].reason
    numbers = [(at, at + 0.5, at + 0.25, "ab"[at % 2], "x") for at in range(90)]
    assert gate(tmp_path, numbers, positive=None)[0][NAME].status == "errored"


@pytest.mark.parametrize(
    ("fairness", "reason"),
    [
        ("{by: [a], metrics: {demographic_parity: {max: 0.1}}}", "unknown fairness measure"),
        ("{by: [], metrics: {demographic_parity_ratio: {min: 0.8}}}", "is empty"),
        ("{by: [a], metrics: {}}", "is empty"),
    ],
)
def test_mistakes_in_the_configuration_have_their_place(fairness, reason):
    text = f"version: 1\nmodel:\n  m:\n    predictions: p.csv\n    evaluate: {{data: d.csv, id: id}}\n    fairness: {fairness}\n"
    with pytest.raises(ConfigError, match=f"mlci.yaml:6 .*{reason}"):
        check(text.encode(), "mlci.yaml")


def test_every_measure_says_what_it_is():
    assert len(list(MEASURES)) == 6
    assert all(MEASURES.summary(name) for name in MEASURES)
