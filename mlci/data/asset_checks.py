"""Checks of an asset that are no expectations: each kind is a key of the asset and a function of its own.

A kind's function is given a `Subject` and yields checks; it is imported only where its key is set. What it raises
becomes an errored check of that kind alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlci.config.data import DataAsset
from mlci.data.unordered import UNORDERED
from mlci.errors import MlciError
from mlci.results.model import Check
from mlci.results.profile import Profile

if TYPE_CHECKING:
    from mlci.data.assets import Asset, Tables
    from mlci.data.batch import Batch
    from mlci.data.failing_rows import FailingRows

KINDS: Mapping[str, str] = {
    "drift": "mlci.data.drift.check:check",
    "freshness": "mlci.data.freshness:check",
    "images": "mlci.data.across.images:look",
    "same_columns_as": "mlci.data.across.columns:look",
    "foreign_keys": "mlci.data.across.foreign_keys:look",
    "no_overlap_with": "mlci.data.across.overlap:with_others",
    "no_overlap_between": "mlci.data.across.overlap:between_splits",
    "no_near_duplicates": "mlci.data.across.overlap:near_duplicates",
    "same_distribution_as": "mlci.data.across.distribution:look",
}
"""Attribute of `DataAsset`: the function (`module:function`) that looks at an asset where that key is set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a check of an asset is given."""

    asset: Asset
    """The asset: its settings, its place, and the run with the root, the git repository and the baseline."""
    batch: Batch
    """Its table, open."""
    rows: int
    """How many rows it has."""
    tables: Tables
    """The tables of all assets, by name."""
    failing_rows: FailingRows
    """What the checks of the asset say of its rows."""
    keep: Callable[[str, Profile], None]
    """Keeps a profile under a name, for a baseline."""

    def failing(self, part: str, rows: Iterable[int]) -> dict[str, Any]:
        """Put `rows` (numbers from 1) down as failing the check `data.<asset>.<part>`, which did not pass.

        They are written to the asset's CSV of failing rows with `part` as the reason. What is returned belongs into
        the check's `details`: the first of the rows, to which their lines and keys are added later.
        """
        found = self.failing_rows.add(part, rows)
        return found if self.batch.ordered or not found else {**found, "row_order": UNORDERED}


Kind = Callable[[Subject], Iterator[Check]]


def kinds_of(asset: DataAsset) -> tuple[str, ...]:
    """Return the attributes of `asset` that ask for a check of their own."""
    return tuple(name for name in KINDS if getattr(asset, name) or name == asset.format)


def look(subject: Subject) -> Iterator[Check]:
    """Yield the checks of every kind that the asset asks for."""
    from mlci.expectations.columns import CannotJudge

    for name in kinds_of(subject.asset.asset):
        module, _, function = KINDS[name].partition(":")
        kind: Kind = getattr(import_module(module), function)
        key = name.replace("_", "-")
        found: list[Check] = []
        try:
            found.extend(kind(subject))  # what it found before it failed stays
        except (MlciError, CannotJudge) as error:
            summary = f"`{key}` of {subject.asset.name} could not be checked"
            found.append(subject.asset.check(key, "errored", summary, str(error), subject.asset.where(key)))
        yield from found
