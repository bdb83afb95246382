"""Rules that may be written short: a switch or a text in place of a part, and slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci.config.diff import Diff
from mlci.config.inference import SizeLimits
from mlci.rules.kinds.lists import more
from mlci.rules.kinds.parts import part
from mlci.rules.kinds.values import other
from mlci.rules.spots import InForce, Spot, kind


@kind
def difference(before: Any, after: Any, spot: Spot) -> InForce:
    """What of a difference is allowed: a part, or whether it is looked at."""
    judged = part(_diff(before), _diff(after), spot)
    return InForce(False if judged.value is None else judged.value, judged.changes)


def _diff(value: Any) -> Diff | None:
    return value if isinstance(value, Diff) else Diff() if value else None


@kind
def size(before: str | SizeLimits | None, after: str | SizeLimits | None, spot: Spot) -> InForce:
    """The most bytes of something: a part, or its `max`."""
    return part(_size(before), _size(after), spot)


def _size(value: str | SizeLimits | None) -> SizeLimits | None:
    return SizeLimits(max=value) if isinstance(value, str) else value


@kind
def slices(before: Mapping[str, Any], after: Mapping[str, Any], spot: Spot) -> InForce:
    """Parts of the examples: one that is gone or chosen otherwise loosens; of `by`, a column that is gone."""
    value, changes = dict(after), []
    for name, old in before.items():
        at = spot.inside(name)
        if name not in after:
            value[name] = old
            changes.append(at.change("deleted", old, None))
            continue
        judged = more(old, after[name], at) if name == "by" else other(old, after[name], at)
        value[name] = judged.value
        changes += judged.changes
    changes += [spot.inside(name).change("added", None, after[name]) for name in after if name not in before]
    return InForce(value, tuple(changes))
