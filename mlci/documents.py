"""Read YAML and JSON texts into plain values that remember their lines.

Scalars are resolved as YAML 1.2 does (`no`, `1:30` and dates are text), a duplicate key is an error, and the
number of values is capped, so that a file of aliases cannot grow without end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from mlci.errors import UsageError, Where
from mlci.places import Key, dotted, place

MAX_VALUES = 200_000
MAX_BYTES = 16 * 1024 * 1024
_MAX_DIGITS = 4000  # past it Python refuses to convert


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's composer with the scalar rules of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+0123456789."),
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A parsed text: its plain value, and the line (from 1) of each path in it."""

    name: str
    value: Any
    lines: Mapping[Key, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> Where:
        """Return the place of `path`, or of the nearest thing around it that has one."""
        return place(self.name, self.lines, path)


def decode(raw: bytes, name: str) -> str:
    """Return the text of a file that must be UTF-8 (a byte-order mark is taken off)."""
    if len(raw) > MAX_BYTES:
        raise UsageError(f"larger than {MAX_BYTES // 2**20} MiB", where=Where(path=name), fix="Split it.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError("not UTF-8", where=Where(path=name, line=line), fix="Save it as UTF-8.") from error


def read(raw: bytes, name: str) -> Document:
    """Parse YAML, or JSON where `name`, which is what messages call the file, says so.

    Raises:
        UsageError: the text is not YAML, has a duplicate key, or holds too many values.
    """
    text = decode(raw, name)
    return _read_json(text, name) if name.lower().endswith(".json") else _read_yaml(text, name)


def _read_json(text: str, name: str) -> Document:
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise UsageError(f"not JSON: {error.msg}", where=Where(path=name, line=error.lineno)) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON: {error}", where=Where(path=name)) from error
    try:
        return Document(name=name, value=value, lines=_read_yaml(text, name).lines)
    except UsageError:  # tabs and a few escapes are JSON and no YAML: the values count, the lines are a comfort
        return Document(name=name, value=value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'"{twice}" stands twice in one object')
    return result


def _read_yaml(text: str, name: str) -> Document:
    try:
        node = yaml.compose(text, Loader=_Loader)
        walk = _Walk(name)
        value = None if node is None else walk.value(node, ())
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, name) from error
    except RecursionError as error:
        raise UsageError("nested too deeply", where=Where(path=name)) from error
    return Document(name=name, value=value, lines=walk.lines)


def _not_yaml(error: yaml.YAMLError, text: str, name: str) -> UsageError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    line = None if mark is None else min(mark.line + 1, len(text.splitlines()) or 1)
    return UsageError(f"not YAML: {problem}", where=Where(path=name, line=line))


class _Walk:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Key, int] = {}
        self.count = 0

    def value(self, node: yaml.Node, path: Key) -> Any:
        self.count += 1
        if self.count > MAX_VALUES:
            raise UsageError(f"more than {MAX_VALUES} values", where=Where(path=self.name), fix="Split it.")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Key) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise UsageError("a key must be a text", where=Where(path=self.name, line=line))
            key = str(key_node.value)
            if key in result:
                raise UsageError(
                    f'"{dotted((*path, key))}" stands here twice',
                    where=Where(path=self.name, line=line),
                    fix="Keep one of the two.",
                )
            self.lines[*path, key] = line
            result[key] = self.value(value_node, (*path, key))
        return result

    def scalar(self, node: yaml.Node) -> Any:
        kind = node.tag.rpartition(":")[2]
        if kind == "int" and len(node.value) < _MAX_DIGITS:
            return int(node.value, 0) if node.value[:2] in ("0o", "0x") else int(node.value)
        if kind == "float":
            return float(re.sub(r"\.(?=[a-z])", "", node.value.lower()))
        if kind == "bool":
            return node.value.lower() == "true"
        return None if kind == "null" else str(node.value)
