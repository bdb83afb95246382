"""Perturbations of the numbers in a text."""

from __future__ import annotations

import re
from random import Random

from mlci.perturbations import perturbation

# Standing alone: not part of a word, a decimal, a date, a time or an address. 2 and 4 are often "to" and "for".
_NUMBER = re.compile(r"(?<![\w.:/,@-])(?!(?:2|4)(?!\d))\d{1,15}(?![\w:/@-]|[.,]\d)")


@perturbation(
    "change-number",
    of="text",
    unchanged="texts without a whole number that stands alone, 2 and 4 not counted",
    applies=lambda text, **_: bool(_NUMBER.search(text)),
)
def change_number(text: str, rng: Random, *, within: float = 0.2, n: int = 1) -> str:
    """Change `n` whole numbers by at most the share `within`, at least by one."""
    found = list(_NUMBER.finditer(text))
    for match in sorted(rng.sample(found, min(n, len(found))), key=lambda match: -match.start()):
        text = text[: match.start()] + _other(match.group(), rng, within) + text[match.end() :]
    return text


def _other(digits: str, rng: Random, within: float) -> str:
    value = int(digits)
    reach = max(1, int(value * within))
    low, high = max(0, value - reach), value + reach
    other = rng.randrange(low, high)
    return str(other + (other >= value)).zfill(len(digits) if digits.startswith("0") else 0)
