"""Compare the rules of both sides of a change, and say which of them are in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mlci.config.load import Loaded
from mlci.results.rules import LOOSE, RuleChange
from mlci.rules.files import FILES
from mlci.rules.kinds.parts import inside
from mlci.rules.sides import Sides
from mlci.rules.spots import Spot

_ORDER = (*LOOSE, "tightened", "added", "binding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What a change does to the rules, and the configuration with the stricter of both wherever it can be told."""

    changes: tuple[RuleChange, ...]
    strict: Loaded


def compare(sides: Sides) -> Compared:
    """Return what changed, the looser first, and the configuration in force while nobody lets that pass."""
    judged = inside(sides.base.config, sides.head.config, Spot(key=(), sides=sides))
    changes = (*judged.changes, *_files(sides))
    ordered = sorted(dict.fromkeys(changes), key=lambda change: _ORDER.index(change.kind))
    return Compared(changes=tuple(ordered), strict=_valid(replace(sides.head.loaded, config=judged.value), sides))


def _files(sides: Sides) -> Iterator[RuleChange]:
    for name in FILES:
        yield from FILES[name](sides)


def _valid(strict: Loaded, sides: Sides) -> Loaded:
    """Return the configuration, or the head's own where the rules of both do not go together."""
    from mlci.config.rules import problems

    if strict.config == sides.head.config or any(problems(strict.config)):
        return sides.head.loaded
    return strict
