"""Regular expressions and LIKE patterns, with one meaning on every engine: that of Python's `re`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import reduce
from typing import Any

from mlci.expectations.columns import Column, WrongArgument
from mlci.expectations.predicates import where_python
from mlci.expectations.requests import RowTest

Found = Generator[Any, Any, RowTest]
_OTHERWISE = re.compile(
    r"\(\?(?![:P])|\(\?P[=>]|[*+?}]\+|\\[1-9bBxuUNoO]|\\$|\[[\[^]?\[:"
    r"|\{(?!\d{1,3}(,\d{0,3})?\})|&&|--|~~"
)
"""What the engines' own regular expressions do not know, or understand in another way."""
_ANY, _END = r"(?:.|\n)", r"(?:\n?\z)"
_REPEATED = re.compile(r"\)[*+{]")
_PLAIN = re.compile(
    r"(?:[A-Za-z0-9 _@,:;/#%&<>=!~'\"^$|*+?-]|[^\x00-\x7f]|\((?!\?)|\)|\\[.\-/+*?()|\[\] #&~]|\[\^?[A-Za-z0-9 _.@,-]+\]"
    r"|\{\d{1,2}(?:,\d{0,2})?\})*"
)
"""Regular expressions that mean the same in all dialects, but for the end of the text."""
_CLASSES = {"d": r"\p{Nd}", "w": r"\p{L}\p{N}_", "s": r"\s\x{1c}-\x{1f}\x{85}\p{Z}"}


def found(column: Column, regexes: Sequence[str], *, match_on: str = "any", refuse: bool = False) -> Found:
    """Return the test that any, or all, of `regexes` are found in the text of `column`; with `refuse`, that not.

    Found as `re.search` finds them.
    """
    if match_on not in {"any", "all"} or not regexes:
        raise WrongArgument(
            "the list of patterns is empty" if not regexes else f'match_on is "any" or "all", not {match_on!r}'
        )
    compiled = [_compiled(regex) for regex in regexes]
    translated = [in_words_of(column.engine, regex) for regex in regexes]
    every = any if match_on == "any" else all
    if None in translated:
        holds = lambda value: every(pattern.search(value) for pattern in compiled) != refuse  # noqa: E731
        return (yield from where_python(column, holds))
    each = [column.text.str.contains(regex) for regex in translated if regex is not None]
    joined: Callable[[Any, Any], Any] = operator.or_ if match_on == "any" else operator.and_
    ok = reduce(joined, each)
    return RowTest(ok=~ok if refuse else ok, ignored=column.missing, columns=(column,))


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise WrongArgument(f"the regular expression {regex!r} is wrong: {error}") from error


def in_words_of(engine: str, regex: str) -> str | None:
    """Return `regex` in the words of an engine with Python's meaning, or nothing where it has none for it."""
    words = _WORDS.get(engine)
    return words(regex) if words else None


def _java(regex: str) -> str | None:
    """Return `regex` as Java understands it, whose own recursion a repeated group can exhaust."""
    words = portable(regex)
    words = words and words.replace(_ANY + "*", "(?s:.*)")
    if not words or _REPEATED.search(words):
        return None
    return "(?d)" + re.sub(r"\(\?P<\w+>", "(", words)


def _posix(regex: str) -> str | None:
    """Return `regex` as PostgreSQL understands it, of those that every dialect reads alike."""
    if regex.startswith("\\A") and regex.endswith("\\Z"):  # a LIKE pattern
        parts = regex[2:-2].split(_ANY)
        return f"^{'.'.join(parts)}$" if _PLAIN.fullmatch("".join(parts).replace("*", "")) else None
    plain = _PLAIN.fullmatch(regex) and not _OTHERWISE.search(regex)
    return re.sub(r"(?<!\\)\$", r"(\n?$)", regex) if plain else None


def portable(regex: str) -> str | None:
    """Return `regex` as RE2 and Rust understand it with Python's meaning, or nothing where that cannot be said."""
    if _OTHERWISE.search(regex):
        return None
    out, inside, position = [], False, 0
    while position < len(regex):
        here = regex[position]
        if here == "\\":
            piece = _escape(regex[position + 1], inside=inside)
            if piece is None:
                return None
            out.append(piece)
            position += 2
            continue
        if here == "[" and not inside:
            inside = True
        elif here == "]" and inside and not out[-1].endswith(("[", "[^")):
            inside = False
        out.append(_END if here == "$" and not inside else here)
        if here == "^" and inside and out[-2] == "[":
            out[-2:] = ["[^"]
        position += 1
    return "".join(out)


def _escape(letter: str, *, inside: bool) -> str | None:
    if letter in _CLASSES:
        return _CLASSES[letter] if inside else f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES:
        return None if inside else f"[^{_CLASSES[letter.lower()]}]"
    return r"\z" if letter == "Z" else f"\\{letter}"


def like(pattern: str, escape: str | None = None) -> str:
    """Return the regular expression of a LIKE pattern: `%` any text, `_` any character, both literal after `escape`."""
    if escape is not None and len(escape) != 1:
        raise WrongArgument(f"escape is one character, not {escape!r}")
    out, literal = [], False
    for character in pattern:
        if literal or character not in {"%", "_", escape}:
            out.append(re.escape(character))
            literal = False
        elif character == escape:
            literal = True
        else:
            out.append(f"{_ANY}*" if character == "%" else _ANY)
    return f"\\A{''.join(out)}\\Z"


_WORDS: Mapping[str, Callable[[str], str | None]] = {
    "duckdb": portable,
    "polars": portable,
    "pyspark": _java,
    "postgres": _posix,
    "sqlite": lambda regex: regex,  # Ibis lends it Python's own
}
