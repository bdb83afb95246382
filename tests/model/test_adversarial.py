"""Adversarial search: finds the fault that a model was built with, and finds none where there is none."""

from random import Random

import pytest
from PIL import Image

from mlci.errors import UsageError
from mlci.model import run_behaviour

WORDS = [
    "the",
    "film",
    "was",
    "long",
    "and",
    "then",
    "it",
    "began",
    "to",
    "rain",
    "over",
    "the",
    "hills",
    "while",
    "people",
    "went",
    "home",
    "early",
    "today",
]


def run(predict, root=".", **test):
    test = {"name": "t", "type": "adversarial", "expect": "same-prediction", "max-success-rate": 0.2, **test}
    return run_behaviour({"tests": [test]}, predict, root=root).tests[0]


def texts(seed, size=30):
    rng = Random(seed)
    return [" ".join([*rng.sample(WORDS, 8), rng.choice(["good", "bad"])]) for _ in range(size)]


def by_one_word(inputs):
    """Hang on one word written right: a misspelling turns the answer."""
    return ["positive" if "good" in text.split() else "negative" for text in inputs]


def by_number_of_words(inputs):
    """Look at the number of words alone, which no misspelling changes."""
    return ["long" if len(text.split()) > 5 else "short" for text in inputs]


def by_share(inputs):
    """Give probabilities by how many words are known, so that it takes three misspellings to turn the answer."""
    found = []
    for text in inputs:
        known = sum(word in WORDS for word in text.split()) / 10
        found.append(("known" if known > 0.5 else "unknown", {"known": known, "unknown": 1 - known}))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_text_model_that_hangs_on_one_word_is_flipped_and_one_that_does_not_is_not(seed):
    fault = run(by_one_word, examples=texts(seed), seed=seed, **{"max-success-rate": 0.05})
    assert fault.failed_cases == sum(by_one_word([text]) == ["positive"] for text in texts(seed))
    assert fault.status == "failed"
    assert all(example.original_prediction.label == "positive" for example in fault.examples)
    sound = run(by_number_of_words, examples=texts(seed), seed=seed)
    assert (sound.failed_cases, sound.status) == (0, "passed")


def test_the_smallest_change_is_found_and_shown():
    result = run(by_one_word, examples=["the film was good and long"])
    (example,) = result.examples
    assert (example.original, example.original_prediction.label, example.prediction.label) == (
        "the film was good and long", "positive", "negative",
    )  # fmt: skip
    changed = [pair for pair in zip(example.original.split(), example.input.split(), strict=True) if pair[0] != pair[1]]
    assert len(changed) == 1
    assert changed[0][0] == "good"
    assert "1 edits at least" in result.notes[1]
    assert result.reason == "1 of 1 cases can be turned (100.0%), more than 20% may"


def test_several_changes_are_put_together_by_how_much_each_moves_the_probability():
    examples = [" ".join(WORDS[:8]) + " qqq qqq"]
    result = run(by_share, examples=examples, search={"changes": 3})
    assert result.failed_cases == 1
    changed = sum(a != b for a, b in zip(examples[0].split(), result.examples[0].input.split(), strict=True))
    assert changed == 3
    assert run(by_share, examples=examples, search={"changes": 2}).failed_cases == 0


def test_the_budget_is_kept_and_all_cases_are_asked_together():
    calls = []

    def sound(inputs):
        calls.append(len(inputs))
        return by_number_of_words(inputs)

    result = run(sound, examples=texts(1, size=10), search={"budget": 20})
    assert result.notes == ("the search asked the model about 200 changed inputs",)
    assert calls == [10, 160, 40]


def test_only_cases_that_are_right_to_begin_with_are_attacked():
    examples = [{"input": "good film", "label": "positive"}, {"input": "long film", "label": "positive"}]
    result = run(by_one_word, examples=examples)
    assert (result.cases, result.not_applicable, result.failed_cases) == (2, 1, 1)
    result = run(by_one_word, examples=[{"input": "long film", "label": "positive"}])
    assert (result.status, "none of the 1 cases is right" in result.reason) == ("failed", True)


def test_synonyms_and_kept_words():
    settings = {"characters": False, "synonyms": {"good": ["fine"]}}
    assert run(by_one_word, examples=["A good film"], search=settings).examples[0].input == "A fine film"
    assert run(by_one_word, examples=["A good film"], search={"keep": ["Good"]}).failed_cases == 0


def test_the_text_may_stand_in_a_column():
    def predict(rows):
        return by_one_word([row["text"] for row in rows])

    result = run(predict, examples=[{"input": {"text": "a good film", "stars": 3}}], search={"column": "text"})
    assert result.examples[0].input["stars"] == 3
    lost = run(lambda given: ["a"] * len(given), examples=[{"input": {"txt": "x"}}], search={"column": "text"})
    assert (lost.status, lost.reason) == ("errored", 'the inputs have no column "text", did you mean "txt"?')


def rows(seed, size=30):
    rng = Random(seed)
    return [{"age": rng.randint(20, 70), "income": rng.uniform(1000, 5000)} for _ in range(size)]


def cliff(given):
    """Turn at many thresholds of one column: a small step is enough."""
    return ["yes" if int(row["income"] / 150) % 2 else "no" for row in given]


def flat(given):
    """Turn far away from all rows."""
    return ["yes" if row["income"] > 50_000 or row["age"] > 300 else "no" for row in given]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_table_model_with_cliffs_is_flipped_and_a_flat_one_is_not(seed):
    fault = run(cliff, examples=rows(seed), seed=seed, search={"changes": 2})
    assert (fault.status, fault.failed_cases >= 15) == ("failed", True)
    sound = run(flat, examples=rows(seed), seed=seed, search={"changes": 2})
    assert (sound.status, sound.failed_cases) == ("passed", 0)


def test_steps_of_columns_may_be_given():
    def over(given):
        return ["yes" if row["age"] > 50 else "no" for row in given]

    examples = [{"age": 49, "town": "a"}, {"age": 20, "town": "a"}]
    result = run(over, examples=examples, search={"steps": {"age": 2}, "changes": 1})
    assert [example.input["age"] > 50 for example in result.examples] == [True]
    town = run(lambda given: [row["town"] for row in given], examples=examples, search={"steps": {"town": ["a", "b"]}})
    assert town.failed_cases == 2
    assert (
        run(over, examples=examples, search={"steps": {"aeg": 2}}).reason
        == 'the rows have no column "aeg", did you mean "age"?'
    )


def pictures(folder, seed, size=12):
    rng = Random(seed)
    names = []
    for at in range(size):
        image = Image.new("L", (16, 16))
        image.putdata([rng.randint(100, 250) for _ in range(256)])
        image.save(folder / f"{seed}-{at}.png")
        names.append(f"{seed}-{at}.png")
    return names


def looking(folder, decide):
    def predict(paths):
        found = []
        for path in paths:
            with Image.open(folder / path) as image:
                found.append(decide(image))
        return found

    return predict


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_an_image_model_that_hangs_on_one_corner_is_flipped_and_one_that_sees_the_whole_is_not(seed, tmp_path):
    names = pictures(tmp_path, seed)
    search = {"of": "image", "grid": 4, "changes": 1, "budget": 16}
    corner = looking(tmp_path, lambda image: "a" if image.getpixel((14, 1)) > 50 else "b")
    fault = run(corner, tmp_path, examples=names, seed=seed, search=search)
    assert (fault.failed_cases, fault.status) == (12, "failed")
    whole = looking(tmp_path, lambda image: "a" if sum(image.tobytes()) / 256 > 50 else "b")
    sound = run(whole, tmp_path, examples=names, seed=seed, search=search)
    assert (sound.failed_cases, sound.status) == (0, "passed")


def test_one_seed_finds_one_change_and_another_seed_another():
    def found(seed):
        return [example.input for example in run(by_one_word, examples=texts(3), seed=seed).examples]

    assert found(1) == found(1)
    assert found(1) != found(2)


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ({"max-success-rate": 0.1, "type": "INV", "perturb": "typos"}, "a test of type INV has no `max-success-rate`"),
        ({"search": {"budget": 0}}, "at least 1"),
        ({"search": {"bugdet": 1}}, 'no setting "bugdet", did you mean "budget"'),
        ({"search": {"of": "sound"}}, "'text', 'row' or 'image'"),
        ({"perturb": "typos"}, "a test of type adversarial has no `perturb`"),
        ({"search": [1]}, "`search` is a mapping"),
    ],
)
def test_mistakes_in_a_search_are_said(test, reason):
    with pytest.raises(UsageError, match=reason):
        run(by_one_word, examples=["x"], **test)
    with pytest.raises(UsageError, match="needs `max-success-rate`"):
        run_behaviour([{"name": "t", "type": "adversarial", "examples": ["x"]}], by_one_word)
