"""Conditions (`when:`): where one is not met, nothing is looked at, so a new or a narrower one loosens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlci.config.when import When
from mlci.locations import is_pattern
from mlci.results.rules import RuleChange
from mlci.rules.kinds.code import moved
from mlci.rules.sides import Side
from mlci.rules.spots import InForce, Spot, kind


@kind
def condition(before: When | None, after: When | None, spot: Spot) -> InForce:
    """The condition that something is looked at under; one that no file can meet any more loosens too."""
    if before is None or after is None:
        return _come_or_gone(before, after, spot)
    then = tuple(moved(pattern, spot) for pattern in before.changed)
    if before == after or _is_wider(then, after.changed):
        wider = (
            ()
            if after.changed in (then, before.changed)
            else (spot.change("tightened", before.changed, after.changed),)
        )
        return InForce(after, (*wider, *_dead(before, after, spot)))
    return InForce(before, (spot.change("loosened", before.changed, after.changed),))


@kind
def conditions(before: Mapping[str, When], after: Mapping[str, When], spot: Spot) -> InForce:
    """Conditions by name."""
    judged = {
        name: condition(before.get(name), after.get(name), spot.inside(name))
        for name in dict.fromkeys((*before, *after))
    }
    value = {name: one.value for name, one in judged.items() if one.value is not None}
    return InForce(value, tuple(change for one in judged.values() for change in one.changes))


def _come_or_gone(before: When | None, after: When | None, spot: Spot) -> InForce:
    if before is None and after is None:
        return InForce(None)
    if before is None:
        return InForce(None, (spot.change("loosened", None, after),))
    return InForce(None, (spot.change("tightened", before, None),))


def _is_wider(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether whatever met the one condition meets the other: patterns may have come that take nothing out."""
    if tuple(before) == tuple(after):
        return True
    kept = tuple(pattern for pattern in after if pattern in before)
    new = [pattern for pattern in after if pattern not in before]
    gone = [pattern for pattern in before if pattern not in after]
    in_order = kept == tuple(pattern for pattern in before if pattern in after)
    return in_order and all(each.startswith("!") for each in gone) and not any(each.startswith("!") for each in new)


def _dead(before: When, after: When, spot: Spot) -> tuple[RuleChange, ...]:
    """Return a change where files of the base met the condition and none of the head can."""
    if not _matches(before, spot.sides.base) or _matches(after, spot.sides.head):
        return ()
    told = spot.inside(name=f"{spot.what}: no file that could meet it is left")
    return (told.change("loosened", before.changed, after.changed),)


def _matches(when: When, side: Side) -> bool:
    return any(_stands_for_some(pattern, side) for pattern in when.changed if not pattern.startswith("!"))


def _stands_for_some(pattern: str, side: Side) -> bool:
    patterns = (pattern,) if is_pattern(pattern) else (pattern, f"{pattern.rstrip('/')}/**/*")
    return any(side.matching(each) for each in patterns)
