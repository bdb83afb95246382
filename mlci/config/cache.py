"""Configurations that were checked before, compiled: reading one costs a hundredth of checking it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

from mlci.config import compiled
from mlci.config.model import Config
from mlci.places import Key


def get(raw: bytes) -> tuple[Config, Mapping[Key, int]] | None:
    """Return what `put` stored for this content, or None."""
    try:
        config, lines = compiled.body(raw)
        return _restore(config), lines
    except (ImportError, TypeError, ValueError, KeyError, AttributeError):
        return None


def put(raw: bytes, config: Config, lines: Mapping[Key, int]) -> None:
    """Store a checked configuration."""
    from mlci.feeding import index

    compiled.put(raw, index(config), (_plain(config), dict(lines)))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        return (
            "object",
            kind.__module__,
            kind.__name__,
            {f.name: _plain(getattr(value, f.name)) for f in fields(value)},
        )
    if isinstance(value, tuple):
        return ("tuple", tuple(_plain(item) for item in value))
    if isinstance(value, list):
        return ("list", tuple(_plain(item) for item in value))
    if isinstance(value, Mapping):
        return ("mapping", {key: _plain(item) for key, item in value.items()})
    return ("value", value)


def _restore(plain: Any) -> Any:
    kind, *rest = plain
    if kind == "object":
        module, name, attributes = rest
        if not module.startswith("mlci.config."):
            raise ValueError(f"{module} is no part of a configuration")
        return getattr(import_module(module), name)(**{key: _restore(item) for key, item in attributes.items()})
    if kind == "mapping":
        return {key: _restore(item) for key, item in rest[0].items()}
    if kind in ("tuple", "list"):
        items = (_restore(item) for item in rest[0])
        return tuple(items) if kind == "tuple" else list(items)
    return rest[0]
