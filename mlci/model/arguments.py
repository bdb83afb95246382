"""Settings that a person wrote, checked against the keyword arguments of the function that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from mlci.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_PLAIN = frozenset({str, int, float, bool, type(None)})
_UNIONS = (Union, UnionType)
_UNSURE = object()


def checked(
    function: Callable[..., Any], settings: Mapping[str, Any], *, of: str, optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return `settings` with the types that `function` wants; raise `UsageError` for one it does not take or lacks.

    `of` names the function in messages; settings named in `optional` may be left out.
    """
    known = _keywords(function)
    if unknown := [name for name in settings if name not in known]:
        advice = did_you_mean(unknown[0], known) or (f"it takes {', '.join(known)}." if known else "it takes none.")
        raise UsageError(f'{of} has no setting "{unknown[0]}"', fix=advice)
    required = [name for name, parameter in known.items() if parameter.default is inspect.Parameter.empty]
    if missing := [name for name in required if name not in settings and name not in optional]:
        raise UsageError(f'{of} needs the setting "{missing[0]}"')
    hints = get_type_hints(function)
    return {name: _typed(hints.get(name, Any), value, f"{of}: {name}") for name, value in settings.items()}


def main_setting(function: Callable[..., Any]) -> str | None:
    """Return the name of the first keyword argument of `function`: the one that may be written without its name."""
    return next(iter(_keywords(function)), None)


def _keywords(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(function).parameters
    return {name: one for name, one in parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}


def _typed(hint: Any, value: Any, place: str) -> Any:
    plain = _plainly(hint, value)
    if plain is not _UNSURE:
        return plain  # Pydantic would say the same, and takes longer to import than a suite to be read
    from pydantic import ValidationError

    try:
        return _adapter(hint).validate_python(value)
    except ValidationError as error:
        raise UsageError(f"{place}: {error.errors()[0]['msg'].lower()}, got {value!r}") from None


def _plainly(hint: Any, value: Any) -> Any:
    """Return `value` as the type `hint`, or `_UNSURE` where that takes a closer look."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in _UNIONS:
        tried = [value] if type(value) in inner else [_plainly(each, value) for each in inner]
        return next((one for one in tried if one is not _UNSURE), _UNSURE)
    if origin is Literal and isinstance(value, str) and value in inner:
        return value
    if origin is Mapping and isinstance(value, dict):
        found = {_plainly(inner[0], key): _plainly(inner[1], one) for key, one in value.items()}
        return _UNSURE if _UNSURE in found or _UNSURE in found.values() else found
    if hint is float and type(value) is int:
        return float(value)
    return value if hint in _PLAIN and type(value) is hint else _UNSURE


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(hint, config={"strict": False})
