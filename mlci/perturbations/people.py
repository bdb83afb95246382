"""Perturbations of what is said about people: gender and protected groups."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Literal

from mlci.perturbations import perturbation
from mlci.perturbations.lexicon import table
from mlci.perturbations.words import article, like, pattern_of, plain

_SWAPPED: Mapping[str, str] = {
    "he": "she", "she": "he", "him": "her", "himself": "herself", "herself": "himself", "hers": "his",
    "he's": "she's", "she's": "he's", "he'll": "she'll", "she'll": "he'll", "he'd": "she'd", "she'd": "he'd",
}  # fmt: skip
# "her book" is "his book", "saw her today" is "saw him today"; "his book" is "her book", "it is his." is "it is hers."
_NO_NOUN = (
    r"(?=\s*(?:[^\w\s'’]|$)|\s+(?:to|and|or|but|in|on|at|by|for|from|with|of|is|was|are|were|will|would|when|while|if|as|"
    r"than|that|the|a|an|this|too|again|today|yesterday|tomorrow|now|then|there|here|up|down|out|off|away|back|so|because)\b)"
)


@cache
def _pronouns(nouns: bool) -> re.Pattern[str]:  # noqa: FBT001 - a cache key
    pairs = table("gender_words") if nouns else ()
    return pattern_of({"her", "his", *_SWAPPED, *(row["male"] for row in pairs), *(row["female"] for row in pairs)})


@cache
def _other_gender() -> Mapping[str, str]:
    pairs = [(row["male"], row["female"]) for row in table("gender_words")]
    return {**dict(pairs), **{female: male for male, female in pairs}, **_SWAPPED}


_ENDS = re.compile(_NO_NOUN, re.IGNORECASE)


def _swap(match: re.Match[str]) -> str:
    word = plain(match.group())
    alone = bool(_ENDS.match(match.string, match.end()))
    if word == "her":
        return like(match.group(), "him" if alone else "his")
    if word == "his":
        return like(match.group(), "hers" if alone else "her")
    return like(match.group(), _other_gender()[word])


@perturbation(
    "pronouns",
    of="text",
    unchanged="texts without he or she in any of their forms; with `nouns` also without the listed words like father",
    applies=lambda text, nouns=False: bool(_pronouns(nouns).search(text)),
)
def pronouns(text: str, rng: Random, *, nouns: bool = False) -> str:
    """Swap he and she in all their forms, with `nouns` also words like father and mother."""
    del rng
    return _pronouns(nouns).sub(_swap, text)


Group = Literal[
    "any", "race", "religion", "orientation", "gender", "age", "disability", "status", "migration", "nationality"
]
_PERSON = (
    r"(?=\s+(?:\w+\s+)?(?:people|persons?|m[ae]n|wom[ae]n|boys?|girls?|guys?|kids?|child(?:ren)?|teens?|famil(?:y|ies)|"
    r"couples?|communit(?:y|ies)|friends?|neighbou?rs?|students?|teachers?|workers?|employees?|colleagues?|lad(?:y|ies)|"
    r"dads?|moms?|mums?|fathers?|mothers?|parents?|sons?|daughters?|brothers?|sisters?|husbands?|wi(?:fe|ves)|"
    r"americans?|canadians?|immigrants?|minority|minorities|citizens?|customers?|patients?|athletes?|actors?)\b)"
)


@cache
def _terms() -> Mapping[str, tuple[str, str]]:
    """Return kind and form of each term; the terms of one kind and form may stand for one another."""
    groups = {row["term"].lower(): (row["kind"], row["form"]) for row in table("groups")}
    return {row["nationality"].lower(): ("nationality", "adjective") for row in table("countries")} | groups


@cache
def _members(kind: str, form: str) -> Sequence[str]:
    if kind == "nationality":
        return [row["nationality"] for row in table("countries")]
    return [row["term"] for row in table("groups") if (row["kind"], row["form"]) == (kind, form)]


@cache
def _grouped(kind: str) -> re.Pattern[str]:
    alone = {row["term"] for row in table("groups") if row["alone"] == "yes" and kind in ("any", row["kind"])}
    beside = {row["term"] for row in table("groups") if row["alone"] == "no" and kind in ("any", row["kind"])}
    nations = {row["nationality"] for row in table("countries")} if kind in ("any", "nationality") else set()
    patterns = [
        f"(?i:{pattern_of(alone).pattern})" if alone else "",
        f"(?i:{pattern_of(beside, after=_PERSON).pattern})" if beside else "",
        pattern_of(nations, ignore_case=False).pattern if nations else "",
    ]
    return re.compile("|".join(pattern for pattern in patterns if pattern))


@perturbation(
    "change-group",
    of="text",
    unchanged="texts without a listed term; terms with other meanings (black, straight, old) count beside a word for "
    "people only",
    applies=lambda text, kind="any": bool(_grouped(kind).search(text)),
)
def change_group(text: str, rng: Random, *, kind: Group = "any") -> str:
    """Put another group of the same kind in the place of each protected group that is named, the same one each time."""
    given: dict[str, str] = {}
    changed = _grouped(kind).sub(lambda match: _regrouped(match.group(), rng, given), text)
    return _ARTICLE.sub(_fitting, changed) if changed != text else text


def _regrouped(term: str, rng: Random, given: dict[str, str]) -> str:
    known = plain(term)
    if known not in given:
        given[known] = rng.choice([other for other in _members(*_terms()[known]) if other.lower() != known])
    return given[known] if given[known][0].isupper() else like(term, given[known])


_ARTICLE = re.compile(r"\b(?P<article>an?)(?P<space>\s+)(?P<word>[A-Za-z][\w-]*)", re.IGNORECASE)


def _fitting(match: re.Match[str]) -> str:
    """Write "a" or "an" before a term as it sounds; other words keep what they have."""
    if match["word"].lower() not in _first_words():
        return match.group()
    return like(match["article"], article(match["word"])) + match["space"] + match["word"]


@cache
def _first_words() -> frozenset[str]:
    return frozenset(term.split()[0] for term in _terms())
