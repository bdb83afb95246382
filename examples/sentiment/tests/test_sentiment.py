import pytest
from sentiment import label, predict


@pytest.mark.parametrize(
    ("compound", "expected"),
    [(0.05, "positive"), (0.049, "neutral"), (0.0, "neutral"), (-0.049, "neutral"), (-0.05, "negative")],
)
def test_label_turns_at_the_threshold(compound, expected):
    assert label(compound) == expected


def test_every_text_gets_a_label_and_probabilities_that_sum_to_one():
    answers = predict(["good", "bad", "a table"])
    assert [answer["label"] for answer in answers] == ["positive", "negative", "neutral"]
    assert all(abs(sum(answer["probabilities"].values()) - 1) < 1e-9 for answer in answers)


def test_nothing_in_nothing_out():
    assert predict([]) == []
