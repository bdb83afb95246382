"""Rules that are one value: numbers, spans of time, sizes, severities, switches, and what only names something."""

from __future__ import annotations

from typing import Any

from mlci.rules.amounts import compared
from mlci.rules.equality import same
from mlci.rules.spots import InForce, Spot, kind

_REQUIREMENTS = ("no-regression", "non-inferiority")


@kind
def higher(before: Any, after: Any, spot: Spot) -> InForce:
    """A number of which a larger one is stricter; none asks for nothing."""
    return _ordered(before, after, spot, stricter=1)


@kind
def lower(before: Any, after: Any, spot: Spot) -> InForce:
    """A number, a size or a span of time of which a smaller one is stricter; none asks for nothing."""
    return _ordered(before, after, spot, stricter=-1)


@kind
def earlier(before: Any, after: Any, spot: Spot) -> InForce:
    """A day, written as in ISO 8601, of which an earlier one is stricter."""
    return _told(before, after, spot, loose=str(after) > str(before))


@kind
def severity(before: Any, after: Any, spot: Spot) -> InForce:
    """`error` is stricter than `warning`."""
    return _told(before, after, spot, loose=after != "error")


@kind
def allows(before: Any, after: Any, spot: Spot) -> InForce:
    """A switch that lets something pass."""
    return _told(before, after, spot, loose=bool(after))


@kind
def demands(before: Any, after: Any, spot: Spot) -> InForce:
    """A switch that asks for more."""
    return _told(before, after, spot, loose=not after)


@kind
def requirement(before: Any, after: Any, spot: Spot) -> InForce:
    """What is asked of limits on a drop: `non-inferiority` is stricter; a model asks for what `baseline` does."""
    usual = [side.config.baseline for side in (spot.sides.base, spot.sides.head)]
    asked = [
        value or (baseline.require if baseline else _REQUIREMENTS[0])
        for value, baseline in zip((before, after), usual, strict=True)
    ]
    if asked[0] == asked[1]:
        return InForce(after)
    return _told(before, after, spot, loose=_REQUIREMENTS.index(asked[1]) < _REQUIREMENTS.index(asked[0]))


@kind
def pinned(before: Any, after: Any, spot: Spot) -> InForce:
    """Something that may be pinned: pinning it is stricter, and of another pin nobody can tell."""
    return _told(before, after, spot, loose=before is not None)


@kind
def other(before: Any, after: Any, spot: Spot) -> InForce:
    """A rule that has no order: any change may loosen it."""
    return _told(before, after, spot, loose=True)


@kind
def binding(before: Any, after: Any, spot: Spot) -> InForce:
    """What rules are applied to: the change's own, and listed."""
    if same(before, after):
        return InForce(after)
    return InForce(after, (spot.change("binding", before, after),))


@kind
def seeds(before: Any, after: Any, spot: Spot) -> InForce:
    """Seeds of several runs, or how many: fewer of them loosen, and others are a binding."""
    then, now = (each if isinstance(each, int) else len(each or ()) for each in (before, after))
    if now < then:
        return InForce(before, (spot.change("loosened", before, after),))
    return binding(before, after, spot)


@kind
def source(before: Any, after: Any, spot: Spot) -> InForce:
    """Where data or a model comes from: a binding by which an asset or a model is known again under another name."""
    return binding(before, after, spot)


@kind
def project_name(before: str | None, after: str | None, spot: Spot) -> InForce:
    """What baselines are kept under: a name, or the folder, which is given as the name where there are several."""
    root = spot.sides.head.loaded.root
    folders = {"/".join(root.parts[-depth:]) for depth in range(1, len(root.parts))}
    if before is None and after in folders:
        return InForce(after)
    return other(before, after, spot)


@kind
def shown(_before: Any, after: Any, _spot: Spot) -> InForce:
    """What changes no verdict."""
    return InForce(after)


@kind
def named(_before: Any, after: Any, _spot: Spot) -> InForce:
    """What an entry of a list is known by."""
    return InForce(after)


def _told(before: Any, after: Any, spot: Spot, *, loose: bool) -> InForce:
    if same(before, after):
        return InForce(after)
    if loose:
        return InForce(before, (spot.change("loosened", before, after),))
    return InForce(after, (spot.change("tightened", before, after),))


def _ordered(before: Any, after: Any, spot: Spot, *, stricter: int) -> InForce:
    if same(before, after):
        return InForce(after)
    if after is None:
        return InForce(before, (spot.change("deleted", before, after),))
    if before is None:
        return InForce(after, (spot.change("added", before, after),))
    order = compared(before, after)
    if order == 0:
        return InForce(after)
    return _told(before, after, spot, loose=order != stricter)
