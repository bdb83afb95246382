from collections import Counter

import pytest

from mlci.perturbations.lexicon import table


@pytest.mark.parametrize(
    ("name", "column", "least"),
    [
        ("first_names", "name", 200),
        ("last_names", "name", 200),
        ("countries", "country", 150),
        ("countries", "capital", 150),
        ("countries", "nationality", 150),
        ("spelling", "us", 150),
        ("contractions", "contraction", 100),
        ("cities", "city", 80),
        ("groups", "term", 100),
    ],
)
def test_a_list_is_long_enough_and_repeats_nothing(name, column, least):
    words = [row[column] for row in table(name)]
    assert len(words) >= least
    assert [word for word, times in Counter(words).items() if times > 1] == []
    assert all(word == word.strip() and word for word in words)


def test_names_come_from_ten_cultures_and_more():
    people = Counter((row["culture"], row["gender"]) for row in table("first_names"))
    assert len({culture for culture, _ in people}) >= 10
    assert min(people.values()) >= 10
    assert min(Counter(row["culture"] for row in table("last_names")).values()) >= 20


def test_spellings_differ_and_no_word_is_on_both_sides():
    rows = table("spelling")
    assert not {row["us"] for row in rows} & {row["uk"] for row in rows}


def test_every_kind_of_group_has_terms_to_swap_with():
    assert min(Counter((row["kind"], row["form"]) for row in table("groups")).values()) >= 2
