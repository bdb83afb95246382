"""The inputs that a model is tried on, and what is odd about others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from mlci.config.inference import Odd

_UNICODE = (
    "\u202eright to left\u202c",
    "e\u0301\u0302\u0303\u0304" * 20,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1fa\U0001f1f3",
    "\u0000\u0007\u001b[31m",
    "\u200b\ufeff\u2060",
    "\u3000\u00a0\u2003",
    "\U0001d518\U0001d52b\U0001d526\U0001d520\U0001d52c\U0001d521\U0001d522",
    "\uff46\uff55\uff4c\uff4c",
    unicodedata.normalize("NFD", "Ünïcödé ắ ḱ"),
    "中文 ไทย العربية עברית हिन्दी 한국어",
)


def drawn(inputs: Sequence[Any], count: int, seed: int) -> list[Any]:
    """Return at most `count` of the inputs, the same ones for the same seed, in their order."""
    if len(inputs) <= count:
        return list(inputs)
    chosen = Random(f"inference:{seed}").sample(range(len(inputs)), count)  # noqa: S311 - nothing here is a secret
    return [inputs[at] for at in sorted(chosen)]


def odd_inputs(kind: Odd, examples: Sequence[Any], *, long: int) -> list[tuple[str, Any]]:
    """Return odd variants of an example, each with what is odd about it; none where it has nothing of the kind.

    A text is replaced; of a row one column at a time is, texts only unless the value is to be missing.
    """
    if not examples:
        return []
    first = examples[0]
    if isinstance(first, Mapping):
        return list(_odd_rows(kind, first, examples, long))
    if isinstance(first, str):
        return [(words, value) for words, value in _odd_values(kind, long)]
    return [("a missing value", None)] if kind == "missing" else []


def _odd_rows(
    kind: Odd, first: Mapping[str, Any], examples: Sequence[Any], long: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    for column in first:
        is_text = any(isinstance(row[column], str) for row in examples)
        if kind == "missing" or is_text:
            yield from ((f"{words} in {column}", {**first, column: value}) for words, value in _odd_values(kind, long))


def _odd_values(kind: Odd, long: int) -> Iterator[tuple[str, Any]]:
    if kind == "missing":
        yield "a missing value", None
    elif kind == "empty":
        yield "an empty text", ""
        yield "a text of spaces alone", "   \n\t "
    elif kind == "long":
        yield f"a text of {long:,} characters", ("word " * (long // 5 + 1))[:long]
        yield f"a word of {long:,} characters", "x" * long
    else:
        yield from ((f"odd Unicode ({_points(text)})", text) for text in _UNICODE)


def _points(text: str) -> str:
    return " ".join(f"U+{ord(sign):04X}" for sign in text[:3])
