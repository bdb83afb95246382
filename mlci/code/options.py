"""What the project's own configuration of pytest adds to every run of it."""

from __future__ import annotations

import configparser
import shlex
import tomllib
from collections.abc import Sequence
from pathlib import Path

_FILES = (
    ("pytest.toml", ("pytest",)),
    (".pytest.toml", ("pytest",)),
    ("pytest.ini", ("pytest",)),
    (".pytest.ini", ("pytest",)),
    ("pyproject.toml", ("tool", "pytest")),
    ("tox.ini", ("pytest",)),
    ("setup.cfg", ("tool:pytest",)),
)
NAMES = frozenset(name for name, _ in _FILES) | {"conftest.py", ".coveragerc", "coverage.toml"}
"""The files that configure pytest and coverage."""


def added_options(root: Path) -> tuple[str, ...]:
    """Return `addopts` of the nearest configuration of pytest, looked for in `root` and above as pytest does."""
    for folder in (root, *root.parents):
        for name, section in _FILES:
            found = _read(folder / name, section)
            if found is not None:
                return found
    return ()


def measures_coverage(options: Sequence[str]) -> bool:
    """Return whether `options` ask pytest-cov to measure something."""
    return any(option == "--cov" or option.startswith("--cov=") for option in options)


def _read(path: Path, section: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return `addopts` in the file at `path`; None where the file does not configure pytest."""
    try:
        text = path.read_text("utf-8")
        return _toml(text, section) if path.suffix == ".toml" else _ini(text, section[0], path.name)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, configparser.Error):
        return None  # pytest will say so itself


def _toml(text: str, section: tuple[str, ...]) -> tuple[str, ...] | None:
    table = tomllib.loads(text)
    for part in section:
        table = table.get(part, {})
    if not table:
        return None
    options = table.get("ini_options", table).get("addopts", ())
    return _words(options)


def _ini(text: str, section: str, name: str) -> tuple[str, ...] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.read_string(text)
    if not parser.has_section(section):
        return () if name.endswith("pytest.ini") else None
    return _words(parser.get(section, "addopts", fallback="") or "")


def _words(options: str | Sequence[str]) -> tuple[str, ...]:
    if not isinstance(options, str):
        return tuple(str(option) for option in options)
    try:
        return tuple(shlex.split(options))
    except ValueError:
        return tuple(options.split())
