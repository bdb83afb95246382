"""Values that a suite leaves open: `{"$PARAMETER": "name"}`, or an arithmetic expression over names."""

from __future__ import annotations

import ast
import datetime as dt
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from mlci.errors import did_you_mean
from mlci.expectations.columns import CannotJudge

_SIGNS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "now": dt.datetime.now,
    "datetime": dt.datetime,
    "date": dt.date,
    "timedelta": dt.timedelta,
    "abs": abs,
    "round": round,
    "trunc": math.trunc,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
}


def filled(value: Any, parameters: Mapping[str, Any]) -> Any:
    """Return `value` with every `{"$PARAMETER": …}` in it replaced by its value.

    Raises:
        CannotJudge: a parameter has no value and is no expression.
    """
    if isinstance(value, Mapping):
        if "$PARAMETER" in value:
            name = str(value["$PARAMETER"])
            return _value(name, {**_stored(value, name), **parameters})
        return {key: filled(each, parameters) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(each, parameters) for each in value]
    return value


def _stored(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the value that Great Expectations 0.x keeps beside the name of a parameter, for when there is no other."""
    key = f"$PARAMETER.{name}"
    return {name: value[key]} if key in value else {}


def _value(text: str, parameters: Mapping[str, Any]) -> Any:
    if text in parameters:
        return parameters[text]
    try:
        return _evaluate(ast.parse(text.strip(), mode="eval").body, parameters)
    except (SyntaxError, TypeError, ValueError, ArithmeticError) as error:
        raise CannotJudge(f"the parameter {text!r} has no value: {error}") from error


def _evaluate(node: ast.AST, parameters: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return _named(node.id, parameters)
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_evaluate(node.left, parameters), _evaluate(node.right, parameters))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_evaluate(node.operand, parameters))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        positional = [_evaluate(each, parameters) for each in node.args]
        named = {each.arg: _evaluate(each.value, parameters) for each in node.keywords if each.arg}
        return _FUNCTIONS[node.func.id](*positional, **named)
    raise CannotJudge(f"the parameter {ast.unparse(node)!r} has no value")


def _named(name: str, parameters: Mapping[str, Any]) -> Any:
    if name not in parameters:
        raise CannotJudge(
            " ".join((f'the parameter "{name}" has no value;', did_you_mean(name, parameters) or "pass one"))
        )
    return parameters[name]
