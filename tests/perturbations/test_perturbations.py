import inspect
from random import Random

import pytest

from mlci.errors import CannotRun, UsageError
from mlci.perturbations import PERTURBATIONS, find

TEXTS = ["It isn't 10 o'clock.", "Hello there", "I do not know what it is", "Flight 911 costs 450 dollars!", "ok"]


@pytest.mark.parametrize("name", list(PERTURBATIONS))
def test_each_says_what_it_does_and_where_it_changes_nothing(name):
    entry = PERTURBATIONS[name]
    assert PERTURBATIONS.summary(name).endswith(".")
    assert entry.unchanged
    parameters = list(inspect.signature(entry.function).parameters.values())
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters[2:])


def works_without_settings(entry):
    parameters = inspect.signature(entry.function).parameters.values()
    needed = [one for one in parameters if one.default is inspect.Parameter.empty]
    return not any(one.kind is inspect.Parameter.KEYWORD_ONLY for one in needed)


OF_TEXT = [name for name in PERTURBATIONS if PERTURBATIONS[name].of == "text"]


@pytest.mark.parametrize("name", [name for name in OF_TEXT if works_without_settings(PERTURBATIONS[name])])
def test_text_is_changed_exactly_where_the_rule_applies_and_alike_for_one_seed(name):
    entry = PERTURBATIONS[name]
    for text in TEXTS:
        changed = entry(text, Random(3))
        assert (changed != text) == entry.applies(text), (text, changed)
        assert changed == entry(text, Random(3))


def test_dashes_and_underscores_are_alike():
    assert find("change_number") is find("change-number")
    with pytest.raises(UsageError, match="typos"):
        find("typoes")


def test_typos_swap_neighbours_inside_words():
    changed = find("typos")("abcdefgh", Random(0), n=2)
    assert sorted(changed) == sorted("abcdefgh")
    assert sum(one != other for one, other in zip(changed, "abcdefgh", strict=True)) == 4
    assert not find("typos").applies("aaaa")


@pytest.mark.parametrize(
    ("text", "changed"), [("Great!", "Great"), ("Great", "Great."), ("Great…  ", "Great"), ("?!", "?!")]
)
def test_punctuation_is_stripped_or_added(text, changed):
    assert find("punctuation")(text, Random(0)) == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("It isn't so", "It is not so"),
        ("It’s fine", "It is fine"),
        ("he's been there", "he has been there"),
        ("You'd better go", "You had better go"),
        ("DON'T go", "DO NOT go"),
        ("I am sure", "I'm sure"),
        ("I know what it is.", "I know what it is."),
    ],
)
def test_contractions_go_both_ways(text, changed):
    assert find("contractions")(text, Random(0)) == changed


def test_numbers_stay_within_reach_and_always_change():
    for seed in range(200):
        changed = find("change-number")("room 100", Random(seed))
        value = int(changed.removeprefix("room "))
        assert 80 <= value <= 120
        assert value != 100
    assert find("change-number")("agent 007", Random(1)) in {"agent 006", "agent 008"}


@pytest.mark.parametrize("text", ["2 go 4 it", "v2.0", "at 5:30", "12.5 percent", "A380"])
def test_what_is_no_number_of_its_own_is_left_alone(text):
    assert not find("change-number").applies(text)


def test_a_category_becomes_another_one():
    swap = find("swap-category")
    row = {"sex": "male", "age": 3}
    assert swap(row, Random(0), column="sex", values=("male", "female")) == {"sex": "female", "age": 3}
    assert not swap.applies({"sex": None}, column="sex", values=("male", "female"))
    assert swap.learn([row, {"sex": "female"}], {"column": "sex"})["values"] == ("female", "male")


def test_scaling_keeps_whole_numbers_whole():
    scale = find("scale")
    assert scale({"area": 50}, Random(0), column="area", by=1.1) == {"area": 55}
    assert scale({"area": 50.0}, Random(0), column="area", by=1.5) == {"area": 75.0}
    assert not scale.applies({"area": 0}, column="area", by=1.1)
    assert not scale.applies({"area": 1}, column="area", by=1.1)
    with pytest.raises(CannotRun, match='did you mean "area"'):
        scale({"area": 50}, Random(0), column="aera", by=1.1)
