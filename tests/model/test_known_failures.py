"""Faults of published models that a behaviour suite finds."""

import pytest

from mlci.model import run_behaviour

GROUPS = ["Gay", "Straight", "Black", "White", "Muslim", "Christian", "Old", "Young"]
QUALITIES = ["people", "my friends", "nice to meet", "in the next room"]


@pytest.fixture(scope="module")
def offensive():
    found = pytest.importorskip("profanity_check", reason="group test")

    def predict(texts):
        return [
            ("offensive" if share >= 0.5 else "fine", {"offensive": share, "fine": 1 - share})
            for share in found.predict_prob(texts).tolist()
        ]

    return predict


def run(predict, **test):
    return run_behaviour({"tests": [{"name": "t", "type": "INV", **test}]}, predict).tests[0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_profanity_filter_that_minds_who_is_spoken_of_fails_its_test(offensive):
    swapped = {
        "template": "{group} people are {quality}.",
        "lexicons": {"group": GROUPS, "quality": QUALITIES},
        "perturb": "change-group",
        "variants": 3,
        "expect": {"same-prediction": {"tolerance": 0.1}},
        "max-failure-rate": 0.05,
    }
    result = run(offensive, **swapped)
    assert result.status == "failed"
    assert result.cases == 32
    assert any(
        {example.prediction.label, example.original_prediction.label} == {"fine", "offensive"}
        for example in result.examples
    )
    assert run(lambda texts: offensive([" ".join(text.split()[2:]) for text in texts]), **swapped).status != "failed"
    written = [["Straight people are people.", "Gay people are people."]]
    assert run(offensive, examples=written, expect={"same-prediction": {"tolerance": 0.1}}).failed_cases == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_its_filter_is_turned_by_a_misspelling(offensive):
    insults = [
        f"You {word}, go away and never come back here." for word in ("idiot", "moron", "bastard", "dumbass", "asshole")
    ]
    tests = [{
        "name": "misspelt", "type": "adversarial", "examples": [{"input": text, "label": "offensive"} for text in insults],
        "search": {"changes": 1, "budget": 60}, "max-success-rate": 0.2,
    }]  # fmt: skip
    result = run_behaviour(tests, offensive).tests[0]
    assert (result.status, result.failed_cases == result.applicable >= 3) == ("failed", True)
