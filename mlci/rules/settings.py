"""Sections of INI and TOML files that configure other tools, as plain values."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Mapping
from typing import Any

Section = Mapping[str, Any]


def sections(raw: bytes, name: str) -> Mapping[str, Section] | None:
    """Return the sections of a file by name, tables of TOML by their dotted one; None where it cannot be read."""
    try:
        text = raw.decode("utf-8-sig")
        return _toml(tomllib.loads(text), "") if name.endswith(".toml") else _ini(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, configparser.Error, RecursionError):
        return None


def _ini(text: str) -> Mapping[str, Section]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def _toml(table: Mapping[str, Any], name: str) -> dict[str, Section]:
    found: dict[str, Section] = {name: table} if name else {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _toml(value, f"{name}.{key}" if name else key)
    return found


def words(value: Any) -> tuple[str, ...]:
    """Return an option that is a list: written as one, or as lines or words of a text."""
    if isinstance(value, (list, tuple)):
        return tuple(map(str, value))
    return tuple(str(value or "").split())


def lines(value: Any) -> tuple[str, ...]:
    """Return an option of one entry a line, commas between them counting as ends of lines."""
    if isinstance(value, (list, tuple)):
        return tuple(map(str, value))
    found = (line.strip() for line in str(value or "").replace(",", "\n").splitlines())
    return tuple(line for line in found if line)


def is_on(value: Any) -> bool:
    """Whether a switch is on."""
    return value is True or str(value).strip().lower() in ("1", "true", "yes", "on")
