"""Perturbations that add to a text, or replace what the user names."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Literal

from mlci.errors import CannotRun
from mlci.perturbations import perturbation
from mlci.perturbations.words import like, pattern_of, plain, some_replaced

Where = Literal["start", "end"]


def _never(_text: str, **_: Any) -> bool:
    return True


def _added(text: str, extra: str, at: str) -> str:
    return f"{extra} {text}" if at == "start" else f"{text} {extra}"


def _token(rng: Random, size: int) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits, k=size))


@perturbation("url", of="text", unchanged="no text", applies=_never)
def url(text: str, rng: Random, *, n: int = 1, at: Where = "end") -> str:
    """Add `n` short web addresses that lead nowhere."""
    for _ in range(n):
        text = _added(text, f"https://t.example/{_token(rng, 6)}", at)
    return text


@perturbation("handle", of="text", unchanged="no text", applies=_never)
def handle(text: str, rng: Random, *, n: int = 1, at: Where = "start") -> str:
    """Add `n` handles such as @aB3xY9."""
    for _ in range(n):
        text = _added(text, f"@{_token(rng, 6)}", at)
    return text


@perturbation("add-text", of="text", unchanged="no text", applies=lambda _text, *, texts, **_: any(texts))
def add_text(text: str, rng: Random, *, texts: str | tuple[str, ...], at: Where = "end") -> str:
    """Add one of `texts`, chosen at random."""
    return _added(text, texts if isinstance(texts, str) else rng.choice(texts), at)


def _by_word(words: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what may replace each word, in small letters; a word never replaces itself."""
    found = {
        plain(word): [one for one in ([other] if isinstance(other, str) else other) if plain(one) != plain(word)]
        for word, other in words.items()
    }
    return {word: others for word, others in found.items() if others}


def _finds(words: Mapping[str, Any]) -> re.Pattern[str]:
    known = _by_word(words)
    if not known:
        raise CannotRun("`words` names nothing to replace: give {word: [others]}")
    return pattern_of(known)


@perturbation(
    "synonyms",
    of="text",
    unchanged="texts with none of the words that are given",
    applies=lambda text, *, words, **_: bool(_finds(words).search(text)),
)
def synonyms(text: str, rng: Random, *, words: dict[str, str | Sequence[str]], n: int = 1) -> str:
    """Replace `n` of the words given as `{word: [others]}` by one of the others."""
    known = _by_word(words)
    return some_replaced(text, _finds(words), rng, n, lambda word, rng: like(word, rng.choice(known[plain(word)])))


@perturbation(
    "replace",
    of="text",
    unchanged="texts with none of the words that are given",
    applies=lambda text, *, words: bool(_finds(words).search(text)),
)
def replace(text: str, rng: Random, *, words: dict[str, str | Sequence[str]]) -> str:
    """Replace every word given as `{word: [others]}` by one of the others, the same one each time."""
    given = {word: rng.choice(others) for word, others in _by_word(words).items()}
    return _finds(words).sub(lambda match: like(match.group(), given[plain(match.group())]), text)
