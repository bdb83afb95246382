"""Which rows an expectation looks at: `row_condition`, in each of the forms that it is written in.

Great Expectations 0.x writes pandas query text, or `col("age") > 18`; 1.x writes objects. In both a comparison with
a missing value is false, and `!=` is true, as in pandas.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import operator
import tokenize
from collections.abc import Callable, Mapping
from typing import Any

import narwhals as nw

from mlci.expectations.columns import CannotJudge, Column, Table

PARSERS = ("pandas", "python", "great_expectations", "great_expectations__experimental__")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_REPLACED = {"&": "and", "|": "or", "=": "=="}
Operand = Any
"""A column, an expression, or a plain value."""

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def condition_of(condition: Any, parser: str | None, table: Table) -> nw.Expr:
    """Return the expression that is true for the rows that `condition` selects, never null.

    Raises:
        CannotJudge: it cannot be read, or names a column that does not exist.
    """
    if isinstance(condition, Mapping):
        return _object(condition, table)
    if not isinstance(condition, str):
        raise CannotJudge(f"a row_condition is text or a mapping, not {condition!r}")
    if parser is not None and parser not in PARSERS:
        raise CannotJudge(f'condition_parser "{parser}" is none of {", ".join(PARSERS)}')
    return _text(condition, table)


def _object(condition: Mapping[str, Any], table: Table) -> nw.Expr:
    kind = condition.get("type")
    if kind == "pass_through":
        return _text(condition["pass_through_filter"], table)
    if kind in {"and", "or"}:
        parts = [_object(part, table) for part in condition["conditions"]]
        joined = nw.all_horizontal if kind == "and" else nw.any_horizontal
        return joined(*parts, ignore_nulls=False)
    column = table.column(condition["column"]["name"])
    if kind == "nullity":
        return column.missing if condition["is_null"] else ~column.missing
    if kind == "comparison":
        return _compare(str(condition["operator"]), column, condition["parameter"])
    raise CannotJudge(f"a row_condition of type {kind!r} is not known")


def _compare(sign: str, left: Operand, right: Operand) -> nw.Expr:
    if sign.upper() in {"IN", "NOT_IN", "NOT IN"}:
        inside = _is_in(left, right)
        return inside if sign.upper() == "IN" else ~inside
    if sign not in _COMPARE:
        raise CannotJudge(f"the operator {sign!r} is not known in a row_condition")
    if not isinstance(left, Column) and isinstance(right, Column):
        return _compare(_FLIPPED[sign], right, left)
    if isinstance(left, Column) and not isinstance(right, (Column, nw.Expr)):
        members = left.members([right])
        if not members and sign in {"==", "!="}:
            return ~left.missing & left.missing if sign == "==" else left.missing | ~left.missing
        right = members[0] if members else left.like(right)
    compared = _COMPARE[sign](_expr(left), _expr(right))
    if isinstance(compared, bool):
        raise CannotJudge("a row_condition compares two constants")
    return compared.fill_null(value=sign == "!=")  # type: ignore[no-any-return]


def _is_in(left: Operand, right: Operand) -> nw.Expr:
    if not isinstance(left, Column) or not isinstance(right, (list, tuple)):
        raise CannotJudge("`in` stands between a column and a list")
    return left.is_one_of(right).fill_null(value=False)


def _expr(operand: Operand) -> Any:
    return operand.expr if isinstance(operand, Column) else operand


def _text(text: str, table: Table) -> nw.Expr:
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
        return -_expr(operand) if isinstance(node.op, ast.USub) else operand

    def _binop(self, node: ast.BinOp) -> Operand:
        left, right = _expr(self.read(node.left)), _expr(self.read(node.right))
        signs: Mapping[type, Callable[[Any, Any], Any]] = {
            ast.Add: operator.add,
            ast.Sub: operator.sub,
            ast.Mult: operator.mul,
            ast.Div: operator.truediv,
            ast.Mod: operator.mod,
            ast.FloorDiv: operator.floordiv,
        }
        if type(node.op) not in signs:
            raise CannotJudge(f"{ast.unparse(node)!r} is not understood in a row_condition")
        return signs[type(node.op)](left, right)

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
        return _compare(signs[type(sign)], left, right)

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
    "isin": _is_in,
    "between": lambda column, low, high: _compare(">=", column, low) & _compare("<=", column, high),
}
_TEXT_METHODS: Mapping[str, Callable[..., nw.Expr]] = {
    "contains": lambda column, pattern: column.text.str.contains(pattern).fill_null(value=False),
    "startswith": lambda column, prefix: column.text.str.starts_with(prefix).fill_null(value=False),
    "endswith": lambda column, suffix: column.text.str.ends_with(suffix).fill_null(value=False),
    "len": lambda column: column.text.str.len_chars(),
}
