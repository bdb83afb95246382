"""Settings that a person wrote, checked against the keyword arguments of the function that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from mlci.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_PLAIN = frozenset({str, int, float, bool, type(None)})
_UNIONS = (Union, UnionType)


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
    if type(value) in _PLAIN and type(value) in (get_args(hint) if get_origin(hint) in _UNIONS else (hint,)):
        return value  # Pydantic would say the same, and takes longer to import than a suite to be read
    from pydantic import ValidationError

    try:
        return _adapter(hint).validate_python(value)
    except ValidationError as error:
        raise UsageError(f"{place}: {error.errors()[0]['msg'].lower()}, got {value!r}") from None


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(hint, config={"strict": False})
