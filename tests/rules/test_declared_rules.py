"""Every key of the configuration says what it is to the rules of a change."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import get_args, get_type_hints

import pytest

from mlci.config.check import adapter
from mlci.config.common import rules_of
from mlci.config.model import Config
from mlci.rules.files import FILES
from mlci.rules.spots import KINDS

WHOLE = ("binding", "source", "other", "shown")
"""Kinds that compare a value as a whole, whatever it is made of."""


def _dataclasses(kind):
    if is_dataclass(kind):
        return [kind]
    return [found for argument in get_args(kind) for found in _dataclasses(argument)]


@cache
def _parts():
    adapter()
    waiting, seen = [Config], {}
    while waiting:
        part = waiting.pop()
        if part.__name__ not in seen:
            seen[part.__name__] = part
            kinds, hints = rules_of(part), get_type_hints(part)
            looked_into = [hints[each.name] for each in fields(part) if kinds.get(each.name) not in WHOLE]
            waiting += [found for hint in looked_into for found in _dataclasses(hint)]
    return seen


def test_every_key_declares_its_kind():
    undeclared = {
        f"{name}.{each.name}"
        for name, part in _parts().items()
        for each in fields(part)
        if each.name not in rules_of(part)
    }
    assert not undeclared, (
        f"add these keys to `__rules__` of their class, with a kind of mlci/rules/kinds: {undeclared}"
    )


def test_every_declared_key_and_kind_is_there():
    for part in _parts().values():
        assert set(rules_of(part)) == {each.name for each in fields(part)}
        assert {kind for kind in rules_of(part).values() if kind not in KINDS} == set()


def test_no_key_is_declared_twice():
    from mlci.config.common import ruled

    with pytest.raises(ValueError, match="min is declared twice"):
        ruled(higher="min", lower="max min")


def test_the_files_that_are_rules():
    assert list(FILES) == ["conftest", "coverage_configuration", "pytest_configuration"]
