"""Conditions written as SQL: `age >= 18 and country in ('NO', 'SE') and name is not null`.

Comparisons, `and`, `or`, `not`, `in`, `between`, `like`, `is null`, arithmetic and a few functions over columns. As
in SQL, a comparison with a missing value is neither true nor false, and selects no row. Names of columns stand bare,
or in double quotes or backticks where they are no words; texts stand in single quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from mlci.data.conditions.comparison import ARITHMETIC, Operand, compare, expr_of, missing
from mlci.expectations.columns import CannotJudge, Column, MissingColumn, Table
from mlci.expectations.patterns import like, portable

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*"|`[^`]*`)"""
    r"""|(?P<word>[^\W\d]\w*(?:\.\w+)?)|(?P<sign><>|!=|==|<=|>=|\|\||&&|[-+*/%(),=<>&|]))"""
)
_SAME = {"=": "==", "<>": "!=", "&": "and", "&&": "and", "|": "or", "||": "or"}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_WORDS = frozenset(["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "escape"])


@dataclass(frozen=True, slots=True)
class Truth:
    """Where a condition is true and where it is false; elsewhere it is neither."""

    true: nw.Expr
    false: nw.Expr

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.true & other.true, self.false | other.false)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.true | other.true, self.false & other.false)

    def __invert__(self) -> Truth:
        return Truth(self.false, self.true)


def read_sql(text: str, table: Table) -> nw.Expr:
    """Return where the condition `text` is true.

    Raises:
        CannotJudge: it cannot be read, or names a column that does not exist.
    """
    reader = _Reader(text, table)
    found = reader.truth(reader.either())
    if reader.here is not None:
        raise reader.lost()
    return found.true


class _Reader:
    """Reads a condition from left to right, by one method for each rank of operators."""

    def __init__(self, text: str, table: Table) -> None:
        self.text, self.table = text, table
        self.tokens = _tokens(text)
        self.at = 0

    @property
    def here(self) -> str | None:
        """The token that is read next, in small letters where it is a word."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def lost(self) -> CannotJudge:
        found = "its end" if self.here is None else f"{self.here!r}"
        return CannotJudge(f"the row_condition {self.text!r} is not understood at {found}")

    def accept(self, *tokens: str) -> str | None:
        """Read one of `tokens` where it stands here."""
        if self.here not in tokens or self.tokens[self.at][0] in {"text", "name"}:
            return None
        self.at += 1
        return self.tokens[self.at - 1][1]

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise self.lost()

    def truth(self, found: Any) -> Truth:
        if isinstance(found, Truth):
            return found
        if isinstance(found, Column) and found.kind == "boolean":
            return _compared("==", found, True)
        if isinstance(found, bool):
            everywhere = next(iter(self.table.columns.values())).missing
            always, never = everywhere | ~everywhere, everywhere & ~everywhere
            return Truth(always, never) if found else Truth(never, always)
        raise CannotJudge(f"the row_condition {self.text!r} selects no rows: it is no comparison")

    def either(self) -> Any:
        found = self.both()
        while self.accept("or"):
            found = self.truth(found) | self.truth(self.both())
        return found

    def both(self) -> Any:
        found = self.negated()
        while self.accept("and"):
            found = self.truth(found) & self.truth(self.negated())
        return found

    def negated(self) -> Any:
        if self.accept("not"):
            return ~self.truth(self.negated())
        return self.predicate()

    def predicate(self) -> Any:
        left = self.sum()
        if sign := self.accept(*_COMPARISONS):
            return _compared(sign, left, self.sum())
        if self.accept("is"):
            refused = self.accept("not")
            self.expect("null")
            found = _nullity(left)
            return ~found if refused else found
        refused = self.accept("not")
        if self.accept("in"):
            found = _member(left, self.values())
        elif self.accept("between"):
            low = self.sum()
            self.expect("and")
            found = _compared(">=", left, low) & _compared("<=", left, self.sum())
        elif self.accept("like"):
            found = _alike(left, self.sum(), self.sum() if self.accept("escape") else None)
        elif refused:
            raise self.lost()
        else:
            return left
        return ~found if refused else found

    def values(self) -> list[Any]:
        self.expect("(")
        found = [self.sum()]
        while self.accept(","):
            found.append(self.sum())
        self.expect(")")
        return found

    def sum(self) -> Any:
        found = self.product()
        while sign := self.accept("+", "-"):
            found = ARITHMETIC[sign](expr_of(found), expr_of(self.product()))
        return found

    def product(self) -> Any:
        found = self.factor()
        while sign := self.accept("*", "/", "%"):
            found = ARITHMETIC[sign](expr_of(found), expr_of(self.factor()))
        return found

    def factor(self) -> Any:
        if self.accept("-"):
            return -expr_of(self.factor())
        if self.accept("("):
            found = self.either()
            self.expect(")")
            return found
        if self.here is None:
            raise self.lost()
        kind, token = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return float(token) if re.search(r"[.eE]", token) else int(token)
        if kind == "text":
            return token
        if kind == "name":
            return self.named(token)
        if kind == "word":
            return self.word(token)
        self.at -= 1
        raise self.lost()

    def named(self, name: str) -> Column:
        try:
            return self.table.column(name)
        except MissingColumn as error:
            raise MissingColumn(f"{error} (texts stand in single quotes)") from None

    def word(self, word: str) -> Any:
        if word in {"true", "false"}:
            return word == "true"
        if word in {"date", "timestamp"} and self.at < len(self.tokens) and self.tokens[self.at][0] == "text":
            return self.sum()
        if word in _FUNCTIONS and self.accept("("):
            found = self.sum()
            self.expect(")")
            return _FUNCTIONS[word](found)
        if word in _WORDS:
            self.at -= 1
            raise self.lost()
        return self.table.column(word)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            raise CannotJudge(f"the row_condition {text!r} is not understood at {text[at : at + 10]!r}")
        kind, raw = str(token.lastgroup), token.group(str(token.lastgroup))
        found.append((kind, _plain(kind, raw)))
        at = token.end()
    return found


def _plain(kind: str, raw: str) -> str:
    if kind == "text":
        return raw[1:-1].replace("''", "'")
    if kind == "name":
        return raw[1:-1].replace('""', '"')
    if kind == "word" and raw.lower() in _WORDS | _FUNCTIONS.keys() | {"date", "timestamp"}:
        return raw.lower()
    return _SAME.get(raw, raw)


def _known(found: nw.Expr, *operands: Operand) -> Truth:
    """Return the truth of a comparison of which nothing is known where an operand is missing."""
    gone = [where for operand in operands if (where := missing(operand)) is not None]
    there = ~nw.any_horizontal(*gone, ignore_nulls=False)
    sure = found.fill_null(value=False)
    return Truth(sure & there, ~sure & there)


def _compared(sign: str, left: Operand, right: Operand) -> Truth:
    return _known(compare(sign, left, right), left, right)


def _nullity(operand: Operand) -> Truth:
    gone = missing(operand)
    if gone is None:
        raise CannotJudge("`is null` is asked of a constant")
    return Truth(gone, ~gone)


def _member(left: Operand, values: list[Any]) -> Truth:
    if isinstance(left, Column):
        return _known(left.is_one_of(values), left)
    return _known(left.is_in(values), left)


def _alike(left: Operand, pattern: Any, escape: Any) -> Truth:
    if not isinstance(left, Column) or not isinstance(pattern, str):
        raise CannotJudge("`like` stands between a column and a text")
    regex = like(pattern, escape)
    return _known(left.text.str.contains(portable(regex) or regex), left)


def _length(operand: Operand) -> nw.Expr:
    return (operand.text if isinstance(operand, Column) else operand).str.len_chars()


_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "length": _length,
    "len": _length,
    "char_length": _length,
    "lower": lambda operand: expr_of(operand).str.to_lowercase(),
    "upper": lambda operand: expr_of(operand).str.to_uppercase(),
    "trim": lambda operand: expr_of(operand).str.strip_chars(),
    "abs": lambda operand: expr_of(operand).abs(),
    "year": lambda operand: expr_of(operand).dt.year(),
    "month": lambda operand: expr_of(operand).dt.month(),
}
