"""Whether two values of a configuration say the same, however they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def same(before: Any, after: Any) -> bool:
    """Whether two values are equal: numbers by value, one entry as the list of it, a text as a mapping's first key."""
    if isinstance(before, bool) or isinstance(after, bool):
        return before is after
    before, after = _alike(before, after), _alike(after, before)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(same(value, after[key]) for key, value in before.items())
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return len(before) == len(after) and all(map(same, before, after))
    if is_dataclass(before) and type(before) is type(after):
        return all(same(getattr(before, each.name), getattr(after, each.name)) for each in fields(before))
    return bool(before == after)


def _alike(value: Any, other: Any) -> Any:
    """Return `value` in the form of `other`, where one is written short."""
    if isinstance(value, str) and is_dataclass(other) and not isinstance(other, type):
        return type(other)(**{fields(other)[0].name: value})
    if isinstance(other, (list, tuple)) and value is not None and not isinstance(value, (list, tuple, Mapping)):
        return (value,)
    return value
