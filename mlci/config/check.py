"""Check the text of `mlci.yaml` whole: every mistake at once, each with its line and the nearest right name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

from pydantic import Discriminator, Tag, TypeAdapter, ValidationError

import mlci.config
from mlci.config import rules
from mlci.config.common import Limits
from mlci.config.model import Config
from mlci.config.when import When
from mlci.documents import Document, read
from mlci.errors import ConfigError, UsageError, did_you_mean
from mlci.places import Key, dotted

_SAYS = {
    "missing": "this key is needed",
    "unexpected_keyword_argument": "unknown key",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping (name: value)",
    "mapping_type": "must be a mapping (name: value)",
    "dataclass_type": "must be a mapping (name: value)",
    "dataclass_exact_type": "must be a mapping (name: value)",
}


def check(raw: bytes, name: str) -> tuple[Config, Mapping[Key, int]]:
    """Return the configuration in `raw` and the lines of its keys; `name` is what messages call the file.

    Raises:
        ConfigError: it is not YAML, or has mistakes; all of them are listed.
    """
    document = _not_empty(read(raw, name))
    try:
        config = adapter().validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        raise ConfigError(_problems(error, document)) from error
    problems = tuple(rules.problems(config))
    if problems:
        raise ConfigError(_at(document, key, what, fix) for key, what, fix in problems)
    return config, document.lines


@cache
def adapter() -> TypeAdapter[Config]:
    """What checks plain values against the model of the configuration, and writes its JSON Schema."""
    _bring_together()
    return TypeAdapter(Config)


def _bring_together() -> None:
    """Give each part of the model the names of the others, which its annotations mention and it does not import."""
    modules = [import_module(f"mlci.config.{each.name}") for each in iter_modules(mlci.config.__path__)]
    parts = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and is_dataclass(value)
    }
    for module in modules:
        for name, value in {**parts, "MetricEntry": _METRIC_ENTRY}.items():
            vars(module).setdefault(name, value)


def _kind_of_entry(entry: Any) -> str:
    """Tell a condition from the limits of a number, so that a mistake in one is not told as one in the other."""
    return "when" if isinstance(entry, Mapping) and "changed" in entry else "limits"


_METRIC_ENTRY = Annotated[
    Annotated[When, Tag("when")] | Annotated[Limits, Tag("limits")], Discriminator(_kind_of_entry)
]


def _not_empty(document: Document) -> Document:
    if document.value is None:
        raise ConfigError([_at(document, (), "is empty", "It needs `version: 1` and at least one gate.")])
    if not isinstance(document.value, dict):
        raise ConfigError([_at(document, (), "must be a mapping (name: value)", "")])
    return document


def _at(document: Document, key: Key, what: str, fix: str) -> UsageError:
    return UsageError(what, where=document.where(*key), key=dotted(key), fix=fix)


def _problems(error: ValidationError, document: Document) -> list[UsageError]:
    found: dict[Key, list[str]] = {}
    for item in error.errors(include_url=False, include_context=True):
        key = _real_key(item["loc"], document.value, missing=item["type"] == "missing")
        says = _literal(item) or _SAYS.get(item["type"]) or item["msg"].lower()
        found.setdefault(key, [])
        if says not in found[key]:
            found[key].append(says)
    meant = {key: says for key, says in found.items() if not _other_branch(key, says, found)}
    return [
        _problem(document, key, says) for key, says in sorted(meant.items(), key=lambda pair: _line(document, pair))
    ]


def _other_branch(key: Key, says: list[str], found: Mapping[Key, list[str]]) -> bool:
    """Whether a mistake is only that a mapping or a list, which has mistakes of its own, is of another kind."""
    inside = any(len(other) > len(key) and other[: len(key)] == key for other in found)
    return inside and says in (["must be a text"], ["must be a list"], ["must be true or false"])


def _line(document: Document, pair: tuple[Key, list[str]]) -> tuple[int, str]:
    return document.where(*pair[0]).line or 0, dotted(pair[0])


def _problem(document: Document, key: Key, says: list[str]) -> UsageError:
    if "unknown key" in says and key:
        return _at(document, key, "unknown key", did_you_mean(str(key[-1]), _known_beside(key)) or _known_list(key))
    return _at(document, key, " or ".join(_merge(says)), "")


def _merge(says: list[str]) -> list[str]:
    first, *rest = says
    return [first, *(text.removeprefix("must be ") for text in rest)]


def _literal(item: Any) -> str | None:
    if item["type"] != "literal_error":
        return None
    return f"must be {item['ctx']['expected'].replace(chr(39), chr(34))}"


def _real_key(loc: tuple[str | int, ...], value: Any, *, missing: bool) -> Key:
    """Leave out of a location what names a branch of a union and is no key of the document."""
    key: list[str | int] = []
    for index, part in enumerate(loc):
        inside = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if inside:
            key.append(part)
            value = value[part]
        elif missing and index == len(loc) - 1:
            key.append(part)
    return tuple(key)


def _known_beside(key: Key) -> list[str]:
    return [name.replace("_", "-") for name in _attributes(Config, key[:-1])]


def _known_list(key: Key) -> str:
    return f"Known here: {', '.join(_known_beside(key))}."


def _attributes(kind: Any, key: Key) -> Iterator[str]:
    """Give the names of the attributes that stand at `key` below the dataclass `kind`."""
    from typing import get_args, get_origin, get_type_hints

    if not is_dataclass(kind):
        inner = [argument for argument in get_args(kind) if argument not in (str, type(None), ...)]
        if inner:
            yield from _attributes(inner[-1], key[1:] if _is_mapping(kind) or get_origin(kind) is tuple else key)
        return
    if not key:
        yield from (attribute.name for attribute in fields(kind))
        return
    hints = get_type_hints(kind)
    name = str(key[0]).replace("-", "_")
    if name in hints:
        yield from _attributes(hints[name], key[1:])


def _is_mapping(kind: Any) -> bool:
    from typing import get_origin

    return get_origin(kind) is Mapping or getattr(get_origin(kind), "__name__", "") == "Mapping"
