"""Regular expressions and LIKE patterns, with one meaning on every engine: that of Python's `re`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Generator, Sequence
from functools import reduce
from typing import Any

from mlci.expectations.columns import CannotJudge, Column
from mlci.expectations.predicates import where_python
from mlci.expectations.requests import RowTest

Found = Generator[Any, Any, RowTest]
_OTHERWISE = re.compile(r"\(\?(?![:P])|\(\?P[=>]|[*+?}]\+|\\[1-9bBxuUNoO]|\\$|\[[\[^]?\[:|\{(\d*,)?\d{4,}\}|&&|--|~~")
"""What the engines' own regular expressions do not know, or understand in another way."""
_CLASSES = {"d": r"\p{Nd}", "w": r"\p{L}\p{N}_", "s": r"\s\x{1c}-\x{1f}\x{85}\p{Z}"}


def found(column: Column, regexes: Sequence[str], *, match_on: str = "any", refuse: bool = False) -> Found:
    """Return the test that any, or all, of `regexes` are found in the text of `column`; with `refuse`, that not.

    Found as `re.search` finds them.
    """
    if match_on not in {"any", "all"} or not regexes:
        raise CannotJudge(
            "the list of patterns is empty" if not regexes else f'match_on is "any" or "all", not {match_on!r}'
        )
    compiled = [_compiled(regex) for regex in regexes]
    translated = [None if column.engine == "pandas" else portable(regex) for regex in regexes]
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
        raise CannotJudge(f"the regular expression {regex!r} is wrong: {error}") from error


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
        out.append(r"(?:\n?\z)" if here == "$" and not inside else here)
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
        raise CannotJudge(f"escape is one character, not {escape!r}")
    out, literal = [], False
    for character in pattern:
        if literal or character not in {"%", "_", escape}:
            out.append(re.escape(character))
            literal = False
        elif character == escape:
            literal = True
        else:
            out.append("(?:.|\\n)*" if character == "%" else "(?:.|\\n)")
    return f"\\A{''.join(out)}\\Z"
