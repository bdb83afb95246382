"""Conditions written as Python: pandas query text, and `col("age") > 18` of Great Expectations 0.x.

As in pandas, a comparison with a missing value is false, and `!=` is true.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import tokenize
from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw

from mlci.data.conditions.comparison import ARITHMETIC, Operand, compare, expr_of, is_in
from mlci.expectations.columns import CannotJudge, Column, Table

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_REPLACED = {"&": "and", "|": "or", "=": "=="}


def read_python(text: str, table: Table) -> nw.Expr:
    """Return the expression that pandas query text, or `col("age") > 18`, means.

    Raises:
        CannotJudge: it cannot be read, or names a column that does not exist.
    """
    source, names = _python(text)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except SyntaxError as error:
        raise CannotJudge(f"the row_condition {text!r} cannot be read: {error.msg}") from error
    result = _Reader(table, names, text).read(tree.body)
    return _flags(result, text)


def _flags(result: Operand, text: str) -> nw.Expr:
    if isinstance(result, Column):
        return result.expr.fill_null(value=False)
    if not isinstance(result, nw.Expr):
        raise CannotJudge(f"the row_condition {text!r} selects no rows: it is no comparison")
    return result


def _python(text: str) -> tuple[str, dict[str, str]]:
    """Return `text` as Python, with the names that stand for names in backticks; `&` binds as `and` does in pandas."""
    names: dict[str, str] = {}
    parts = text.split("`")
    for at in range(1, len(parts), 2):
        names[f"column_{at}_"] = parts[at]
        parts[at] = f"column_{at}_"
    out = []
    try:
        depth: list[bool] = []
        before = None
        for token in tokenize.generate_tokens(io.StringIO("".join(parts)).readline):
            if token.string in _OPENING:
                depth.append(token.string == "(" and before is not None and before.type == tokenize.NAME)
            elif token.string in _CLOSING and depth:
                depth.pop()
            replaced = _REPLACED.get(token.string) if token.type == tokenize.OP else None
            kept = replaced is None or (token.string == "=" and any(depth))
            out.append((token.type, token.string if kept else f" {replaced} "))
            before = token
    except (tokenize.TokenError, SyntaxError) as error:
        raise CannotJudge(f"the row_condition {text!r} cannot be read: {error}") from error
    return tokenize.untokenize(out), names


class _Reader:
    """Reads a Python expression over columns; anything else than what is named here is refused."""

    def __init__(self, table: Table, names: Mapping[str, str], text: str) -> None:
        self.table, self.names, self.text = table, names, text

    def read(self, node: ast.AST) -> Operand:
        reader = getattr(self, f"_{type(node).__name__.lower()}", None)
        if reader is None:
            raise CannotJudge(f"{ast.unparse(node)!r} is not understood in a row_condition")
        return reader(node)

    def _constant(self, node: ast.Constant) -> Operand:
        return node.value

    def _name(self, node: ast.Name) -> Operand:
        return self.table.column(self.names.get(node.id, node.id))

    def _list(self, node: ast.List) -> Operand:
        return [self.read(item) for item in node.elts]

    _tuple = _list
    _set = _list

    def _boolop(self, node: ast.BoolOp) -> Operand:
        parts = [_flags(self.read(part), self.text) for part in node.values]
        joined = nw.all_horizontal if isinstance(node.op, ast.And) else nw.any_horizontal
        return joined(*parts, ignore_nulls=False)

    def _unaryop(self, node: ast.UnaryOp) -> Operand:
        operand = self.read(node.operand)
        if isinstance(node.op, (ast.Not, ast.Invert)):
            return ~_flags(operand, self.text)
        return -expr_of(operand) if isinstance(node.op, ast.USub) else operand

    def _binop(self, node: ast.BinOp) -> Operand:
        left, right = expr_of(self.read(node.left)), expr_of(self.read(node.right))
        sign = _ARITHMETIC.get(type(node.op))
        if sign is None:
            raise CannotJudge(f"{ast.unparse(node)!r} is not understood in a row_condition")
        return ARITHMETIC[sign](left, right)

    def _compare(self, node: ast.Compare) -> Operand:
        operands = [self.read(each) for each in (node.left, *node.comparators)]
        parts = []
        for sign, left, right in zip(node.ops, operands, operands[1:], strict=False):
            parts.append(self._pair(sign, left, right))
        return parts[0] if len(parts) == 1 else nw.all_horizontal(*parts, ignore_nulls=False)

    def _pair(self, sign: ast.cmpop, left: Operand, right: Operand) -> nw.Expr:
        signs = {
            ast.Eq: "==",
            ast.NotEq: "!=",
            ast.Lt: "<",
            ast.LtE: "<=",
            ast.Gt: ">",
            ast.GtE: ">=",
            ast.In: "IN",
            ast.NotIn: "NOT_IN",
        }
        if isinstance(right, list) and type(sign) in {ast.Eq, ast.NotEq}:
            sign = ast.In() if isinstance(sign, ast.Eq) else ast.NotIn()
        if type(sign) not in signs:
            raise CannotJudge(f"{self.text!r} is not understood as a row_condition")
        name = signs[type(sign)]
        if name in {"IN", "NOT_IN"}:
            return is_in(left, right) if name == "IN" else ~is_in(left, right)
        return compare(name, left, right)

    def _call(self, node: ast.Call) -> Operand:
        called = ast.unparse(node.func)
        arguments = [self.read(each) for each in node.args]
        if called == "col" and len(arguments) == 1:
            return self.table.column(str(arguments[0]))
        if called in _MAKERS:
            named = {each.arg: self._zone(each.value) for each in node.keywords if each.arg}
            return _MAKERS[called](*arguments, **named)
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, arguments)
        raise CannotJudge(f"{called}() is not understood in a row_condition")

    def _zone(self, node: ast.AST) -> Any:
        return dt.UTC if ast.unparse(node).endswith("utc") else self.read(node)

    def _method(self, function: ast.Attribute, arguments: list[Any]) -> Operand:
        owner = function.value
        as_text = isinstance(owner, ast.Attribute) and owner.attr == "str"
        column = self.read(owner.value if as_text else owner)  # type: ignore[attr-defined]
        methods = _TEXT_METHODS if as_text else _METHODS
        if not isinstance(column, Column) or function.attr not in methods:
            raise CannotJudge(f".{function.attr}() is not understood in a row_condition")
        return methods[function.attr](column, *arguments)


_ARITHMETIC: Mapping[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.FloorDiv: "//",
}
_MAKERS: Mapping[str, Callable[..., Any]] = {
    "datetime.date": dt.date,
    "datetime.datetime": dt.datetime,
    "date": dt.date,
    "datetime": dt.datetime,
    "pd.Timestamp": dt.datetime.fromisoformat,
    "Timestamp": dt.datetime.fromisoformat,
}
_METHODS: Mapping[str, Callable[..., nw.Expr]] = {
    "isnull": lambda column: column.missing,
    "isna": lambda column: column.missing,
    "notnull": lambda column: ~column.missing,
    "notna": lambda column: ~column.missing,
    "notNull": lambda column: ~column.missing,
    "isNull": lambda column: column.missing,
    "isin": is_in,
    "between": lambda column, low, high: compare(">=", column, low) & compare("<=", column, high),
}
_TEXT_METHODS: Mapping[str, Callable[..., nw.Expr]] = {
    "contains": lambda column, pattern: column.text.str.contains(pattern).fill_null(value=False),
    "startswith": lambda column, prefix: column.text.str.starts_with(prefix).fill_null(value=False),
    "endswith": lambda column, suffix: column.text.str.ends_with(suffix).fill_null(value=False),
    "len": lambda column: column.text.str.len_chars(),
}
