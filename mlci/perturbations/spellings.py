"""Perturbations that write the same thing in another way: American and British, slang, abbreviations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation
from mlci.perturbations.lexicon import table
from mlci.perturbations.words import like, pattern_of, plain, replaced


@cache
def _spellings(to: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return what finds words that are spelt otherwise in `to`, and how they are spelt there."""
    other = {"us": "uk", "uk": "us"}[to]
    words = {row[other]: row[to] for row in table("spelling")}
    return pattern_of(words), words


def _wanted(text: str, to: str) -> list[str]:
    found = [side for side in ("uk", "us") if to in ("either", side) and _spellings(side)[0].search(text)]
    return found[:1]


@perturbation(
    "spelling",
    of="text",
    unchanged="texts with none of the listed words that are spelt differently in American and British English",
    applies=lambda text, to="either": bool(_wanted(text, to)),
)
def spelling(text: str, rng: Random, *, to: Literal["either", "us", "uk"] = "either") -> str:
    """Spell American words the British way, or British ones the American way where there are no others."""
    del rng
    return replaced(text, *_spellings(_wanted(text, to)[0]))


@cache
def _forms(name: str, to: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Return what finds the long forms of a table and their short ones, or the other way round."""
    if to == "short":
        rows = [row for row in table(name) if row["both_ways"] == "yes"]
        return _finds({row["long"]: row["short"] for row in reversed(rows)})
    return _finds({row["short"]: row["long"] for row in table(name)})


def _finds(words: Mapping[str, str]) -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Find words as they are listed where that is with capitals ("US" is not "us"), in any case else."""
    capital = [word for word in words if word != word.lower()]
    small = [word for word in words if word == word.lower()]
    parts = [pattern_of(capital, ignore_case=False).pattern] if capital else []
    parts += [f"(?i:{pattern_of(small).pattern})"] if small else []
    return re.compile("|".join(parts)), words


def _direction(text: str, name: str, to: str) -> str | None:
    """Return which way the text can go: to long forms where it has short ones."""
    return next((way for way in ("long", "short") if to in ("either", way) and _forms(name, way)[0].search(text)), None)


def _rewritten(text: str, name: str, to: str) -> str:
    pattern, words = _forms(name, _direction(text, name, to) or "long")
    return pattern.sub(lambda match: words.get(match.group()) or like(match.group(), words[plain(match.group())]), text)


def _rewrites(name: str) -> Any:
    return lambda text, to="either": _direction(text, name, to) is not None


@perturbation(
    "slang",
    of="text",
    unchanged="texts with none of the listed slang words and none of their long forms",
    applies=_rewrites("slang"),
)
def slang(text: str, rng: Random, *, to: Literal["either", "short", "long"] = "either") -> str:
    """Write slang out ("u" as "you"), or put it in where there is none."""
    del rng
    return _rewritten(text, "slang", to)


@perturbation(
    "abbreviations",
    of="text",
    unchanged="texts with none of the listed abbreviations and none of their long forms",
    applies=_rewrites("abbreviations"),
)
def abbreviations(text: str, rng: Random, *, to: Literal["either", "short", "long"] = "either") -> str:
    """Write abbreviations out ("dept." as "department"), or abbreviate where there are none."""
    del rng
    return _rewritten(text, "abbreviations", to)
