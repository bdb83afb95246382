"""Values of files as the shape that they should have: what is not of it is taken for empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` where it is a mapping, and an empty one else."""
    return value if isinstance(value, Mapping) else {}


def entries(value: Any) -> list[Any]:
    """Return `value` where it is a list, and an empty one else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """Return `value` where it is a text that says something."""
    return value if isinstance(value, str) and value else None


def by_name(written: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give what is written as a mapping of names, or as a list with the name in each, with those names."""
    if isinstance(written, Mapping):
        yield from ((str(name), mapping(each)) for name, each in written.items())
    for each in entries(written):
        yield str(mapping(each).get("name")), mapping(each)
