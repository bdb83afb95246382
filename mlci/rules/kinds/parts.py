"""Rules that have rules inside: parts of the configuration, mappings of them by name, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from mlci.config.common import rules_of
from mlci.config.when import WHEN, When
from mlci.results.rules import RuleChange
from mlci.rules.equality import same
from mlci.rules.spots import KINDS, InForce, Spot, kind


@kind
def part(before: Any, after: Any, spot: Spot) -> InForce:
    """A part of the configuration, or several by name: each of its keys has a kind of its own.

    What is gone stays in force, and what is new is in force at once.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _by_name(before, after, spot, keep=True)
    if before is None or after is None:
        return _come_or_gone(before, after, spot, keep=True)
    return inside(before, after, spot)


@kind
def subject(before: Any, after: Any, spot: Spot) -> InForce:
    """A part that is looked at with files of its own: where it is gone, it cannot be looked at any more."""
    if before is None or after is None:
        return _come_or_gone(before, after, spot, keep=False)
    return inside(before, after, spot)


@kind
def subjects(before: Any, after: Any, spot: Spot) -> InForce:
    """Parts by name, each with files of its own; one that is called otherwise now is known by where it comes from."""
    names = renamed(before, after, spot)
    then = {names.get(name, name): value for name, value in before.items()}
    found = _by_name(then, after, spot, keep=False)
    told = [
        replace(spot.inside(new), name=f"the name of {spot.inside(old).what}").change("binding", old, new)
        for old, new in names.items()
    ]
    return InForce(found.value, (*found.changes, *told))


@kind
def parts(before: Any, after: Any, spot: Spot) -> InForce:
    """A list of parts, each known by what it names."""
    then, now = _listed(before), _listed(after)
    value, changes = list(now), []
    left = list(enumerate(now))
    for old in then:
        found = next((at for at, (_, new) in enumerate(left) if _identity(new) == _identity(old)), None)
        if found is None:
            value.append(old)
            changes.append(spot.change("deleted", old, None))
            continue
        place, new = left.pop(found)
        judged = inside(old, new, spot.inside(place))
        value[place] = judged.value
        changes += judged.changes
    changes += [spot.inside(at).change("added", None, new) for at, new in left]
    return InForce(tuple(value), tuple(changes))


def inside(before: Any, after: Any, spot: Spot) -> InForce:
    """Compare two values of one part of the configuration, key by key."""
    if isinstance(after, Mapping):
        return _by_name(before, after, spot, keep=True)
    kinds, value = rules_of(type(after)), {}
    changes: list[RuleChange] = []
    for each in fields(after):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if not old and not new and old == new:  # nothing is said on either side: what compares it need not be loaded
            continue
        judged = KINDS[kinds.get(each.name, "other")](old, new, spot.inside(each.name.replace("_", "-")))
        value[each.name] = judged.value
        changes += judged.changes
    return InForce(replace(after, **value), tuple(changes))


def _by_name(before: Mapping[str, Any], after: Mapping[str, Any], spot: Spot, *, keep: bool) -> InForce:
    if any(isinstance(each, When) for each in (before.get(WHEN), after.get(WHEN))):  # it may stand among numbers
        return _with_condition(before, after, spot, keep=keep)
    value, changes = dict(after), list[RuleChange]()
    for name, old in before.items():
        at = spot.inside(name)
        judged = inside(old, after[name], at) if name in after else _come_or_gone(old, None, at, keep=keep)
        if judged.value is not None:
            value[name] = judged.value
        changes += judged.changes
    new = [name for name in after if name not in before]
    changes += [spot.inside(name).change("added", None, after[name]) for name in new]
    return InForce(value, tuple(changes))


def _with_condition(before: Mapping[str, Any], after: Mapping[str, Any], spot: Spot, *, keep: bool) -> InForce:
    then, now = ({name: each for name, each in side.items() if name != WHEN} for side in (before, after))
    judged = _by_name(then, now, spot, keep=keep)
    condition = KINDS["condition"](before.get(WHEN), after.get(WHEN), spot.inside(WHEN))
    held = {} if condition.value is None else {WHEN: condition.value}
    return InForce({**held, **judged.value}, (*condition.changes, *judged.changes))


def _come_or_gone(before: Any, after: Any, spot: Spot, *, keep: bool) -> InForce:
    if before is None:
        return InForce(after, () if after is None else (spot.change("added", None, after),))
    return InForce(before if keep else None, (spot.change("deleted", before, None),))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else () if value is None else (value,)


def _identity(value: Any) -> list[Any]:
    names = [name for name, rule in rules_of(type(value)).items() if rule == "named"]
    return [getattr(value, name) for name in names]


def renamed(before: Mapping[str, Any], after: Mapping[str, Any], spot: Spot) -> dict[str, str]:
    """Return the new names of those that are gone under their old one: one that is new comes from the same place."""
    new = [name for name in after if name not in before]
    found: dict[str, str] = {}
    for name in before:
        if name not in after:
            same_source = [other for other in new if _is_same(name, before[name], other, after[other], spot)]
            known = max(same_source, key=lambda other: _alike(before[name], after[other]), default=None)
            if known is not None:
                new.remove(known)
                found[name] = known
    return found


def _alike(before: Any, after: Any) -> int:
    """Return how many keys of two parts say the same: of several from one source, the likest is the one."""
    return 0 if isinstance(after, Mapping) else sum(_same(before, after, each.name) for each in fields(after))


def _same(before: Any, after: Any, name: str) -> bool:
    return bool(getattr(before, name) == getattr(after, name))


def _is_same(old: str, before: Any, new: str, after: Any, spot: Spot) -> bool:
    """Whether an entry of another name is the same: of parts their sources say it, of files git does."""
    if isinstance(after, Mapping):
        return spot.sides.same_place(old, new)
    sources = [name for name, rule in rules_of(type(after)).items() if rule == "source"]
    given = [(getattr(before, name), getattr(after, name)) for name in sources]
    return all(_same_source(one, other, spot) for one, other in given) and any(other for _, other in given)


def _same_source(before: Any, after: Any, spot: Spot) -> bool:
    if same(before, after):
        return True
    names = list(_names(before)), list(_names(after))
    return len(names[0]) == len(names[1]) > 0 and all(map(spot.sides.same_place, *names))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, (list, tuple)):
        yield from (each for each in value if isinstance(each, str))
