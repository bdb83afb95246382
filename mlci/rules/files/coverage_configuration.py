"""Coverage's own configuration: what is left out of what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.config.code import CodeGate
from mlci.errors import Where
from mlci.results.rules import Kind, RuleChange
from mlci.rules.amounts import compared
from mlci.rules.files import file
from mlci.rules.files.pytest_configuration import added_arguments as pytest_arguments_of
from mlci.rules.settings import is_on, lines, sections, words
from mlci.rules.sides import Side, Sides
from mlci.rules.spots import shown

_FILES = (
    (".coveragerc", ""),
    (".coveragerc.toml", "tool.coverage."),
    ("setup.cfg", "coverage:"),
    ("tox.ini", "coverage:"),
    ("pyproject.toml", "tool.coverage."),
)
_FEWER = ("omit", "exclude_lines", "exclude_also", "partial_branches", "partial_also")
_MORE = ("source", "source_pkgs", "source_dirs", "include")
_DEMANDS = ("branch",)
_ALLOWS = ("ignore_errors", "skip_empty")
_HARMLESS = ("parallel", "data_file", "context", "dynamic_context", "relative_files", "sigterm", "show_missing", "sort")
_HARMLESS_MORE = ("skip_covered", "precision", "format", "concurrency", "debug", "debug_file", "core", "patch")
_SECTIONS = ("run", "report")
_PRAGMA = r"#\s*(pragma|PRAGMA)[:\s]?\s*(no|NO)\s*(cover|COVER)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What one side has coverage do: options by section and name."""

    file: str
    options: Mapping[tuple[str, str], Any]


@file
def coverage_configuration(sides: Sides) -> Iterator[RuleChange]:
    """Yield what coverage leaves out, or counts otherwise; another file may take the place of that of the base."""
    codes = sides.base.config.code, sides.head.config.code
    if codes[0] is None or codes[1] is None:
        return
    then, now = _settings(sides.base, codes[0]), _settings(sides.head, codes[1])
    for key in dict.fromkeys((*then.options, *now.options)):
        before, after = then.options.get(key), now.options.get(key)
        kind = _kind(key[1], before, after)
        if kind is not None:
            yield RuleChange(
                kind=kind,
                what=f"{now.file or then.file}: {key[1]} of coverage",
                where=Where(path=now.file) if now.file else None,
                before=shown(before),
                after=shown(after),
            )


def _settings(side: Side, code: CodeGate) -> Settings:
    """Return the settings of the first file that configures coverage, in the folder of `mlci.yaml`."""
    named = _named((*pytest_arguments_of(side, code), *code.pytest))
    for name, prefix in (*named, *_FILES):
        raw = side.read(name)
        if raw is None:
            continue
        found = sections(raw, name) or {}
        known = {section: found.get(f"{prefix}{section}", found.get(f"coverage:{section}")) for section in _SECTIONS}
        options = {(part, key): value for part, table in known.items() if table for key, value in table.items()}
        if options or not prefix or name in dict(named):
            return Settings(file=name, options=options)
    return Settings(file="", options={})


def _named(arguments: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the file that the arguments of pytest name."""
    for word, following in zip(arguments, (*arguments[1:], ""), strict=True):
        name = following if word == "--cov-config" else word.removeprefix("--cov-config=")
        if name != word:
            return ((name, "tool.coverage." if name.endswith(".toml") else ""),)
    return ()


def _kind(key: str, before: Any, after: Any) -> Kind | None:
    if key in _FEWER or key in _MORE:
        return _sets(key, before, after)
    if key in _DEMANDS or key in _ALLOWS:
        if is_on(before) == is_on(after):
            return None
        return "tightened" if is_on(after) == (key in _DEMANDS) else "loosened"
    if key == "fail_under":
        order = compared(_number(before), _number(after))
        return None if order == 0 else "tightened" if order == 1 else "loosened"
    if key in _HARMLESS or key in _HARMLESS_MORE or words(before) == words(after):
        return None
    return "loosened"


def _sets(key: str, before: Any, after: Any) -> Kind | None:
    then, now = set(lines(before)), set(lines(after))
    if key == "exclude_lines":  # in place of the usual pragma, which it takes up again as a rule
        then, now = ({_PRAGMA} if value is None else set(lines(value)) for value in (before, after))
        now, then = _without_pragma(now), _without_pragma(then)
    if then == now:
        return None
    if key in _FEWER:
        return "loosened" if now - then else "tightened"
    if not (then and now):
        return "loosened" if now else "tightened"
    return "loosened" if then - now else "tightened"


def _without_pragma(patterns: set[str]) -> set[str]:
    return {pattern for pattern in patterns if "pragma" not in pattern.lower() or "cover" not in pattern.lower()}


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
