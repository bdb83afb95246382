"""Contractions both ways: "isn't" and "is not"."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation
from mlci.perturbations.lexicon import table
from mlci.perturbations.wording import like

# "he's been" is "he has been", "she'd better" is "she had better".
_HAS = re.compile(r"\s+(?:been|had|got|gone|done|become|made|taken|seen)\b", re.IGNORECASE)
_HAD = re.compile(r"\s+(?:better|been|had|gone|done|seen)\b", re.IGNORECASE)


@cache
def _long_forms() -> dict[str, str]:
    return {row["contraction"]: row["expansion"] for row in table("contractions")}


@cache
def _short_forms() -> dict[str, str]:
    """Return the contraction of each expansion; the first listed where there are several."""
    rows = [row for row in table("contractions") if row["both_ways"] == "yes"]
    return {row["expansion"].lower(): row["contraction"] for row in reversed(rows)}


@cache
def _contracted() -> re.Pattern[str]:
    words = sorted(_long_forms(), key=len, reverse=True)
    pattern = "|".join(re.escape(word).replace("'", "['’]") for word in words)
    return re.compile(rf"(?<![\w'’])(?:{pattern})(?![\w'’])", re.IGNORECASE)


@cache
def _expanded() -> re.Pattern[str]:
    words = sorted(_short_forms(), key=len, reverse=True)
    pattern = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
    # "I know what it is." has no contraction: what follows must be a word.
    return re.compile(rf"(?<![\w'’])(?:{pattern})(?=\s+\w)", re.IGNORECASE)


def _applies(text: str, mode: str = "either", **_: Any) -> bool:
    expands = mode != "contract" and bool(_contracted().search(text))
    return expands or (mode != "expand" and bool(_expanded().search(text)))


@perturbation(
    "contractions",
    of="text",
    unchanged="texts with none of the listed contractions and none of their long forms",
    applies=_applies,
)
def contractions(text: str, rng: Random, *, mode: Literal["either", "expand", "contract"] = "either") -> str:
    """Write contractions out, or contract what can be: with `mode: either` the first where there are any."""
    del rng
    if mode != "contract" and _contracted().search(text):
        return _contracted().sub(_expand, text)
    return _expanded().sub(_contract, text)


def _expand(match: re.Match[str]) -> str:
    word = match.group().lower().replace("’", "'")
    rest = match.string[match.end() :]
    long = _long_forms()[word]
    if word.endswith("'s") and long.endswith(" is") and _HAS.match(rest):
        long = long.removesuffix("is") + "has"
    if word.endswith("'d") and _HAD.match(rest):
        long = long.removesuffix("would") + "had"
    return like(match.group(), long)


def _contract(match: re.Match[str]) -> str:
    return like(match.group(), _short_forms()[" ".join(match.group().lower().split())])
