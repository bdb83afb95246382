"""Behaviour suites of a model: their tests, and the word lists that cases are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci.config.when import BehaviourSuite, When
from mlci.errors import UsageError
from mlci.model.behaviour.document import Document, parse_document
from mlci.results.rules import RuleChange
from mlci.rules.equality import same
from mlci.rules.kinds.lists import more
from mlci.rules.kinds.values import demands, lower, other, severity
from mlci.rules.rows import compare_rows
from mlci.rules.sides import Side
from mlci.rules.spots import KINDS, InForce, Judge, Spot, kind

Listed = str | BehaviourSuite
_NAMES = frozenset({"name", "capability", "description", "version"})
_KEYS: Mapping[str, Judge] = {
    "max-failure-rate": lower,
    "max-success-rate": lower,
    "severity": severity,
    "examples": more,
    "templates": more,
    "template": more,
}
_DEFAULTS: Mapping[str, Any] = {"max-failure-rate": 0, "severity": "error", "remove-duplicates": False, "variants": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """One test of a suite as it is written."""

    document: Document
    at: int
    written: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.written.get("name"))

    @property
    def content(self) -> dict[str, Any]:
        """What it asks, whatever it is called."""
        return {key: value for key, value in self.written.items() if key not in _NAMES}


@kind
def behaviour_suites(before: Sequence[Listed], after: Sequence[Listed], spot: Spot) -> InForce:
    """Behaviour suites, looked at as one list of tests: one that is gone or looser loosens, a new one is in force."""
    then, now = _names(before, spot.sides.base), _names(after, spot.sides.head)
    old, new = list(_documents(then, spot.sides.base)), list(_documents(now, spot.sides.head))
    value, conditions = _conditions(before, after, spot)
    return InForce(value, (*_tests(old, new, spot), *_shared(old, new, spot), *conditions))


def _names(listed: Sequence[Listed], side: Side) -> tuple[str, ...]:
    """Return the suites in the order in which they are named; a suite that stands there twice counts once."""
    patterns = [each if isinstance(each, str) else each.suite for each in listed]
    return tuple(dict.fromkeys(name for pattern in patterns for name in side.matching(pattern)))


def _conditions(
    before: Sequence[Listed], after: Sequence[Listed], spot: Spot
) -> tuple[tuple[Listed, ...], list[RuleChange]]:
    """Return the suites with the conditions in force, and what changed of them."""
    then = {name: _when(each) for each in before for name in _names((each,), spot.sides.base)}
    moved = {spot.sides.follow(name) or name: when for name, when in then.items()}
    value, changes = list(after), list[RuleChange]()
    for at, each in enumerate(after):
        known = [moved[name] for name in _names((each,), spot.sides.head) if name in moved]
        judged = [KINDS["condition"](when, _when(each), spot.inside(at, "when")) for when in known]
        loose = next((one for one in judged if any(change.is_loose for change in one.changes)), None)
        told = loose or next(iter(judged), None)
        changes += told.changes if told else ()
        if loose:
            value[at] = BehaviourSuite(suite=each if isinstance(each, str) else each.suite, when=loose.value)
    return tuple(value), changes


def _when(listed: Listed) -> When | None:
    return None if isinstance(listed, str) else listed.when


def _documents(names: Sequence[str], side: Side) -> Iterator[Document]:
    for name in names:
        try:
            yield parse_document(side.read(name) or b"", shown=name)
        except UsageError:
            continue  # the model gate says what is wrong with it


def _tests(then: Sequence[Document], now: Sequence[Document], spot: Spot) -> Iterator[RuleChange]:
    new = list(_written(now))
    for test in _written(then):
        found = next((each for each in new if each.name == test.name), None) or _called_otherwise(test, new)
        if found is None:
            yield spot.inside(name=f"{test.document.path}: {test.name}").change("deleted", test.written, None)
            continue
        new.remove(found)
        yield from _test(test.content, found.content, _spot(found, spot))
    yield from (_spot(test, spot).change("added", None, test.written) for test in new)


def _called_otherwise(test: Test, new: Sequence[Test]) -> Test | None:
    return next((each for each in new if same(each.content, test.content)), None)


def _written(found: Sequence[Document]) -> Iterator[Test]:
    for document in found:
        content = document.content
        listed = content.get("tests") if isinstance(content, Mapping) else None
        for at, written in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(written, Mapping):
                yield Test(document=document, at=at, written=written)


def _spot(test: Test, spot: Spot) -> Spot:
    return spot.in_file(test.document, "tests", test.at, name=f"{test.document.path}: {test.name}")


def _test(before: Mapping[str, Any], after: Mapping[str, Any], spot: Spot) -> Iterator[RuleChange]:
    for key in dict.fromkeys((*before, *after)):
        judge = _KEYS.get(key, demands if key == "remove-duplicates" else other)
        old, new = (each.get(key, _DEFAULTS.get(key)) for each in (before, after))
        if key == "lexicons":
            yield from _lexicons(old, new, spot)
        else:
            yield from judge(old, new, spot.inside(key, name=f"{spot.name} {key}")).changes


def _shared(then: Sequence[Document], now: Sequence[Document], spot: Spot) -> Iterator[RuleChange]:
    """Yield what changed in that part of each suite that all of its tests share."""
    for old in then:
        name = spot.sides.follow(str(old.path))
        new = next((each for each in now if each.path == name), None)
        if new is not None and isinstance(old.content, Mapping) and isinstance(new.content, Mapping):
            at = spot.in_file(new, name=str(new.path))
            before, after = (each.content.get("seed") for each in (old, new))
            yield from other(before, after, at.inside("seed", name=f"{name}: seed")).changes
            yield from _lexicons(old.content.get("lexicons"), new.content.get("lexicons"), at)


def _lexicons(before: Any, after: Any, spot: Spot) -> Iterator[RuleChange]:
    """Yield what changed in lists of words: fewer words are fewer cases."""
    then, now = (each if isinstance(each, Mapping) else {} for each in (before, after))
    for name, old in then.items():
        at = spot.inside("lexicons", name, name=f"{spot.name}: lexicon {name}")
        yield from more(old, now.get(name), at).changes if name in now else (at.change("deleted", old, None),)
        if isinstance(old, Mapping) and isinstance(now.get(name), Mapping):
            yield from compare_rows(str(old.get("file")), str(now[name].get("file")), at)
