"""Rules that are lists of names or mappings of plain values: whether more or fewer entries are stricter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlci.rules.equality import same
from mlci.rules.kinds.values import higher
from mlci.rules.spots import InForce, Spot, kind

Entries = dict[Any, Any]


@kind
def more(before: Any, after: Any, spot: Spot) -> InForce:
    """Entries that each ask for something: an entry that is gone or changed loosens, a new one tightens."""
    then, now = _entries(before), _entries(after)
    if all(name in now and same(value, now[name]) for name, value in then.items()):
        return _grown(then, now, spot, (before, after))
    return InForce(before, (spot.change("loosened", before, after),))


@kind
def fewer(before: Any, after: Any, spot: Spot) -> InForce:
    """Entries that are each let off something: a new one loosens, one that is gone tightens."""
    then, now = _entries(before), _entries(after)
    if all(name in then and same(then[name], value) for name, value in now.items()):
        return _grown(then, now, spot, (before, after))
    return InForce(before, (spot.change("loosened", before, after),))


@kind
def higher_each(before: Mapping[str, float], after: Mapping[str, float], spot: Spot) -> InForce:
    """Numbers by name, each of which a larger one is stricter for and all of which hold."""
    judged = {
        name: higher(before.get(name), after.get(name), spot.inside(name)) for name in dict.fromkeys((*before, *after))
    }
    value = {name: one.value for name, one in judged.items() if one.value is not None}
    return InForce(value, tuple(change for one in judged.values() for change in one.changes))


def _grown(then: Entries, now: Entries, spot: Spot, written: tuple[Any, Any]) -> InForce:
    if then.keys() == now.keys():
        return InForce(written[1])
    return InForce(written[1], (spot.change("tightened", *written),))


def _entries(value: Any) -> Entries:
    if isinstance(value, Mapping):
        return dict(value)
    if value is None:
        return {}
    listed = value if isinstance(value, (list, tuple)) else (value,)
    return {json.dumps(each, sort_keys=True, default=str): each for each in listed}
