"""Replacing words of a text: patterns of many words, made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from random import Random

_INSIDE = r"[\w@#/\\-]"
"""What a word must not touch: letters, and the signs of handles, tags, addresses and compounds."""


# Vowels that sound like consonants ("a university", "a one-off", "a European"), and an h that is not heard.
_CONSONANT = re.compile(r"uni(?!n|m)|us[aeiu]|ut[ei]l|eu|ew|one\b|once\b|ubiq|ur[au]|ugan|uk", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiou]|hono|hour|heir|honest|8|1[18]\b", re.IGNORECASE)
_INITIALS = re.compile(r"[A-Z]{2,}")
_VOWEL_NAMES = "AEFHILMNORSX"


def like(model: str, word: str) -> str:
    """Return `word` with the capitals of `model`: all, the first, or its own."""
    letters = [letter for letter in model if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return word.upper()
    if letters and letters[0].isupper():
        return word[:1].upper() + word[1:]
    return word


def pattern_of(words: Iterable[str], *, ignore_case: bool = True, after: str = "") -> re.Pattern[str]:
    """Return a pattern that finds any of `words` as a whole word, the longest first; `after` must follow it."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    inside = "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in ordered)
    return re.compile(rf"(?<!{_INSIDE})(?:{inside})(?!['’]?\w|[@/\\-]\w){after}", re.IGNORECASE if ignore_case else 0)


def plain(text: str) -> str:
    """Return `text` in small letters, with one kind of apostrophe and single spaces: as it stands in a list."""
    return " ".join(text.lower().replace("’", "'").split())


def replaced(text: str, pattern: re.Pattern[str], by: Mapping[str, str]) -> str:
    """Replace what `pattern` finds by what `by` has for it, with its capitals."""
    return pattern.sub(lambda match: like(match.group(), by[plain(match.group())]), text)


def some_replaced(text: str, pattern: re.Pattern[str], rng: Random, n: int, other: Callable[[str, Random], str]) -> str:
    """Replace `n` of what `pattern` finds, chosen at random, by what `other` gives for it."""
    found = list(pattern.finditer(text))
    for match in sorted(rng.sample(found, min(n, len(found))), key=lambda match: -match.start()):
        text = text[: match.start()] + other(match.group(), rng) + text[match.end() :]
    return text


def article(word: str, *, upper: bool = False) -> str:
    """Return "a" or "an", as `word` sounds; initials sound as the name of their first letter."""
    sounds = bool(_VOWEL.match(word)) and not _CONSONANT.match(word)
    an = word[0] in _VOWEL_NAMES if _INITIALS.match(word) else sounds
    return ("A" if upper else "a") + ("n" if an else "")
