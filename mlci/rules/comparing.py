"""Compare the rules of both sides of a change, and say which of them are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mlci.config.common import rules_of
from mlci.config.load import Loaded
from mlci.places import dotted
from mlci.results.rules import LOOSE, RuleChange
from mlci.rules.files import FILES
from mlci.rules.kinds.parts import inside, renamed, subjects
from mlci.rules.sides import Sides
from mlci.rules.spots import Spot

_ORDER = (*LOOSE, "tightened", "added", "binding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What a change does to the rules, and the configuration with the stricter of both wherever it can be told."""

    changes: tuple[RuleChange, ...]
    strict: Loaded
    renamed: Mapping[str, str]
    """Parts that are called otherwise and come from the same place, with their section: `model.a` to `model.b`."""


def compare(sides: Sides) -> Compared:
    """Return what changed, the looser first, and the configuration in force while nobody lets that pass."""
    judged = inside(sides.base.config, sides.head.config, Spot(key=(), sides=sides))
    changes = (*judged.changes, *_files(sides))
    ordered = sorted(dict.fromkeys(changes), key=lambda change: _ORDER.index(change.kind))
    strict = _valid(replace(sides.head.loaded, config=judged.value), sides)
    return Compared(changes=tuple(ordered), strict=strict, renamed=_renamed(sides))


def _renamed(sides: Sides) -> dict[str, str]:
    before, after, spot = sides.base.config, sides.head.config, Spot(key=(), sides=sides)
    sections = [name for name, rule in rules_of(type(after)).items() if rule == subjects.__name__]
    return {
        dotted((section, old)): dotted((section, new))
        for section in sections
        for old, new in renamed(getattr(before, section), getattr(after, section), spot.inside(section)).items()
    }


def _files(sides: Sides) -> Iterator[RuleChange]:
    for name in FILES:
        yield from FILES[name](sides)


def _valid(strict: Loaded, sides: Sides) -> Loaded:
    """Return the configuration, or the head's own where the rules of both do not go together."""
    from mlci.config.rules import problems

    if strict.config == sides.head.config or any(problems(strict.config)):
        return sides.head.loaded
    return strict
