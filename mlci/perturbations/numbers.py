"""Perturbations of the numbers in a text."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any, Literal

from mlci.perturbations import perturbation
from mlci.perturbations.words import pattern_of, plain, some_replaced

# Standing alone: not part of a word, a decimal, a date, a time or an address. 2 and 4 are often "to" and "for".
_ALONE = r"(?<![\w.:/,@-])(?!(?:2|4)(?!\d)){}(?![\w:/@-]|[.,]\d)"
_NUMBER = re.compile(_ALONE.format(r"\d{1,15}"))
_SMALL = re.compile(r"(?<![$£€#+])(?<!# )" + _ALONE.format(r"(?:0|[1-9]\d{0,2})") + r"(?!\s?%)")

_ONES = (  # noqa: SIM905 - by position
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - by position


@perturbation(
    "change-number",
    of="text",
    unchanged="texts without a whole number that stands alone, 2 and 4 not counted",
    applies=lambda text, **_: bool(_NUMBER.search(text)),
)
def change_number(text: str, rng: Random, *, within: float = 0.2, n: int = 1) -> str:
    """Change `n` whole numbers by at most the share `within`, at least by one."""
    return some_replaced(text, _NUMBER, rng, n, lambda digits, rng: _other(digits, rng, within))


def _other(digits: str, rng: Random, within: float) -> str:
    value = int(digits)
    reach = max(1, int(value * within))
    low, high = max(0, value - reach), value + reach
    other = rng.randrange(low, high)
    return str(other + (other >= value)).zfill(len(digits) if digits.startswith("0") else 0)


def in_words(number: int) -> str:
    """Return a number from 0 to 999 in English words."""
    if number < len(_ONES):
        return _ONES[number]
    if number < 100:  # noqa: PLR2004
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")


@cache
def _digits() -> dict[str, str]:
    """Return the digits of number words; "one" is more often a pronoun, and zero to ninety-nine are enough."""
    words = {in_words(number): str(number) for number in range(100) if number != 1}
    return words | {word.replace("-", " "): digits for word, digits in words.items() if "-" in word}


@cache
def _words() -> re.Pattern[str]:
    return pattern_of(_digits(), after=r"(?![-\s]+(?:hundred|thousand|million|billion|and\b))")


def _number_words_apply(text: str, mode: str = "either", **_: Any) -> bool:
    written = mode != "digits" and bool(_SMALL.search(text))
    return written or (mode != "words" and bool(_words().search(text)))


@perturbation(
    "number-words",
    of="text",
    unchanged="texts without a whole number below 1,000 that stands alone (2 and 4 not counted), and without number "
    "words below one hundred (one not counted)",
    applies=_number_words_apply,
)
def number_words(text: str, rng: Random, *, mode: Literal["either", "words", "digits"] = "either") -> str:
    """Write small numbers as words, or number words as digits: with `mode: either` the first where there are any."""
    del rng
    if mode != "digits" and _SMALL.search(text):
        return _SMALL.sub(lambda match: in_words(int(match.group())), text)
    return _words().sub(lambda match: _digits()[plain(match.group())], text)
