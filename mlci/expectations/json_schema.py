"""Checking values against a JSON Schema: the validation keywords of draft 2020-12 and of the drafts before it.

`format`, `default`, titles and other annotations say nothing about validity. A keyword that is not known is refused
where the schema is read: it would otherwise be a rule that is silently not applied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from mlci.errors import did_you_mean
from mlci.expectations.columns import CannotJudge

_ANNOTATIONS = frozenset(
    "$schema $id id $comment $defs definitions title description default examples format readOnly writeOnly deprecated "
    "contentEncoding contentMediaType $anchor then else minContains maxContains additionalItems".split()
)
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("additionalProperties", "items", "not", "if", "then", "else", "contains", "propertyNames", "additionalItems")


class Schema:
    """A JSON Schema that is understood."""

    def __init__(self, schema: Any) -> None:
        self.root = schema
        self._understood(schema)

    def allows(self, value: Any) -> bool:
        """Whether `value`, as parsed from JSON, follows the schema."""
        return self._valid(self.root, value)

    def _understood(self, schema: Any) -> None:
        if isinstance(schema, bool):
            return
        if not isinstance(schema, Mapping):
            raise CannotJudge(f"a JSON Schema is a mapping, not {schema!r}")
        known = {*_RULES, *_ANNOTATIONS, "$ref"}
        for name in schema:
            if name not in known:
                raise CannotJudge(
                    f'the JSON Schema keyword "{name}" is not known; {did_you_mean(name, known)}'.rstrip("; ")
                )
        inner = [part for key in _MAPS for part in schema.get(key, {}).values()]
        inner += [part for key in _LISTS for part in schema.get(key, [])]
        for key in _SINGLE:
            part = schema.get(key)
            inner += part if isinstance(part, list) else [] if part is None else [part]
        for part in inner:
            self._understood(part)

    def _valid(self, schema: Any, value: Any) -> bool:
        if isinstance(schema, bool):
            return schema
        if "$ref" in schema and not self._valid(self._referred(schema["$ref"]), value):
            return False
        return all(_RULES[name](self, rule, value, schema) for name, rule in schema.items() if name in _RULES)

    def _referred(self, reference: str) -> Any:
        found = self.root
        if not reference.startswith("#"):
            raise CannotJudge(f'the JSON Schema refers to "{reference}", which is outside it')
        for part in filter(None, reference[1:].split("/")):
            name = part.replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(name)] if isinstance(found, list) else found[name]
            except (KeyError, IndexError, ValueError) as error:
                raise CannotJudge(f'the JSON Schema has no "{reference}"') from error
        return found

    def properties(self, _rule: Any, value: Any, schema: Mapping[str, Any]) -> bool:
        """Apply properties, patternProperties and additionalProperties, which depend on each other."""
        if not isinstance(value, dict):
            return True
        named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, each in value.items():
            rules = [named[name]] if name in named else []
            rules += [rule for pattern, rule in patterns.items() if re.search(pattern, name)]
            if not all(self._valid(rule, each) for rule in rules or [schema.get("additionalProperties", True)]):
                return False
        return True

    def items(self, _rule: Any, value: Any, schema: Mapping[str, Any]) -> bool:
        """Apply prefixItems and items, or the older list of items with additionalItems."""
        if not isinstance(value, list):
            return True
        items = schema.get("items", True)
        first = items if isinstance(items, list) else schema.get("prefixItems", [])
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        rules = [*first, *[rest] * (len(value) - len(first))]
        return all(self._valid(rule, each) for rule, each in zip(rules, value, strict=False))

    def contains(self, rule: Any, value: Any, schema: Mapping[str, Any]) -> bool:
        """Apply contains with minContains and maxContains."""
        if not isinstance(value, list):
            return True
        count = sum(self._valid(rule, each) for each in value)
        return bool(schema.get("minContains", 1) <= count <= schema.get("maxContains", math.inf))

    def conditional(self, rule: Any, value: Any, schema: Mapping[str, Any]) -> bool:
        """Apply if, then and else."""
        return self._valid(schema.get("then" if self._valid(rule, value) else "else", True), value)

    def all_of(self, rule: Any, value: Any, _schema: Any) -> bool:
        """Apply allOf."""
        return all(self._valid(each, value) for each in rule)

    def any_of(self, rule: Any, value: Any, _schema: Any) -> bool:
        """Apply anyOf."""
        return any(self._valid(each, value) for each in rule)

    def one_of(self, rule: Any, value: Any, _schema: Any) -> bool:
        """Apply oneOf."""
        return sum(self._valid(each, value) for each in rule) == 1

    def none_of(self, rule: Any, value: Any, _schema: Any) -> bool:
        """Apply not."""
        return not self._valid(rule, value)

    def names(self, rule: Any, value: Any, _schema: Any) -> bool:
        """Apply propertyNames."""
        return not isinstance(value, dict) or all(self._valid(rule, name) for name in value)

    def dependent(self, rule: Any, value: Any, _schema: Any) -> bool:
        """Apply dependentSchemas."""
        return not isinstance(value, dict) or all(
            self._valid(each, value) for name, each in rule.items() if name in value
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


def _types(_schema: Schema, rule: Any, value: Any, _beside: Any) -> bool:
    return any(_TYPES[name](value) for name in ([rule] if isinstance(rule, str) else rule))


def _unique(_schema: Schema, rule: Any, value: Any, _beside: Any) -> bool:
    if not rule or not isinstance(value, list):
        return True
    return not any(_same(left, right) for at, left in enumerate(value) for right in value[:at])


def _required_with(_schema: Schema, rule: Any, value: Any, _beside: Any) -> bool:
    return not isinstance(value, dict) or all(
        set(names) <= value.keys() for name, names in rule.items() if name in value
    )


def _multiple(_schema: Schema, rule: Any, value: Any, _beside: Any) -> bool:
    return not _is_number(value) or math.isclose(value / rule, round(value / rule), rel_tol=1e-12, abs_tol=1e-12)


def _of(kind: Callable[[Any], bool], holds: Callable[[Any, Any], bool]) -> Callable[[Schema, Any, Any, Any], bool]:
    """Return the rule that holds of values of one kind and says nothing about others."""
    return lambda _schema, rule, value, _beside: not kind(value) or holds(value, rule)


_text, _array, _object = _TYPES["string"], _TYPES["array"], _TYPES["object"]
_RULES: Mapping[str, Callable[[Schema, Any, Any, Any], bool]] = {
    "type": _types,
    "enum": lambda _schema, rule, value, _beside: any(_same(value, each) for each in rule),
    "const": lambda _schema, rule, value, _beside: _same(value, rule),
    "minimum": _of(_is_number, lambda value, rule: value >= rule),
    "maximum": _of(_is_number, lambda value, rule: value <= rule),
    "exclusiveMinimum": _of(_is_number, lambda value, rule: value > rule),
    "exclusiveMaximum": _of(_is_number, lambda value, rule: value < rule),
    "multipleOf": _multiple,
    "minLength": _of(_text, lambda value, rule: len(value) >= rule),
    "maxLength": _of(_text, lambda value, rule: len(value) <= rule),
    "pattern": _of(_text, lambda value, rule: re.search(rule, value) is not None),
    "minItems": _of(_array, lambda value, rule: len(value) >= rule),
    "maxItems": _of(_array, lambda value, rule: len(value) <= rule),
    "uniqueItems": _unique,
    "minProperties": _of(_object, lambda value, rule: len(value) >= rule),
    "maxProperties": _of(_object, lambda value, rule: len(value) <= rule),
    "required": _of(_object, lambda value, rule: set(rule) <= value.keys()),
    "dependentRequired": _required_with,
    "dependentSchemas": Schema.dependent,
    "properties": Schema.properties,
    "patternProperties": Schema.properties,
    "additionalProperties": Schema.properties,
    "propertyNames": Schema.names,
    "items": Schema.items,
    "prefixItems": Schema.items,
    "contains": Schema.contains,
    "allOf": Schema.all_of,
    "anyOf": Schema.any_of,
    "oneOf": Schema.one_of,
    "not": Schema.none_of,
    "if": Schema.conditional,
}
