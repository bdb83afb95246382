"""Functions that do nothing but compare one argument with a constant, recognised by the whole of their bytecode.

`lambda x, pred, *args: pred != 0` is common in suites. Eight bytes say it in the bytecode of Python 3.6 to 3.10, and
nothing else is those eight bytes. Nothing is run; code of any other shape is not understood and not guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlci.model.checklist.values import Made

_LOAD_ARGUMENT, _LOAD_CONSTANT, _COMPARE, _RETURN = 124, 100, 107, 83
_SIGNS = {2: "==", 3: "!="}
_LENGTH = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What such a function tests."""

    argument: int
    """The position of the argument."""
    equal: bool
    """Whether it must be the constant, or must not."""
    constant: Any


def comparison_of(function: Any) -> Comparison | None:
    """Return what the record of a function compares; None where it does more, or something else."""
    if not isinstance(function, Made) or not function.arguments or not isinstance(function.arguments[0], Made):
        return None
    parts = list(function.arguments[0].arguments)
    if parts and isinstance(parts[0], bytes):  # newer versions of dill put a table of lines first
        parts = parts[1:]
    while parts and isinstance(parts[0], int):
        parts = parts[1:]
    if len(parts) < 2 or not isinstance(parts[0], bytes) or not isinstance(parts[1], tuple):  # noqa: PLR2004
        return None
    return _read(parts[0], parts[1])


def _read(code: bytes, constants: tuple[Any, ...]) -> Comparison | None:
    if len(code) != _LENGTH or tuple(code[::2]) != (_LOAD_ARGUMENT, _LOAD_CONSTANT, _COMPARE, _RETURN):
        return None
    argument, constant, sign = code[1], code[3], code[5]
    if sign not in _SIGNS or constant >= len(constants) or not isinstance(constants[constant], str | int | bool):
        return None
    return Comparison(argument=argument, equal=_SIGNS[sign] == "==", constant=constants[constant])
