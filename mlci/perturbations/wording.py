"""Writing one word in the place of another."""

from __future__ import annotations


def like(model: str, word: str) -> str:
    """Return `word` with the capitals of `model`: all, the first, or its own."""
    letters = [letter for letter in model if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return word.upper()
    if letters and letters[0].isupper():
        return word[:1].upper() + word[1:]
    return word
