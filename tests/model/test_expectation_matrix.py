"""Every expectation, for every kind of model and of test: it judges, or it says in one line why it cannot."""

import pytest

from mlci.errors import UsageError
from mlci.model import run_behaviour
from mlci.model.behaviour.expectations import EXPECTATIONS


def classes(texts):
    return [("p" if "good" in text else "n", {"p": 0.9, "n": 0.1} if "good" in text else {"p": 0.2, "n": 0.8})
            for text in texts]  # fmt: skip


def numbers(texts):
    return [float(len(text)) for text in texts]


def several(texts):
    return [
        {"outputs": {"mood": mood, "size": size}} for mood, size in zip(classes(texts), numbers(texts), strict=True)
    ]


MODELS = {"classification": classes, "regression": numbers, "several outputs": several}
HOLDS = {"classification": "p", "regression": 9.0, "several outputs": {"mood": "p", "size": 9.0}}
EXPECT = {
    "label": ("label", "label", "label"),
    "not-label": ({"not-label": "n"}, {"not-label": 3.0}, {"output": {"mood": {"not-label": "n"}}}),
    "label-in": ({"label-in": ["p", "q"]}, {"label-in": [9.0, 1.0]}, {"output": {"size": {"label-in": [9.0]}}}),
    "between": (None, {"between": {"min": 8}}, {"output": {"size": {"between": {"min": 8}}}}),
    "near": (None, "near", {"output": {"size": {"near": {"value": 9}}}}),
    "probability": (
        {"probability": {"label": "p", "min": 0.8}},
        None,
        {"output": {"mood": {"probability": {"label": "p", "min": 0.8}}}},
    ),
    "all-equal": ("all-equal", "all-equal", "all-equal"),
    "same-prediction": ("same-prediction", "same-prediction", "same-prediction"),
    "increase": ({"increase": {"label": "p"}}, "increase", {"output": {"mood": {"increase": {"label": "p"}}}}),
    "decrease": ({"decrease": {"label": "n"}}, "decrease", {"output": {"size": "decrease"}}),
    "monotonic": ("monotonic", "monotonic", {"output": {"size": "monotonic"}}),
    "change-at-most": ({"change-at-most": 0.1}, {"change-at-most": 1}, {"output": {"size": {"change-at-most": 1}}}),
}
STAYS, WORSE = ["good film", "good book"], ["a good one", "bad"]
PAIRS = {
    "increase": (["bad", "good film"], WORSE),
    "decrease": (["bad it is", "a good"], ["bad", "bad film"]),
}


@pytest.mark.parametrize("kind", ["MFT", "INV", "DIR"])
@pytest.mark.parametrize("of", MODELS)
@pytest.mark.parametrize("name", EXPECT)
def test_an_expectation_judges_what_it_makes_sense_for(name, of, kind):
    """It holds for one case and fails for another, or is refused or errored where there is nothing to look at."""
    written = EXPECT[name][list(MODELS).index(of)]
    compares = EXPECTATIONS[name].compares
    examples = [{"inputs": pair, "label": HOLDS[of]} for pair in PAIRS.get(name, (STAYS, WORSE))]
    test = {"name": "t", "type": kind, "examples": examples, "expect": written or {name: _anything(name)}}
    if kind == "MFT" and compares:
        with pytest.raises(UsageError, match="compares with an original"):
            run_behaviour([test], MODELS[of])
        return
    (result,) = run_behaviour([test], MODELS[of]).tests
    if written is None:
        assert (result.status, "\n" in result.reason) == ("errored", False)
        return
    assert (result.status, result.cases, result.failed_cases) == ("failed", 2, 1)


def _anything(name):
    return {"between": {"min": 0}, "near": {"value": 1}, "probability": {"label": "p", "min": 0.5}}[name]


def test_every_expectation_is_tried():
    assert set(EXPECT) == set(EXPECTATIONS)
