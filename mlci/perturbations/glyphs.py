"""Perturbations of how characters look: accents, look-alikes and what scanners misread."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation

_MARKS = {"a": "áàâä", "e": "éèêë", "i": "íìîï", "o": "óòôö", "u": "úùûü", "c": "ç", "n": "ñ", "y": "ýÿ"}
_CYRILLIC_AND_GREEK = {
    "a": "а", "c": "с", "e": "е", "i": "і", "j": "ј", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у",
    "A": "А", "B": "В", "C": "С", "E": "Е", "H": "Н", "I": "І", "J": "Ј", "K": "К", "M": "М", "N": "Ν",
    "O": "О", "P": "Р", "S": "Ѕ", "T": "Т", "X": "Х", "Y": "Ү", "Z": "Ζ",
}  # fmt: skip
_MISREAD: Mapping[str, str] = {
    "rn": "m", "cl": "d", "vv": "w", "li": "h", "m": "rn", "w": "vv", "d": "cl", "0": "O", "O": "0", "1": "l", "l": "1",
    "I": "l", "u": "v", "5": "S", "S": "5", "8": "B", "B": "8", "6": "b", "g": "9", "Z": "2", "2": "Z", "e": "c",
    "h": "b", "a": "o", "t": "f", "n": "ri", "i": "j",
}  # fmt: skip


def stripped_accents(text: str) -> str:
    """Return `text` without the marks on its letters."""
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


def _accented(text: str, mode: str) -> bool:
    return mode != "add" and stripped_accents(text) != unicodedata.normalize("NFC", text)


def _takes_accents(text: str) -> list[int]:
    return [at for at, letter in enumerate(text) if letter.lower() in _MARKS]


def _accents_apply(text: str, mode: str = "either", **_: Any) -> bool:
    return _accented(text, mode) or (mode != "strip" and bool(_takes_accents(text)))


@perturbation(
    "accents",
    of="text",
    unchanged="texts without accents and without a letter that takes one (a, c, e, i, n, o, u, y)",
    applies=_accents_apply,
)
def accents(text: str, rng: Random, *, n: int = 1, mode: Literal["either", "strip", "add"] = "either") -> str:
    """Strip all accents, or put `n` where there are none."""
    if _accented(text, mode):
        return stripped_accents(text)
    places = _takes_accents(text)
    for at in rng.sample(places, min(n, len(places))):
        marked = rng.choice(_MARKS[text[at].lower()])
        text = text[:at] + (marked.upper() if text[at].isupper() else marked) + text[at + 1 :]
    return text


def _has_twin(text: str) -> list[int]:
    return [at for at, letter in enumerate(text) if letter in _CYRILLIC_AND_GREEK]


@perturbation(
    "homoglyphs",
    of="text",
    unchanged="texts without a letter that has a look-alike in Cyrillic or Greek",
    applies=lambda text, **_: bool(_has_twin(text)),
)
def homoglyphs(text: str, rng: Random, *, n: int = 1) -> str:
    """Put a Cyrillic or Greek letter that looks alike in the place of `n` Latin ones."""
    places = _has_twin(text)
    for at in rng.sample(places, min(n, len(places))):
        text = text[:at] + _CYRILLIC_AND_GREEK[text[at]] + text[at + 1 :]
    return text


def _misreadable(text: str) -> list[tuple[int, str]]:
    return [(at, part) for at in range(len(text)) for part in (text[at : at + 2], text[at]) if part in _MISREAD]


@perturbation(
    "ocr",
    of="text",
    unchanged="texts without a letter or digit that scanners misread",
    applies=lambda text, **_: bool(_misreadable(text)),
)
def ocr(text: str, rng: Random, *, n: int = 1) -> str:
    """Misread `n` letters or digits as a scanner does: rn as m, 0 as O, l as 1."""
    end = len(text)
    found = _misreadable(text)
    for at, part in sorted(rng.sample(found, min(n, len(found))), reverse=True):
        if at + len(part) <= end:  # two readings of one place do not both count
            text = text[:at] + _MISREAD[part] + text[at + len(part) :]
            end = at
    return text
