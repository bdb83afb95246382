"""Contractions both ways: "isn't" and "is not"."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation
from mlci.perturbations.lexicon import table
from mlci.perturbations.words import like, pattern_of, plain, replaced

# "he's been" is "he has been", "she'd better" is "she had better", "isn't it" is "is it not".
_HAS = re.compile(r"\s+(?:been|had|got|gone|done|become|made|taken|seen)\b", re.IGNORECASE)
_HAD = re.compile(r"\s+(?:better|been|had|gone|done|seen|heard|made|got|taken|left|lost|\w+ed)\b", re.IGNORECASE)
_ASKS = r"(?P<who>\s+(?:I|you|he|she|it|we|they|there|that|this))\b"


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
    return pattern_of(_long_forms(), after=rf"(?:(?<=n['’]t){_ASKS})?")


@cache
def _expanded() -> re.Pattern[str]:
    # "I know what it is." has no contraction: what follows must be a word.
    return pattern_of(_short_forms(), after=r"(?=\s+\w)")


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
    return replaced(text, _expanded(), _short_forms())


def _expand(match: re.Match[str]) -> str:
    asks = match["who"] or ""
    short = match.group().removesuffix(asks)
    long = _long_forms()[plain(short)]
    rest = match.string[match.end() :]
    if plain(short).endswith("'s") and long.endswith(" is") and _HAS.match(rest):
        long = long.removesuffix("is") + "has"
    if plain(short).endswith("'d") and _HAD.match(rest):
        long = long.removesuffix("would") + "had"
    if asks:
        return like(short, long.removesuffix("not").rstrip()) + asks + (" NOT" if short.isupper() else " not")
    return like(short, long)
