from random import Random

import pytest

from mlci.errors import UsageError
from mlci.model.behaviour.template import fill, fillings, places
from mlci.perturbations.words import article

LEXICONS = {
    "name": ["Ann", "Bo", "Cy"],
    "city": ["Oslo", "Rome"],
    "person": [{"first": "Ann", "last": "Ek"}],
    "pair": [["good", "bad"]],
    "adj": ["able", "big"],
}


def filled(template, **settings):
    rng = settings.pop("rng", Random(0))
    return [fill(template, values) for values in fillings(template, LEXICONS, rng=rng, **settings)]


def test_every_combination_is_made():
    assert len(filled("{name} in {city}")) == 6
    assert filled("{city}") == ["Oslo", "Rome"]


def test_a_number_is_another_draw_from_the_same_lexicon():
    assert len(filled("{name} and {name1}")) == 9
    assert len(filled("{name} and {name1}", distinct=True)) == 6
    assert len(filled("{name} and {name}")) == 3


def test_parts_articles_and_plain_braces():
    assert filled("{person.first} {person.last}: {pair[0]}, not {pair[1]} {{x}}") == ["Ann Ek: good, not bad {x}"]
    assert filled("{a:adj} day") == ["an able day", "a big day"]
    assert filled("{A:adj} day") == ["An able day", "A big day"]


def test_lists_and_mappings_are_filled_alike():
    assert filled(["I like {city}.", "I love {city}."])[0] == ["I like Oslo.", "I love Oslo."]
    assert filled({"town": "{city}", "rooms": 3})[1] == {"town": "Rome", "rooms": 3}


def test_zip_takes_them_side_by_side():
    assert filled("{city} {adj}", combine="zip") == ["Oslo able", "Rome big"]
    with pytest.raises(UsageError, match="of one length"):
        filled("{name} {city}", combine="zip")


def test_a_sample_is_drawn_without_making_all():
    huge = {"w": list(range(1000))}
    template = "{w} {w1} {w2} {w3} {w4}"
    with pytest.raises(UsageError, match="1,000,000,000,000,000 cases"):
        list(fillings(template, huge, rng=Random(0)))
    drawn = [tuple(values.values()) for values in fillings(template, huge, rng=Random(0), sample=50)]
    assert len(set(drawn)) == 50
    assert drawn == [tuple(values.values()) for values in fillings(template, huge, rng=Random(0), sample=50)]
    assert drawn != [tuple(values.values()) for values in fillings(template, huge, rng=Random(1), sample=50)]


@pytest.mark.parametrize("template", ["{}", "{1x}", "{a b}", "{x!r}"])
def test_what_is_no_place_is_said(template):
    with pytest.raises(UsageError, match="no name of a lexicon"):
        places(template)


def test_a_part_that_an_entry_does_not_have_is_said():
    with pytest.raises(UsageError, match='no part "middle"'):
        filled("{person.middle}")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("apple", "an"), ("book", "a"), ("hour", "an"), ("house", "a"), ("university", "a"), ("uninteresting", "an"),
        ("European", "a"), ("one-off", "a"), ("umbrella", "an"), ("FBI agent", "an"), ("UN envoy", "a"), ("PDF", "a"),
        ("8-bit", "an"), ("11", "an"), ("100", "a"), ("honest", "an"), ("user", "a"), ("Italian", "an"), ("Ugandan", "a"),
    ],
)  # fmt: skip
def test_articles_follow_the_sound(word, expected):
    assert article(word) == expected
