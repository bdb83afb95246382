"""Waivers in a file of their own: a list, checked as strictly as the configuration."""

from __future__ import annotations

import json
from pathlib import Path

from mlci.config.waiver_rules import problems_of
from mlci.config.waivers import Waiver
from mlci.errors import ConfigError, UsageError, Where


def read_waivers(waivers: tuple[Waiver, ...] | str, root: Path) -> tuple[Waiver, ...]:
    """Return the waivers, read from the file (YAML or JSON, relative to `root`) where they are the name of one.

    Raises:
        UsageError: the file cannot be read, or has mistakes; a `ConfigError` lists every one of them.
    """
    return _read(root / waivers, waivers) if isinstance(waivers, str) else waivers


def _read(path: Path, name: str) -> tuple[Waiver, ...]:
    try:
        return parse_waivers(path.read_bytes(), name)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=Where(path=name)) from error


def parse_waivers(raw: bytes, name: str) -> tuple[Waiver, ...]:
    """Return the waivers in the bytes of a file called `name`; errors as `read_waivers`."""
    from pydantic import TypeAdapter, ValidationError

    from mlci.documents import read
    from mlci.places import dotted

    document = read(raw, name)
    plain = document.value or []
    try:
        found = TypeAdapter(tuple[Waiver, ...]).validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        raise ConfigError(
            UsageError(item["msg"].lower(), where=document.where(*item["loc"]), key=dotted(item["loc"]))
            for item in error.errors(include_url=False)
        ) from error
    problems = [
        UsageError(what, where=document.where(*key), key=dotted(key), fix=fix)
        for key, what, fix in problems_of(found, ())
    ]
    if problems:
        raise ConfigError(problems)
    return found
