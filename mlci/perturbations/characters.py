"""Perturbations of a text's characters: what fingers and keyboards do to it."""

from __future__ import annotations

import string
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation

_END = string.punctuation + "…“”‘’«»¿¡。！？、，：；"


def _swaps(text: str) -> list[int]:
    """Return the positions whose character differs from the next, inside words where there are any."""
    apart = [at for at in range(len(text) - 1) if text[at] != text[at + 1]]
    return [at for at in apart if text[at].isalnum() and text[at + 1].isalnum()] or apart


def _apart(positions: list[int], rng: Random, n: int) -> list[int]:
    """Choose at most `n` positions no two of which touch."""
    chosen: list[int] = []
    for at in rng.sample(positions, len(positions)):
        if len(chosen) == n:
            break
        if all(abs(at - other) > 1 for other in chosen):
            chosen.append(at)
    return chosen


@perturbation(
    "typos",
    of="text",
    unchanged="texts in which no two neighbouring characters differ",
    applies=lambda text, **_: bool(_swaps(text)),
)
def typos(text: str, rng: Random, *, n: int = 1) -> str:
    """Swap `n` pairs of neighbouring characters, inside words where there are any."""
    characters = list(text)
    for at in _apart(_swaps(text), rng, n):
        characters[at], characters[at + 1] = characters[at + 1], characters[at]
    return "".join(characters)


def _stripped(text: str) -> str:
    return text.rstrip().rstrip(_END).rstrip()


def _punctuates(text: str, mode: str = "either", **_: Any) -> bool:
    ends = _stripped(text) not in ("", text.rstrip())
    return bool(_stripped(text)) and (ends if mode == "strip" else not ends if mode == "add" else True)


@perturbation(
    "punctuation",
    of="text",
    unchanged="texts of punctuation alone; with `mode: strip` those that end without any, with `mode: add` the others",
    applies=_punctuates,
)
def punctuation(text: str, rng: Random, *, mode: Literal["either", "strip", "add"] = "either", mark: str = ".") -> str:
    """Strip the punctuation at the end, or add `mark` where there is none."""
    del rng, mode
    bare = _stripped(text)
    return bare if bare != text.rstrip() else bare + mark
