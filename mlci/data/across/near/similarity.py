"""How much two texts have in common, word by word: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT = 0.85
"""The similarity from which on two texts are nearly the same: two of twenty words replaced leave 0.9."""
_MARKS = str.maketrans("", "", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~‘’“”„«»–—…·¡¿")


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """Return twice the longest common subsequence of two lists of words over the sum of their lengths, 0 to 1."""
    if not one or not other:
        return 0.0
    return 2 * common(one, other) / (len(one) + len(other))


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bit-parallel, after Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).
    """
    places: dict[str, int] = {}
    for position, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << position
    every = (1 << len(one)) - 1
    left = every
    for word in other:
        met = left & places.get(word, 0)
        left = ((left + met) | (left - met)) & every
    return len(one) - left.bit_count()


def closed_up(text: str) -> list[str]:
    """Return the words of a text with its punctuation taken out, so that `well-known` is `wellknown`."""
    return text.lower().translate(_MARKS).split()
