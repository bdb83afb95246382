"""`require: non-inferiority`: what is not shown blocks, for the models that ask for it alone."""

from mlci.config.baselines import Baseline
from mlci.config.model import Config
from mlci.config.models import Model
from mlci.decisions.requirement import require, strict_models
from mlci.results.model import Change, Comparison, Metric

METRIC = Metric(name="model.m.accuracy", value=0.9, max_drop=0.01)


def compared(status, **more):
    change = Change(**{"metric": "model.m.accuracy", "status": status, "max_drop": 0.01, "drop": 0.004, **more})
    return Comparison(status=status, reason=None, changes=(change,))


def test_what_is_inconclusive_blocks():
    after = require(compared("inconclusive", reason="200 examples show drops of 0.05"), [METRIC], strict={"m"})
    assert after.status == "failed"
    assert after.reason == (
        "model.m.accuracy is not shown to be within its limit (non-inferiority): 200 examples show drops of 0.05"
    )


def test_a_pass_by_the_plain_tolerance_shows_nothing():
    after = require(compared("passed"), [METRIC], strict={"m"})
    assert after.status == "failed"
    assert "plain tolerance" in after.reason


def test_what_is_shown_paired_passes():
    assert require(compared("passed", upper_bound=0.009), [METRIC], strict={"m"}).status == "passed"


def test_numbers_without_a_limit_and_other_models_are_left_alone():
    assert require(compared("passed", max_drop=None), [METRIC], strict={"m"}).status == "passed"
    assert (
        require(compared("inconclusive", metric="model.mm.accuracy"), [METRIC], strict={"m"}).status == "inconclusive"
    )
    assert require(compared("inconclusive", metric="code.coverage.total"), [], strict={"m"}).status == "inconclusive"


def test_a_limit_that_only_warns_still_only_warns():
    warning = Metric(name="model.m.accuracy", value=0.9, max_drop=0.01, severity="warning")
    assert require(compared("inconclusive"), [warning], strict={"m"}).status == "warned"


def test_the_baseline_speaks_for_models_that_say_nothing():
    models = {"a": Model(), "b": Model(require="no-regression"), "c": Model(require="non-inferiority")}
    usual = Config(version=1, model=models, baseline=Baseline())
    strict = Config(version=1, model=models, baseline=Baseline(require="non-inferiority"))
    assert strict_models(usual) == {"c"}
    assert strict_models(strict) == {"a", "c"}
