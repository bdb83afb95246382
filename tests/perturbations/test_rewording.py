import re
from random import Random

import pytest

from mlci.perturbations import find
from mlci.perturbations.lexicon import table


def changed(name, text, seed=0, **settings):
    return find(name)(text, Random(seed), **settings)


@pytest.mark.parametrize(
    ("name", "settings", "text", "expected"),
    [
        ("case", {}, "Hello", "HELLO"),
        ("case", {}, "HELLO", "hello"),
        ("case", {"mode": "title"}, "it's so", "It's So"),
        ("whitespace", {}, "a b", "a  b"),
        ("whitespace", {"mode": "newline"}, "a b", "a\nb"),
        ("whitespace", {"mode": "around"}, "ab", " ab "),
        ("accents", {}, "Café à la crème", "Cafe a la creme"),
        ("negation", {}, "This is good.", "This is not good."),
        ("negation", {}, "This isn't good.", "This is good."),
        ("negation", {}, "We CAN do it", "We CANNOT do it"),
        ("negation", {}, "I love it", "I do not love it"),
        ("negation", {"mode": "remove"}, "It was never good", "It was good"),
        ("negation", {}, "Is it good?", "Is it good?"),
        ("negation", {}, "She has a car", "She has a car"),
        ("spelling", {}, "My favorite Color", "My favourite Colour"),
        ("spelling", {}, "the organisation", "the organization"),
        ("slang", {}, "are you going to call", "r u gonna call"),
        ("slang", {}, "thx, tmrw", "thanks, tomorrow"),
        ("abbreviations", {}, "the IT dept. of the UK", "the IT department of the United Kingdom"),
        ("abbreviations", {}, "tell us more", "tell us more"),
        ("abbreviations", {}, "more information", "more info"),
        ("number-words", {}, "about 25 people", "about twenty-five people"),
        ("number-words", {}, "twenty five people", "25 people"),
        ("number-words", {}, "paid $6 or 15%", "paid $6 or 15%"),
        ("number-words", {"mode": "words"}, "see 340 of 17", "see three hundred and forty of seventeen"),
        ("pronouns", {}, "He saw her book and his friend saw her.", "She saw his book and her friend saw him."),
        ("pronouns", {}, "It is hers", "It is his"),
        ("pronouns", {}, "It is his", "It is hers"),
        ("pronouns", {"nouns": True}, "My father said SHE left", "My mother said HE left"),
        ("synonyms", {"words": {"good": "fine"}}, "Good, good", None),
        ("replace", {"words": {"good": "fine"}}, "Good, good, goodness", "Fine, fine, goodness"),
        ("add-text", {"texts": "Bye."}, "Hi.", "Hi. Bye."),
        ("add-text", {"texts": ["Oh."], "at": "start"}, "Hi.", "Oh. Hi."),
    ],
)
def test_texts_are_rewritten_as_people_write(name, settings, text, expected):
    found = changed(name, text, **settings)
    assert found == expected if expected is not None else found in {"Fine, good", "Good, fine"}


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("delete", lambda one, other: len(other) == len(one) - 1),
        ("insert", lambda one, other: len(other) == len(one) + 1),
        ("neighbour", lambda one, other: sum(a != b for a, b in zip(one, other, strict=True)) == 1),
    ],
)
def test_typos_are_of_the_kind_that_is_asked_for(kind, check):
    for seed in range(50):
        assert check("keyboard", changed("typos", "keyboard", seed, kind=kind))


def test_homoglyphs_look_alike_and_are_not_latin():
    found = changed("homoglyphs", "people", n=2)
    assert len(found) == 6
    assert sum(ord(letter) > 127 for letter in found) == 2


def test_scanners_misread_what_looks_alike():
    assert {changed("ocr", "modern 100", seed) for seed in range(60)} >= {"modem 100", "rnodern 100"}


def test_a_name_becomes_another_of_the_same_gender_each_time_alike():
    women = {row["name"] for row in table("first_names") if row["gender"] == "female"}
    found = changed("change-name", "Emily Clarke met Omar; Emily left.")
    match = re.fullmatch(r"(\S+) \S+ met (\S+); (\S+) left\.", found)
    assert match
    assert match[1] == match[3] != "Emily"
    assert match[1] in women
    assert match[2] not in women
    assert "Clarke" not in found
    japanese = {row["name"] for row in table("first_names") if row["culture"] == "japanese"}
    assert changed("change-name", "Emily", to="japanese") in japanese
    assert changed("change-name", "emily, the clarke") == "emily, the clarke"


def test_a_place_becomes_another_of_its_kind():
    countries = {row["country"] for row in table("countries")}
    found = changed("change-location", "from Oslo in Norway to Oslo")
    match = re.fullmatch(r"from (.+) in (.+) to (.+)", found)
    assert match
    assert match[1] == match[3] != "Oslo"
    assert match[2] in countries - {"Norway"}
    assert changed("change-location", "in the Netherlands") == "in the Netherlands"


def test_a_group_becomes_another_of_its_kind_and_the_article_follows():
    found = {changed("change-group", "She is a Muslim.", seed) for seed in range(60)}
    assert "She is a Christian." in found
    assert "She is an Orthodox Christian." in found
    assert not any("Muslim" in text for text in found)
    assert "Straight people are people." in {
        changed("change-group", "Gay people are people.", seed) for seed in range(40)
    }
    assert changed("change-group", "Black coffee, straight ahead, old wine") == "Black coffee, straight ahead, old wine"
    assert changed("change-group", "A Turkish man", kind="religion") == "A Turkish man"


def test_addresses_and_handles_are_added():
    assert re.fullmatch(r"Hi https://t\.example/\w{6}", changed("url", "Hi"))
    assert re.fullmatch(r"@\w{6} @\w{6} Hi", changed("handle", "Hi", n=2))
