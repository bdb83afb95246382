"""The baseline: where it is kept, and what is kept in git itself."""

from __future__ import annotations

from collections.abc import Iterator

from mlci.config.baselines import Baseline
from mlci.documents import read
from mlci.errors import UsageError, Where
from mlci.results.rules import RuleChange
from mlci.rules.equality import same
from mlci.rules.kinds.parts import part
from mlci.rules.spots import InForce, Spot, kind


@kind
def baseline(before: Baseline | None, after: Baseline | None, spot: Spot) -> InForce:
    """Where the numbers to compare with come from; files with them that are committed are edited by maintainers."""
    judged = part(before, after, spot)
    edited = [] if before is None else [change for name in _files(before) for change in _edited(name, spot)]
    return InForce(judged.value, (*judged.changes, *edited))


def _files(settings: Baseline) -> Iterator[str]:
    if "file" in settings.stores:
        yield settings.path
    if settings.anchor is not None and settings.anchor.endswith(".json"):
        yield settings.anchor


def _edited(name: str, spot: Spot) -> Iterator[RuleChange]:
    old, new = spot.sides.base.read(name), spot.sides.head.read(name)
    if old is None or old == new:
        return
    if new is None:
        yield RuleChange(kind="deleted", what=name, where=spot.where)
    elif not _says_the_same(old, new, name):
        yield RuleChange(kind="edited", what=name, where=Where(path=name))


def _says_the_same(old: bytes, new: bytes, name: str) -> bool:
    try:
        return same(read(old, name).value, read(new, name).value)
    except UsageError:
        return False
