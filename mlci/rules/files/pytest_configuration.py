"""The project's own configuration of pytest: `pytest.ini`, `pyproject.toml`, `tox.ini`, `setup.cfg`."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.config.code import CodeGate
from mlci.errors import Where
from mlci.results.rules import Kind, RuleChange
from mlci.rules.files import file
from mlci.rules.kinds.code import moved
from mlci.rules.pytest_arguments import Places, compare
from mlci.rules.settings import is_on, lines, sections, words
from mlci.rules.sides import Side, Sides
from mlci.rules.spots import Spot, shown

_FILES = (
    ("pytest.toml", ("pytest",)),
    (".pytest.toml", ("pytest",)),
    ("pytest.ini", ("pytest",)),
    (".pytest.ini", ("pytest",)),
    ("pyproject.toml", ("tool.pytest.ini_options", "tool.pytest")),
    ("tox.ini", ("pytest",)),
    ("setup.cfg", ("tool:pytest",)),
)
_ALWAYS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_MORE = ("testpaths", "python_files", "python_classes", "python_functions", "required_plugins", "doctest_glob")
_FEWER = ("norecursedirs", "collect_ignore")
_DEMANDS = ("xfail_strict", "strict", "strict_markers", "strict_config", "strict_xfail")
_HARMLESS = (
    "markers",
    "minversion",
    "cache_dir",
    "console_output_style",
    "timeout",
    "timeout_method",
    "env",
    "ini_options",
)
_HARMLESS_STARTS = ("log_", "junit_", "verbosity_", "asyncio_", "tmp_path_", "truncation_", "faulthandler_")
_BINDINGS = ("pythonpath", "DJANGO_SETTINGS_MODULE".lower())
_USUAL: Mapping[str, tuple[str, ...]] = {
    "python_files": ("test_*.py", "*_test.py"),
    "python_classes": ("Test",),
    "python_functions": ("test",),
    "norecursedirs": ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What one side has pytest do."""

    file: str
    """The file that says it, as messages call it; empty where none does."""
    options: Mapping[str, Any]


@file
def pytest_configuration(sides: Sides) -> Iterator[RuleChange]:
    """Yield what pytest's configuration asks for otherwise; another file may take the place of that of the base."""
    codes = sides.base.config.code, sides.head.config.code
    if codes[0] is None or codes[1] is None:
        return
    then, now = _settings(sides.base, codes[0]), _settings(sides.head, codes[1])
    keys = dict.fromkeys((*then.options, *now.options))
    for key in keys:
        kind = _kind(key, then.options.get(key), now.options.get(key), sides)
        if kind is not None:
            yield RuleChange(
                kind=kind,
                what=f"{now.file or then.file}: {key} of pytest",
                where=Where(path=now.file) if now.file else None,
                before=shown(then.options.get(key)),
                after=shown(now.options.get(key)),
            )


def _settings(side: Side, code: CodeGate) -> Settings:
    """Return the settings of the first file that configures pytest, from the folder of the tests upwards."""
    for folder in _folders(side, code.pytest):
        for name, wanted in _FILES:
            path = posixpath.join(folder, name)
            raw = side.tree.read(path)
            if raw is None:
                continue
            found = sections(raw, name) or {}
            table = next((found[section] for section in wanted if section in found), None)
            if table is not None or name in _ALWAYS:
                return Settings(
                    file=side.named(path), options={key.lower(): value for key, value in (table or {}).items()}
                )
    return Settings(file="", options={})


def added_arguments(side: Side, code: CodeGate) -> tuple[str, ...]:
    """Return the arguments that pytest's configuration adds to every run."""
    return _arguments(_settings(side, code).options.get("addopts"))


def _folders(side: Side, arguments: Sequence[str]) -> Iterator[str]:
    """Yield the folders that pytest looks for its configuration in: that of all it is given, and those above."""
    given = [side.path(word.partition("::")[0]) for word in arguments if not word.startswith("-")]
    known = [
        path if side.tree.read(path) is None else posixpath.dirname(path) for path in given if _is_there(side, path)
    ]
    folder = posixpath.commonpath(known) if known else side.folder
    folder = "" if folder == "." else folder
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _is_there(side: Side, path: str) -> bool:
    return side.tree.read(path) is not None or bool(side.tree.matching(f"{path}/*"))


def _kind(key: str, before: Any, after: Any, sides: Sides) -> Kind | None:
    if key == "addopts":
        spot = Spot(key=(), sides=sides)
        verdict = compare(_arguments(before), _arguments(after), Places(follow=lambda path: moved(path, spot)))
        told: Mapping[str, Kind] = {"looser": "loosened", "stricter": "tightened"}
        return told.get(verdict)
    if key == "filterwarnings":
        return _filters(lines(before), lines(after))
    if key in _MORE or key in _FEWER:
        usual = _USUAL.get(key, ())
        then, now = (set(words(value)) if value is not None else set(usual) for value in (before, after))
        return _sets(key, then, now)
    if key in _DEMANDS:
        return None if is_on(before) == is_on(after) else "tightened" if is_on(after) else "loosened"
    if key in _HARMLESS or key.startswith(_HARMLESS_STARTS) or words(before) == words(after):
        return None
    return "binding" if key in _BINDINGS else "loosened"


def _sets(key: str, then: set[str], now: set[str]) -> Kind | None:
    if then == now:
        return None
    if key == "testpaths" and not (then and now):
        return "loosened" if now else "tightened"
    is_narrower = not then <= now if key in _MORE else not now <= then
    return "loosened" if is_narrower else "tightened"


def _filters(before: tuple[str, ...], after: tuple[str, ...]) -> Kind | None:
    """Of filters of warnings only those that make an error of them are a rule; what is ignored beside is none."""
    if before == after or not any(line.startswith("error") for line in (*before, *after)):
        return None
    added = after[len(before) :] if after[: len(before)] == before else None
    return "tightened" if added is not None and all(line.startswith("error") for line in added) else "loosened"


def _arguments(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    try:
        return tuple(shlex.split(str(value or "")))
    except ValueError:
        return tuple(str(value).split())
