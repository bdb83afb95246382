"""Perturbations of a text's characters: what fingers and keyboards do to it."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation

_END = string.punctuation + "…“”‘’«»¿¡。！？、，：；"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _near() -> Mapping[str, str]:
    """Return the keys beside each key of a QWERTY keyboard, whose rows are half a key apart."""
    near: dict[str, str] = {}
    for row, keys in enumerate(_ROWS):
        for at, key in enumerate(keys):
            above = _ROWS[row - 1][at : at + 2] if row else ""
            below = _ROWS[row + 1][max(0, at - 1) : at + 1] if row + 1 < len(_ROWS) else ""
            near[key] = keys[max(0, at - 1) : at] + keys[at + 1 : at + 2] + above + below
    return near


_NEAR = _near()


def _swappable(text: str) -> list[int]:
    """Return the positions whose character differs from the next, inside words where there are any."""
    apart = [at for at in range(len(text) - 1) if text[at] != text[at + 1]]
    return [at for at in apart if text[at].isalnum() and text[at + 1].isalnum()] or apart


def _letters(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if character.lower() in _NEAR]


def _deletable(text: str) -> list[int]:
    letters = [at for at, character in enumerate(text) if character.isalnum()]
    return letters if len(letters) > 1 else []


def _spaced(positions: list[int], rng: Random, n: int) -> list[int]:
    """Choose at most `n` positions no two of which touch, the last first."""
    chosen: list[int] = []
    for at in rng.sample(positions, len(positions)):
        if len(chosen) == n:
            break
        if all(abs(at - other) > 1 for other in chosen):
            chosen.append(at)
    return sorted(chosen, reverse=True)


def _swap(text: str, at: int, _rng: Random) -> str:
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _delete(text: str, at: int, _rng: Random) -> str:
    return text[:at] + text[at + 1 :]


def _beside(character: str, rng: Random) -> str:
    key = rng.choice(_NEAR[character.lower()])
    return key.upper() if character.isupper() else key


def _insert(text: str, at: int, rng: Random) -> str:
    return text[: at + 1] + _beside(text[at], rng) + text[at + 1 :]


def _neighbour(text: str, at: int, rng: Random) -> str:
    return text[:at] + _beside(text[at], rng) + text[at + 1 :]


_SLIPS: Mapping[str, tuple[Callable[[str], list[int]], Callable[[str, int, Random], str]]] = {
    "swap": (_swappable, _swap),
    "delete": (_deletable, _delete),
    "insert": (_letters, _insert),
    "neighbour": (_letters, _neighbour),
}


@perturbation(
    "typos",
    of="text",
    unchanged="texts without two different characters side by side (`swap`), without two letters or digits (`delete`), "
    "or without a letter of the Latin keyboard (`insert`, `neighbour`)",
    applies=lambda text, kind="swap", **_: bool(_SLIPS[kind][0](text)),
)
def typos(
    text: str, rng: Random, *, n: int = 1, kind: Literal["swap", "delete", "insert", "neighbour"] = "swap"
) -> str:
    """Slip `n` times on the keyboard: swap two neighbours, leave one out, hit one too many, or the key beside."""
    candidates, slip = _SLIPS[kind]
    for at in _spaced(candidates(text), rng, n):
        text = slip(text, at, rng)
    return text


def _stripped(text: str) -> str:
    return text.rstrip().rstrip(_END).rstrip()


def _punctuates(text: str, mode: str = "either", **_: Any) -> bool:
    ends = _stripped(text) != text.rstrip()
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


_CASES: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": string.capwords,
    "swap": str.swapcase,
}


def _cased(text: str, mode: str) -> str:
    if mode == "either":
        return text.lower() if text == text.upper() else text.upper()
    return _CASES[mode](text)


@perturbation(
    "case",
    of="text",
    unchanged="texts without letters that have capitals, and those that are written so already",
    applies=lambda text, mode="either": _cased(text, mode) != text,
)
def case(text: str, rng: Random, *, mode: Literal["either", "upper", "lower", "title", "swap"] = "either") -> str:
    """Write the text in capitals (in small letters where it is in capitals), or as `mode` says."""
    del rng
    return _cased(text, mode)


_SPACES = {"double": "  ", "newline": "\n", "tab": "\t"}


def _inner_spaces(text: str) -> list[int]:
    return [at for at in range(1, len(text) - 1) if text[at] == " "]


@perturbation(
    "whitespace",
    of="text",
    unchanged="texts without a space inside; with `mode: around` none",
    applies=lambda text, mode="double", **_: mode == "around" or bool(_inner_spaces(text)),
)
def whitespace(
    text: str, rng: Random, *, n: int = 1, mode: Literal["double", "newline", "tab", "around"] = "double"
) -> str:
    """Double `n` spaces, make them new lines or tabs, or put `n` spaces around the text."""
    if mode == "around":
        return " " * n + text + " " * n
    spaces = _inner_spaces(text)
    for at in sorted(rng.sample(spaces, min(n, len(spaces))), reverse=True):
        text = text[:at] + _SPACES[mode] + text[at + 1 :]
    return text
