"""Perturbations of who and where: names of people and places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Literal

from mlci.perturbations import perturbation
from mlci.perturbations.lexicon import table
from mlci.perturbations.words import pattern_of

# Short for a month, or a part of "Viet Nam": more often not a name.
_NO_NAMES = frozenset({"Jun", "Nam"})


# "in the Netherlands", but "in Peru": one cannot stand for the other.
_WITH_THE = frozenset(
    {
        "Bahamas", "Central African Republic", "Dominican Republic", "Gambia", "Ivory Coast", "Maldives", "Netherlands",
        "Philippines", "Seychelles", "United Arab Emirates", "United Kingdom", "United States",
    }
)  # fmt: skip


@cache
def _people() -> re.Pattern[str]:
    """Find a first name, with the last name behind it where it is a known one."""
    last = "|".join(sorted({re.escape(row["name"]) for row in table("last_names")}))
    first = {row["name"] for row in table("first_names")} - _NO_NAMES
    return pattern_of(first, ignore_case=False, after=rf"(?P<last>\s+(?:{last})\b)?")


@cache
def _gender(name: str) -> str:
    return next(row["gender"] for row in table("first_names") if row["name"] == name)


@cache
def _firsts(gender: str, culture: str | None) -> Sequence[str]:
    return tuple(
        row["name"] for row in table("first_names") if row["gender"] == gender and culture in (None, row["culture"])
    )


@cache
def _lasts(culture: str | None) -> Sequence[str]:
    return tuple(row["name"] for row in table("last_names") if culture in (None, row["culture"]))


Culture = Literal[
    "english", "spanish", "chinese", "indian", "arabic", "west african", "japanese", "slavic", "german", "korean",
    "french", "vietnamese",
]  # fmt: skip


@perturbation(
    "change-name",
    of="text",
    unchanged="texts without a first name of the list, written with a capital",
    applies=lambda text, **_: bool(_people().search(text)),
)
def change_name(text: str, rng: Random, *, to: Culture | None = None) -> str:
    """Give people other names of the same gender, the same one each time; `to` names the culture of the new ones."""
    given: dict[str, str] = {}
    return _people().sub(lambda match: _renamed(match, rng, to, given), text)


def _renamed(match: re.Match[str], rng: Random, to: str | None, given: dict[str, str]) -> str:
    last = (match["last"] or "").strip()
    first = match.group().split()[0]
    if first not in given:
        given[first] = rng.choice([name for name in _firsts(_gender(first), to) if name != first])
    if last and last not in given:
        given[last] = rng.choice([name for name in _lasts(to) if name != last])
    return given[first] + (f" {given[last]}" if last else "")


@cache
def _places() -> Mapping[str, str]:
    """Return the kind of each place."""
    countries = table("countries")
    capitals = {row["capital"]: "city" for row in countries}
    cities = {row["city"]: "city" for row in table("cities")}
    alone = [row["country"] for row in countries if row["country"] not in _WITH_THE]
    return capitals | cities | dict.fromkeys(alone, "country")


@cache
def _located() -> re.Pattern[str]:
    return pattern_of(_places(), ignore_case=False)


@cache
def _of_kind(kind: str) -> Sequence[str]:
    return sorted(place for place, known in _places().items() if known == kind)


@perturbation(
    "change-location",
    of="text",
    unchanged="texts without a city or country of the lists, written with a capital",
    applies=lambda text, **_: bool(_located().search(text)),
)
def change_location(text: str, rng: Random) -> str:
    """Put another city in the place of a city and another country in the place of a country, the same one each time."""
    given: dict[str, str] = {}
    return _located().sub(lambda match: _moved(" ".join(match.group().split()), rng, given), text)


def _moved(place: str, rng: Random, given: dict[str, str]) -> str:
    if place not in given:
        given[place] = rng.choice([other for other in _of_kind(_places()[place]) if other != place])
    return given[place]
