"""JSON Schema: what is allowed, what is not, and what is refused as unknown."""

import pytest

from mlci.expectations.columns import CannotJudge
from mlci.expectations.json_schema import Schema

CASES = [
    ({}, [None, 1, "a", []], []),
    (True, [1], []),
    (False, [], [1]),
    ({"type": "integer"}, [1, 1.0], [1.5, "1", True, None]),
    ({"type": ["number", "null"]}, [1.5, None], [True, "a"]),
    ({"enum": [1, "a", [1]]}, [1, 1.0, "a", [1]], [True, 2, [True]]),
    ({"const": {"a": 1}}, [{"a": 1}], [{"a": True}, {}]),
    ({"minimum": 1, "exclusiveMaximum": 3}, [1, 2.9, "x"], [0, 3]),
    ({"multipleOf": 0.1}, [0.3, 1], [0.25]),
    ({"minLength": 2, "maxLength": 3, "pattern": "^a"}, ["ab", "abc", 1], ["a", "abcd", "ba"]),
    ({"properties": {"a": {"type": "integer"}}, "required": ["a"]}, [{"a": 1, "b": 2}, 3], [{}, {"a": "x"}]),
    ({"properties": {"a": {}}, "additionalProperties": False}, [{"a": 1}, {}], [{"b": 1}]),
    (
        {"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": {"type": "null"}},
        [{"x1": "a", "y": None}],
        [{"x1": 1}, {"y": 1}],
    ),
    ({"items": {"type": "string"}, "minItems": 1, "uniqueItems": True}, [["a", "b"]], [[], ["a", "a"], [1]]),
    ({"prefixItems": [{"type": "integer"}], "items": False}, [[1], []], [["a"], [1, 2]]),
    ({"items": [{"type": "integer"}], "additionalItems": False}, [[1]], [[1, 2]]),
    ({"contains": {"const": 1}, "maxContains": 1}, [[1, 2]], [[2], [1, 1]]),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1], [3]),
    ({"anyOf": [{"type": "string"}, {"minimum": 5}]}, ["a", 6], [1]),
    ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, [0, 3], [1.5]),
    ({"not": {"type": "string"}}, [1], ["a"]),
    ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 0}}, ["ab", 1], ["a", -1]),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}, [[], [[]]], [[1]]),
    ({"propertyNames": {"pattern": "^a"}, "minProperties": 1}, [{"ab": 1}], [{}, {"b": 1}]),
    ({"dependentRequired": {"a": ["b"]}}, [{"a": 1, "b": 1}, {}], [{"a": 1}]),
    ({"title": "t", "format": "date", "default": 1}, ["nothing"], []),
]


@pytest.mark.parametrize(("schema", "allowed", "refused"), CASES)
def test_values(schema, allowed, refused):
    understood = Schema(schema)
    assert [value for value in allowed if not understood.allows(value)] == []
    assert [value for value in refused if understood.allows(value)] == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"minimun": 1}, 'did you mean "minimum"?'),
        ({"properties": {"a": {"typ": "string"}}}, 'did you mean "type"?'),
        ({"items": 3}, "a JSON Schema is a mapping"),
    ],
)
def test_schemas_that_are_not_understood(schema, problem):
    with pytest.raises(CannotJudge, match=problem.replace("?", r"\?")):
        Schema(schema)


def test_references_outside_and_to_nothing():
    with pytest.raises(CannotJudge, match="outside"):
        Schema({"$ref": "other.json"}).allows(1)
    with pytest.raises(CannotJudge, match="has no"):
        Schema({"$ref": "#/$defs/a"}).allows(1)
